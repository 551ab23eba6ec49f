"""The chain of the journal: how a record is hashed, and how its body is written.

hash = H(previous ‖ length of head ‖ head ‖ body), where head is the JSON list [lane, position, kind, actor, at,
recorded_at, cause] and body the stored bytes. Personal text is in the body as ciphertext only.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any, Literal

import msgspec
from cryptography.hazmat.primitives import hashes

from hutong.kernel.errors import Invalid
from hutong.kernel.ports import JournalRecord
from hutong.store.codec import Stored
from hutong.store.layout import Noun
from hutong.store.transaction import Row
from hutong.store.vault import Vault

HashName = Literal["sha256", "sm3"]
HashFunction = Callable[[bytes], bytes]
GENESIS = bytes(32)
JOURNAL = ("lane", "position", "kind", "actor", "at", "recorded_at", "cause", "body", "previous", "hash")
_canonical = msgspec.json.Encoder(order="deterministic")


def hash_function(name: HashName) -> HashFunction:
    """SHA-256, or SM3 (GB/T 32905-2016)."""
    return _sm3 if name == "sm3" else _sha256


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _sm3(content: bytes) -> bytes:
    state = hashes.Hash(hashes.SM3())
    state.update(content)
    return state.finalize()


def head_bytes(head: tuple[int, int, str, int, int, int, str]) -> bytes:
    """Of (lane, position, kind, actor, at, recorded_at, cause)."""
    return _canonical.encode(head)


def link(digest: HashFunction, previous: bytes, head: bytes, body: bytes) -> bytes:
    """The hash of a record that follows the one with hash `previous`."""
    return digest(previous + len(head).to_bytes(4, "big") + head + body)


def row_digest(digest: HashFunction, noun: Noun, lane: int, row: Stored) -> str:
    """What the journal says of a stored version; nulls are left out, so a new nullable column changes nothing."""
    values = {name: value for name, value in zip(noun.stored, row.values, strict=True) if value is not None}
    return digest(_canonical.encode([noun.name, lane, row.id, row.version, values])).hex()


def changed_fields(noun: Noun, vault: Vault, before: Stored | None, after: Stored) -> dict[str, Any]:
    """The new stored values of the fields that differ, for the journal."""
    found: dict[str, Any] = {}
    first = len(noun.stored) - len(noun.columns) - (4 if noun.geometry else 0)
    for place, column in enumerate(noun.columns, first):
        value = after.values[place]
        if value == (before.values[place] if before else None):
            continue
        if value is None:
            found[column.name] = None
        elif column.kind == "json":
            found[column.name] = msgspec.Raw(value.encode())
        elif column.kind == "cipher":
            cipher = base64.b64encode(value).decode()
            found[column.name] = {"cipher": cipher, "subject": vault.owner_of(value)}
        else:
            found[column.name] = bool(value) if column.kind == "bool" else value
    return found


def body_bytes(body: dict[str, Any]) -> bytes:
    """Canonical JSON of a record's body; Invalid if the engine gave what JSON cannot hold."""
    try:
        return _canonical.encode({name: value for name, value in body.items() if value})
    except (TypeError, ValueError) as error:
        raise Invalid("record", f"cannot be written as JSON: {error}") from None


class _Body(msgspec.Struct):
    subjects: list[tuple[str, int, int]] = []
    facts: dict[str, Any] = {}
    explain: dict[str, Any] = {}
    changes: dict[str, Any] = {}


_body = msgspec.json.Decoder(_Body)


def read_record(row: Row) -> JournalRecord:
    """From the columns JOURNAL."""
    lane, position, kind, actor, at, recorded_at, cause, content, previous, own = row
    body = _body.decode(content)
    return JournalRecord(
        lane=lane,
        position=position,
        kind=kind,
        actor=actor,
        at=at,
        recorded_at=recorded_at,
        cause=cause,
        subjects=tuple(body.subjects),
        facts=body.facts,
        explain=body.explain,
        changes=body.changes,
        hash=bytes(own).hex(),
        previous=bytes(previous).hex(),
    )
