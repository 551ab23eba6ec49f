"""Signed heads of all lanes, kept outside the database: who rewrites the journal cannot rewrite these.

`checkpoints/heads.jsonl` has one line per checkpoint: {"body": {...}, "signature": base64}, signed with Ed25519 by the
key in the keys folder. The public key stands in `checkpoints/public.pem`, for whoever checks from outside.
"""

from __future__ import annotations

import base64
import os
import threading
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hutong.kernel.base import Instant
from hutong.kernel.clock import Clock
from hutong.kernel.errors import Corrupt
from hutong.store.durable import append_line, keep
from hutong.store.transaction import Database, Tx

EVERY = 10_000
SIGNING_KEY = "checkpoint.key"
HEADS = "heads.jsonl"
PUBLIC = "public.pem"


class Head(msgspec.Struct, frozen=True):
    """The end of a lane's chain."""

    lane: int
    position: int
    hash: str


class Checkpoint(msgspec.Struct, frozen=True):
    """All heads at a time."""

    recorded_at: Instant
    heads: tuple[Head, ...]


class _Line(msgspec.Struct, frozen=True):
    body: msgspec.Raw
    signature: str


class Checkpoints:
    """Writes and reads the signed heads of one city."""

    def __init__(self, folder: Path, keys: Path, clock: Clock, every: int = EVERY) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.every = every
        self._clock = clock
        self._key = _signing_key(keys)
        self._lock = threading.Lock()
        self._marked: dict[int, int] = {}
        public = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        keep(folder / PUBLIC, public)

    def passed(self, database: Database, lane: int, position: int) -> None:
        """A lane has reached a position: every so many records a checkpoint is written."""
        last = self._marked.setdefault(lane, position - position % self.every)
        if position - last >= self.every:
            self.write(database)

    def look(self, database: Database) -> None:
        """As `passed`, for all lanes, wherever others have brought them."""
        with database.read() as tx:
            heads = read_heads(tx)
        for head in heads:
            self.passed(database, head.lane, head.position)

    def write(self, database: Database) -> Checkpoint | None:
        """Signs all heads now; nothing if they have not moved since the last one here."""
        with self._lock:  # The heads too, or of two threads the later might sign the earlier ones.
            with database.read() as tx:
                heads = read_heads(tx)
            self._marked = {head.lane: head.position for head in heads}
            known = self._last()
            if known is not None and known.heads == heads:
                return known
            point = Checkpoint(self._clock.recorded_at(), heads)
            append_line(self.folder / HEADS, self._line(point))
            return point

    def _line(self, point: Checkpoint) -> bytes:
        body = msgspec.json.encode(point)
        signature = base64.b64encode(self._key.sign(body)).decode()
        return msgspec.json.encode(_Line(msgspec.Raw(body), signature)) + b"\n"

    def copy(self, target: Path, heads: tuple[Head, ...]) -> None:
        """A checkpoint folder for a backup at these heads: older lines as they are, then one of the heads."""
        reached = {head.lane: head.position for head in heads}
        target.mkdir(parents=True, exist_ok=True)
        keep(target / PUBLIC, (self.folder / PUBLIC).read_bytes())
        for line, point in zip(self._lines(), self.read(), strict=True):
            if all(head.position <= reached.get(head.lane, -1) for head in point.heads):
                append_line(target / HEADS, msgspec.json.encode(line) + b"\n")
        append_line(target / HEADS, self._line(Checkpoint(self._clock.recorded_at(), heads)))

    def _last(self) -> Checkpoint | None:
        lines = self._lines()
        return msgspec.json.decode(lines[-1].body, type=Checkpoint) if lines else None

    def _lines(self) -> list[_Line]:
        path = self.folder / HEADS
        if not path.exists():
            return []
        return read_lines(path)

    def read(self) -> list[Checkpoint]:
        """All checkpoints whose signature holds; Corrupt names a line whose does not."""
        return checked(self._lines(), self._key.public_key())


def read_heads(tx: Tx) -> tuple[Head, ...]:
    """The heads of all lanes as a transaction sees them."""
    rows = tx.rows("SELECT lane, position, head FROM lane ORDER BY lane")
    return tuple(Head(lane, position, bytes(head).hex()) for lane, position, head in rows)


def read_lines(path: Path) -> list[_Line]:
    """Lines of a checkpoint file; one half written by a crash (the last) does not count."""
    whole = path.read_bytes().split(b"\n")[:-1]
    found = []
    for number, text in enumerate(whole, 1):
        try:
            found.append(msgspec.json.decode(text, type=_Line))
        except msgspec.DecodeError:
            raise Corrupt("checkpoints", f"line {number} of {path.name} is not a checkpoint") from None
    return found


def checked(lines: list[_Line], public: Ed25519PublicKey) -> list[Checkpoint]:
    """The checkpoints of lines whose signatures hold."""
    found = []
    for number, line in enumerate(lines, 1):
        try:
            public.verify(base64.b64decode(line.signature), bytes(line.body))
        except (InvalidSignature, ValueError):
            raise Corrupt("checkpoints", f"the signature of line {number} does not hold") from None
        found.append(msgspec.json.decode(line.body, type=Checkpoint))
    return found


def _signing_key(keys: Path) -> Ed25519PrivateKey:
    path = keys / SIGNING_KEY
    if not path.exists():
        keep(path, os.urandom(32).hex().encode())
        path.chmod(0o600)
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text()))
