"""First answers, kept for repeats of a request. One that may speak of persons is sealed for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from hutong.kernel.errors import Conflict
from hutong.store.vault import Vault

_AAD = b"answer"


class Known(msgspec.Struct, frozen=True):
    """An idempotency key that was used, and what its first request was answered."""

    digest: str
    position: int
    response: Any
    owners: tuple[int, ...] = ()


def write_answer(vault: Vault, known: Known) -> bytes:
    """JSON; sealed once for each person whose text the command put, so that each erasure makes it unreadable."""
    content = msgspec.json.encode(known.response)
    for owner in known.owners:
        content = vault.seal(owner, content, _AAD)
    return bytes([len(known.owners)]) + content


def read_answer(vault: Vault, stored: bytes) -> Any:
    """The answer; None if one of its persons was erased."""
    content: bytes | None = stored[1:]
    for _ in range(stored[0]):
        content = vault.open(content, _AAD) if content is not None else None
    return None if content is None else msgspec.json.decode(content)


def few(owners: Iterable[int]) -> tuple[int, ...]:
    """Each owner once, in a fixed order."""
    return tuple(sorted(set(owners)))[:255]


def moved(noun: str, id: int, expected: int, found: int) -> Conflict:
    """What a command is told whose row is at another version than it thought (0: not there)."""
    if found == 0:
        reason = f"{noun}/{id} does not exist"
    elif expected == 0:
        reason = f"{noun}/{id} exists already, at version {found}"
    else:
        reason = f"{noun}/{id} is at version {found}, not {expected}"
    return Conflict(noun, reason, "read it again", noun=noun, id=id, expected=expected, found=found)
