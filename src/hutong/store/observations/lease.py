"""Leases: of a lane's packer, and of other work that one process at a time does.

Who holds one is told by a token that names its process, so that one which was killed is followed at once on the same machine;
on another machine its lease must run out.
"""

from __future__ import annotations

import functools
import os
import secrets
import socket
import zlib
from pathlib import Path
from typing import Protocol

from hutong.kernel.base import SECOND, Instant

LEASE = 60 * SECOND
_PID_BITS, _CHANCE_BITS = 22, 18
_HOST_BITS = 22


class Leased(Protocol):
    """What has a lease: who holds it, until which recorded time."""

    @property
    def lease_owner(self) -> int: ...

    @property
    def lease_until(self) -> Instant: ...


def new_token() -> int:
    """Host, process and chance in 62 bits."""
    host, process = _host() << (_PID_BITS + _CHANCE_BITS), os.getpid() << _CHANCE_BITS
    return host | process | secrets.randbits(_CHANCE_BITS)


def held(row: Leased, now: Instant) -> bool:
    """Whether a lease holds. One that ends too far ahead was given by a clock that has been set back since."""
    return now < row.lease_until <= now + LEASE and not _gone(row.lease_owner)


def _gone(token: int) -> bool:
    """Whether the holder was a process of this machine, since it was started, that has ended."""
    if token >> (_PID_BITS + _CHANCE_BITS) != _host():
        return False
    process = (token >> _CHANCE_BITS) & ((1 << _PID_BITS) - 1)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@functools.cache
def _host() -> int:
    """Names this machine, since it was started, and the space in which its process numbers count (containers)."""
    start = Path("/proc/sys/kernel/random/boot_id")
    space = Path("/proc/self/ns/pid")
    told = [socket.gethostname()]
    told += [start.read_text()] if start.is_file() else []
    told += [os.readlink(space)] if space.is_symlink() else []
    return zlib.crc32("|".join(told).encode()) & ((1 << _HOST_BITS) - 1)
