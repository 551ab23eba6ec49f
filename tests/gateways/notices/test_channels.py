"""The channels against servers that play the other side: what is sent, and what each answer means."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl

import pytest
from tests.gateways.notices.servers import dripping, mail_sink, receiver

from hutong.gateways.notices.mail import Mail
from hutong.gateways.notices.posting import Guarded
from hutong.gateways.notices.sms import Sms
from hutong.kernel.definition.faces import MailServer, SmsPort, WebhookRules
from hutong.kernel.errors import Refused, Unavailable
from hutong.kernel.ports import Outgoing

MESSAGE = Outgoing(
    channel="sms", address="13800138000", text="已受理 310101", key="hutong-1-7", kind="progress"
)


def local(port: int, **more: object) -> WebhookRules:
    return WebhookRules(networks=("127.0.0.0/8",), ports=(port,), plain_http=True)


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def test_an_sms_is_posted_as_the_contract_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUTONG_SMS_KEY", "the-key")
    with receiver(202) as (got, url):
        Sms(SmsPort(url=f"{url}/send", signature="【小城】")).send(MESSAGE)
    path, headers, _ = got.got[0]
    assert path == "/send"
    assert headers["authorization"] == "Bearer the-key"
    assert headers["idempotency-key"] == "hutong-1-7"
    assert got.json == [{"id": "hutong-1-7", "to": "13800138000", "text": "【小城】已受理 310101"}]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (200, None),
        (409, None),
        (400, Refused),
        (422, Refused),
        (429, Unavailable),
        (500, Unavailable),
        (302, Unavailable),
    ],
)
def test_what_the_gateways_answers_mean(status: int, error: type[Exception] | None) -> None:
    with receiver(status) as (_, url):
        sms = Sms(SmsPort(url=url))
        if error is None:
            sms.send(MESSAGE)
            return
        with pytest.raises(error) as caught:
            sms.send(MESSAGE)
    assert "13800138000" not in str(caught.value)


def test_a_gateway_that_is_not_there_may_come_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Unavailable):
        Sms(SmsPort(url=f"http://127.0.0.1:{port}")).send(MESSAGE)


def test_mail_has_the_same_id_at_every_try() -> None:
    with mail_sink() as sink:
        server = MailServer(
            host="127.0.0.1", port=sink.server_address[1], security="none", sender="desk@city.example"
        )
        for _ in range(2):
            Mail(server).send(
                Outgoing(channel="email", address="a@b.example", text="已受理", key="hutong-1-8")
            )
    first, second = (email.message_from_bytes(one, policy=email.policy.default) for one in sink.messages)
    assert first["Message-ID"] == second["Message-ID"] == "<hutong-1-8@city.example>"
    assert first["To"] == "a@b.example"
    assert first.get_content().strip() == "已受理"


def test_mail_is_not_sent_in_the_clear_where_tls_is_asked() -> None:
    with mail_sink() as sink:
        server = MailServer(host="127.0.0.1", port=sink.server_address[1], sender="desk@city.example")
        with pytest.raises(Unavailable):
            Mail(server).send(Outgoing(channel="email", address="a@b.example", text="x", key="k"))
    assert sink.messages == []


@pytest.mark.parametrize("address", ["no@b.example", "a@b.example\r\nBcc: c@d.example", "nobody"])
def test_mail_that_nobody_takes(address: str) -> None:
    with mail_sink() as sink:
        server = MailServer(
            host="127.0.0.1", port=sink.server_address[1], security="none", sender="d@c.example"
        )
        with pytest.raises(Refused):
            Mail(server).send(Outgoing(channel="email", address=address, text="x", key="k"))
    assert sink.messages == []


def test_a_redirect_is_not_followed() -> None:
    with receiver(307) as (got, url):
        posted = Guarded(local(port_of(url))).post(url, b"{}", {})
    assert (posted.taken, posted.status) == (False, 307)
    assert len(got.got) == 1


def test_loopback_is_refused_where_the_city_does_not_name_it() -> None:
    with receiver() as (got, url):
        rules = WebhookRules(ports=(port_of(url),), plain_http=True)
        posted = Guarded(rules).post(url, b"{}", {})
    assert (posted.taken, posted.status) == (False, None)
    assert got.got == []


def test_a_name_that_changes_between_look_and_call_changes_nothing() -> None:
    """The resolver is asked once; the connection goes to what was looked at."""
    with receiver(200) as (inside, url):
        port = port_of(url)
        answers = iter([["8.8.8.8"], ["127.0.0.1"], ["127.0.0.1"]])
        rules = WebhookRules(ports=(port,), plain_http=True)
        guarded = Guarded(rules, seconds=0.5, look_up=lambda host, port: next(answers))
        posted = guarded.post(f"http://rebinding.example:{port}/", b"{}", {})
    assert not posted.taken
    assert inside.got == []
    assert next(answers) == ["127.0.0.1"], "asked only once"


def test_the_host_is_the_name_though_the_call_goes_to_an_address() -> None:
    with receiver(200) as (got, url):
        port = port_of(url)
        Guarded(local(port), look_up=lambda h, p: ["127.0.0.1"]).post(
            f"http://desk.example:{port}/in?x=1", b"{}", {}
        )
    path, headers, _ = got.got[0]
    assert (path, headers["host"]) == ("/in?x=1", f"desk.example:{port}")


def test_an_answer_that_never_ends_is_cut() -> None:
    with dripping(0.05) as port:
        posted = Guarded(local(port), seconds=0.5).post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert not posted.taken or posted.status == 200


def test_a_silent_server_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        posted = Guarded(local(port), seconds=0.3).post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert (posted.taken, posted.status) == (False, None)


def test_tls_needs_a_certificate_for_the_name() -> None:
    with receiver(200) as (got, url):
        port = port_of(url)
        context = ssl.create_default_context()
        guarded = Guarded(local(port), seconds=1, look_up=lambda h, p: ["127.0.0.1"], context=context)
        posted = guarded.post(f"https://desk.example:{port}/", b"{}", {})
    assert not posted.taken
    assert got.got == []
