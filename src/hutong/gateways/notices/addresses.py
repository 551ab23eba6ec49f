"""Which addresses others may make us call: the public internet, and networks that the city allows by name.

A name is resolved once, every address it has is looked at, and the connection goes to the very address that was looked at,
so a name that changes between look and call (DNS rebinding) changes nothing. Addresses that carry another one inside (mapped,
NAT64, 6to4, Teredo) are refused as such.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from hutong.kernel.definition.faces import WebhookRules
from hutong.kernel.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
LONGEST_URL = 2000
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
_CARRIERS = tuple(
    ipaddress.ip_network(one)
    for one in (
        "::/96",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
    )
)
"""IPv6 forms that stand for an IPv4 address (RFC 4291, 6052, 8215, 4380, 3056)."""
_NEVER = tuple(
    ipaddress.ip_network(one)
    for one in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/3",
        "fe80::/10",
        "fec0::/10",
        "fc00::/7",
        "ff00::/8",
    )
)


@dataclass(frozen=True)
class Target:
    """Where a request goes: the address that was looked at, and the name it is asked for."""

    parts: SplitResult
    host: str
    port: int
    address: str

    @property
    def path(self) -> str:
        return (self.parts.path or "/") + (f"?{self.parts.query}" if self.parts.query else "")


def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a name, by the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]).partition("%")[0] for entry in found]


def parsed(url: str, rules: WebhookRules) -> tuple[SplitResult, str, int]:
    """The parts of an address that the rules can allow; Invalid with the reason otherwise. Nothing is looked up."""
    if len(url) > LONGEST_URL or any(one.isspace() or not one.isprintable() for one in url):
        raise _wrong("is no address", f"write it like https://host/path, at most {LONGEST_URL} characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong("is no address", "write it like https://host/path") from None
    if parts.scheme not in ("http", "https"):
        raise _wrong(f"{parts.scheme or 'no scheme'} is not spoken", "begin it with https://")
    if parts.scheme == "http" and not rules.plain_http:
        raise _wrong("http is not allowed here", "use https, or let the city allow plain_http")
    if parts.username is not None or parts.password is not None:
        raise _wrong("holds a user name", "leave it out: deliveries are signed")
    if not (parts.path + parts.query).isascii():
        raise _wrong("holds characters that are not ASCII", "write them as %XX")
    host = _host(parts.hostname or "")
    port = port or (443 if parts.scheme == "https" else 80)
    allowed = (*rules.ports, *((80,) if rules.plain_http else ()))
    if port not in allowed:
        raise _wrong(f"port {port} is not allowed", "use one of " + ", ".join(map(str, allowed)))
    return parts, host, port


def _host(text: str) -> str:
    """A name or address in its plain form."""
    try:
        host = text.encode("idna").decode().lower() if not text.isascii() else text.lower()
    except UnicodeError:
        raise _wrong("has no host name", "write it like https://host/path") from None
    if ":" in host:
        return host
    last = host.rstrip(".").rpartition(".")[2]
    if last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            raise _wrong(
                f"{host} is an address in an unusual form", "write it as four decimal numbers"
            ) from None
    elif not _HOST.fullmatch(host) or len(host) > 253:
        raise _wrong("has no host name", "write it like https://host/path")
    return host


def target(url: str, rules: WebhookRules, look_up: Resolve = resolve) -> Target:
    """Where a request to `url` goes; Invalid if it may not, OSError if the name is not known."""
    parts, host, port = parsed(url, rules)
    found = list(dict.fromkeys(look_up(host, port)))
    if not found:
        raise OSError(f"{host} has no address")
    for text in found:
        check(ipaddress.ip_address(text), rules)
    return Target(parts, host, port, found[0])


def check(address: Address, rules: WebhookRules) -> None:
    """Invalid if the address may not be called."""
    if any(address in network for network in map(ipaddress.ip_network, rules.networks)):
        return
    if any(address in network for network in (*_CARRIERS, *_NEVER) if network.version == address.version):
        raise _private()
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        raise _private()


def _private() -> Invalid:
    """The address itself is not told: it may be one of the inside."""
    return _wrong(
        "leads to a private or reserved network",
        "use a public address, or let the city allow that network in faces.yaml",
    )


def _wrong(reason: str, remedy: str) -> Invalid:
    return Invalid("url", reason, remedy)
