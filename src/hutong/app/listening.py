"""The sockets that a server answers on. Several processes answer on one port: each binds a socket of its own, and the system
deals connections out among those that listen."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Iterable

from hutong.kernel.errors import Unavailable

Address = tuple[socket.AddressFamily, str]
ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""`localhost` also names an address that a system without IPv6 has not."""


def can_share() -> bool:
    """Whether connections to one port are dealt out among processes here. Others than Linux know the option by name, but give
    all connections to one of the sockets."""
    return sys.platform == "linux" and hasattr(socket, "SO_REUSEPORT")


def listening(host: str, port: int, *, shared: bool) -> list[socket.socket]:
    """Bound sockets of every address that `host` names. `port` 0: a free one, the same for all.

    `shared`: other processes may join with `joined`. Unavailable where that cannot be, or if somebody else has the port: it is
    proved to be free first, since a shared socket would settle down beside another server's without a word.
    """
    if shared and not can_share():
        raise Unavailable(
            "--workers", "this system does not share a port among processes", "start one: --workers 1"
        )
    found: list[socket.socket] = []
    try:
        for family, address in _addresses(host, port):
            at = port_of(found) if found else port
            if shared:
                with _bound(family, address, at) as alone:
                    at = port_of([alone])
            found.append(_bound(family, address, at, shared=shared))
    except OSError as error:
        for one in found:
            one.close()
        reason = f"{host}:{port} cannot be served: {error.strerror or error}"
        raise Unavailable("--port", reason, "stop what uses it, or give another port") from None
    return found


def joined(host: str, port: int) -> list[socket.socket]:
    """Sockets of a further process at a port that another one holds with `listening(shared=True)`."""
    return [_bound(family, address, port, shared=True) for family, address in _addresses(host, port)]


def port_of(sockets: Iterable[socket.socket]) -> int:
    """The port that they are all bound to."""
    return int(next(iter(sockets)).getsockname()[1])


def _addresses(host: str, port: int) -> list[Address]:
    """What `host` names here. OSError if nothing of it is there."""
    kinds = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    named: list[Address] = list(
        dict.fromkeys((family, str(address[0])) for family, _, _, _, address in kinds)
    )
    there = [one for one in named if len(named) == 1 or _is_here(*one)]
    return there or named


def _is_here(family: socket.AddressFamily, address: str) -> bool:
    try:
        _bound(family, address, 0).close()
    except OSError as error:
        return error.errno not in ABSENT
    return True


def _bound(family: socket.AddressFamily, address: str, port: int, *, shared: bool = False) -> socket.socket:
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if shared:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        found.bind((address, port))
    except BaseException:
        found.close()
        raise
    return found
