"""Where webhooks may go: every way of writing a private address is refused, and the checked address is the one called."""

from __future__ import annotations

import pytest

from hutong.gateways.notices.addresses import resolve, target
from hutong.kernel.definition.faces import WebhookRules
from hutong.kernel.errors import Invalid

OPEN = WebhookRules(ports=(80, 443, 8443), plain_http=True)
INTRANET = WebhookRules(networks=("10.20.0.0/16", "fd00:1::/32"), ports=(443,))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.1.1", "100.100.100.200", "192.0.0.1", "192.0.2.5", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "192.88.99.1", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_of_the_inside_are_refused(address: str) -> None:
    with pytest.raises(Invalid) as caught:
        target("https://harmless.example/hook", OPEN, lambda host, port: [address])
    assert address not in str(caught.value), "the refusal must not map the inside"


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "114.114.114.114"])
def test_public_addresses_are_called(address: str) -> None:
    found = target("https://good.example/hook?x=1", OPEN, lambda host, port: [address])
    assert (found.address, found.host, found.port, found.path) == (address, "good.example", 443, "/hook?x=1")


def test_one_bad_address_among_good_ones_refuses_the_name() -> None:
    with pytest.raises(Invalid):
        target("https://mixed.example/", OPEN, lambda host, port: ["8.8.8.8", "10.0.0.1"])


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/", "http://0x7f000001/", "http://017700000001/", "http://0177.0.0.1/", "http://127.1/",
        "http://0x7f.1/", "http://127.0.0.1./", "http://[::1]/", "http://[::ffff:7f00:1]/", "http://localhost/",
        "http://127.0.0.1/",
    ],
)  # fmt: skip
def test_spellings_of_loopback_are_refused(url: str) -> None:
    """With the system's own resolver, which takes octal, hexadecimal and whole numbers for addresses."""
    with pytest.raises((Invalid, OSError)):
        target(url, OPEN, resolve)


@pytest.mark.parametrize(
    "url",
    [
        "", "ftp://good.example/", "file:///etc/passwd", "gopher://good.example/", "//good.example/", "good.example",
        "https://user:word@good.example/", "https://good.example:22/", "https://good.example:99999/", "https:///path",
        "https://good.example/\r\nX: y", "https://good example/", "https://good.example/" + "a" * 2001,
        "https://[::1", "https://-bad.example/", "https://good.example/\u4e2d", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_allowed_address(url: str) -> None:
    with pytest.raises(Invalid):
        target(url, OPEN, lambda host, port: ["8.8.8.8"])


def test_plain_http_only_where_the_city_says_so() -> None:
    with pytest.raises(Invalid, match="http is not allowed"):
        target("http://good.example/", WebhookRules(), lambda host, port: ["8.8.8.8"])


def test_a_network_of_the_city_is_reached_and_no_other() -> None:
    assert target("https://desk.gov.example/", INTRANET, lambda h, p: ["10.20.3.4"]).address == "10.20.3.4"
    assert target("https://desk.gov.example/", INTRANET, lambda h, p: ["fd00:1::5"]).address == "fd00:1::5"
    with pytest.raises(Invalid):
        target("https://desk.gov.example/", INTRANET, lambda h, p: ["10.21.3.4"])


def test_names_in_chinese_are_looked_up_in_their_ascii_form() -> None:
    asked = []
    target("https://市政.example/", OPEN, lambda host, port: asked.append(host) or ["8.8.8.8"])
    assert asked == ["xn--4qs30t.example"] or asked[0].startswith("xn--")
