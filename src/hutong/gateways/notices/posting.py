"""One POST to an address that was looked at: bounded in time and size, no redirect followed, no proxy, nothing kept."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress

from hutong.gateways.notices.addresses import Resolve, Target, parsed, resolve, target
from hutong.kernel.definition.faces import WebhookRules
from hutong.kernel.errors import HutongError
from hutong.kernel.ports import Posted

SECONDS = 10.0
"""For everything together: name, connection, request and answer."""
LARGEST = 64_000
"""Bytes of an answer that are read; the rest is not waited for."""


class Guarded:
    """Posts webhooks under the city's rules. `context`: how the other side's certificate is proved."""

    def __init__(
        self,
        rules: WebhookRules,
        *,
        seconds: float = SECONDS,
        look_up: Resolve = resolve,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.rules = rules
        self.seconds = seconds
        self._look_up = look_up
        self._context = context

    def check(self, url: str) -> None:
        """Invalid if the rules can never allow the address; a name is looked up when something is posted."""
        parsed(url, self.rules)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Posts, and says how it was answered. A redirect is an answer that was not taken."""
        try:
            where = target(url, self.rules, self._look_up)
        except HutongError as error:
            return Posted(None, error.reason)
        except (OSError, UnicodeError):
            return Posted(None, "the name is not known")
        status, _, error = exchange(where, body, headers, self.seconds, self._context)
        if status is None:
            return Posted(None, error)
        if 300 <= status < 400:
            return Posted(status, "it answered with a redirect, which is not followed")
        return Posted(status, "" if 200 <= status < 300 else f"it answered {status}")


def exchange(
    where: Target,
    body: bytes,
    headers: Mapping[str, str],
    seconds: float = SECONDS,
    context: ssl.SSLContext | None = None,
) -> tuple[int | None, bytes, str]:
    """Status and the beginning of the answer's body, or why there is none."""
    try:
        line = _Line(socket.create_connection((where.address, where.port), timeout=seconds))
    except OSError as error:
        return None, b"", f"no connection: {type(error).__name__}"
    watchdog = threading.Timer(seconds, line.cut)
    watchdog.daemon = True
    watchdog.start()
    try:
        if where.parts.scheme == "https":
            line.secure(where.host, context or ssl.create_default_context())
        return _spoken(line.socket, where, body, headers)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return None, b"", f"no answer: {type(error).__name__}"
    finally:
        watchdog.cancel()
        line.socket.close()


class _Line:
    """A connection that can be cut from outside, however slowly the other side talks."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock

    def secure(self, host: str, context: ssl.SSLContext) -> None:
        """TLS with the certificate proved for the name, though the connection goes to an address."""
        secured = context.wrap_socket(self.socket, server_hostname=host, do_handshake_on_connect=False)
        self.socket = secured
        secured.do_handshake()

    def cut(self) -> None:
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


def _spoken(
    sock: socket.socket, where: Target, body: bytes, headers: Mapping[str, str]
) -> tuple[int | None, bytes, str]:
    connection = http.client.HTTPConnection(where.host, where.port)
    connection.sock = sock
    name = f"[{where.host}]" if ":" in where.host else where.host
    sent = {
        "Host": f"{name}:{where.port}" if where.parts.port else name,
        "User-Agent": "hutong",
        "Connection": "close",
        **headers,
    }
    try:
        connection.request("POST", where.path, body, sent)
        answer = connection.getresponse()
        return answer.status, answer.read(LARGEST), ""
    finally:
        connection.close()
