"""The SMS port: one small HTTP contract (docs/how-to/notices.md) that any provider's gateway can be fitted to.

`POST url` with `Authorization: Bearer KEY`, `Idempotency-Key` and `{"id", "to", "text"}`: 2xx it was taken; 409 it was taken
before; 429 and 5xx try again later; any other 4xx it will never be taken.
"""

from __future__ import annotations

import os
import ssl
from urllib.parse import urlsplit

import msgspec

from hutong.gateways.notices.addresses import Target, resolve
from hutong.gateways.notices.posting import exchange
from hutong.kernel.definition.faces import SmsPort
from hutong.kernel.errors import Refused, Unavailable
from hutong.kernel.ports import Outgoing

LATER = (408, 425, 429)


class Sms:
    """Sends by the gateway that the city named; it is the city's own, so private networks are no matter."""

    def __init__(self, port: SmsPort, context: ssl.SSLContext | None = None) -> None:
        self._port = port
        self._context = context

    def send(self, outgoing: Outgoing) -> None:
        text = f"{self._port.signature}{outgoing.text}"
        body = msgspec.json.encode({"id": outgoing.key, "to": outgoing.address, "text": text})
        headers = {"Content-Type": "application/json", "Idempotency-Key": outgoing.key}
        key = os.environ.get(self._port.key_env)
        if key:
            headers["Authorization"] = f"Bearer {key}"
        status, _, error = exchange(known(self._port.url), body, headers, context=self._context)
        settle(status, error)


def known(url: str) -> Target:
    """Where an address of the city's own settings leads. Unavailable if its name is not known now."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        addresses = resolve(parts.hostname or "", port)
    except OSError:
        raise Unavailable("sms", "the gateway's name is not known now") from None
    return Target(parts, parts.hostname or "", port, addresses[0])


def settle(status: int | None, error: str) -> None:
    """Returns if it was taken (409: before); Unavailable if it may be later, Refused if it never will be."""
    if status is None:
        raise Unavailable("channel", error)
    if 200 <= status < 300 or status == 409:
        return
    if status >= 500 or status in LATER or 300 <= status < 400:
        raise Unavailable("channel", f"it answered {status}")
    raise Refused("channel", f"it answered {status}", "see the gateway's own log")
