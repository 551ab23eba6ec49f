"""The keys of parties: fixed slots of one file outside the database, destroyed by overwriting them in place.

A slot is 96 bytes: owner (int64), state, nonce and the data key wrapped (AES-256-GCM) by the master key, checksum.
No journal, no free pages: the overwritten slot was the only copy of the key. Several processes of one machine share
the file: appends hold a file lock, and every use reads the slot itself, so a key destroyed by one process is gone
for all at once. See docs/decisions/0002.
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hutong.kernel.errors import Corrupt, Unavailable
from hutong.store.durable import keep, sync_folder

SLOT = 96
_HEAD = struct.Struct("<qB")
_LIVE, _DESTROYED = 1, 2
_NONCE, _WRAPPED = 12, 48
MASTER = "master.key"
SLOTS = "parties.keys"


def master_key(folder: Path) -> bytes:
    """32 bytes from HUTONG_MASTER_KEY (64 hex digits) or `master.key`, which is made on first use."""
    given = os.environ.get("HUTONG_MASTER_KEY")
    if given:
        if len(given) != 64:
            raise Unavailable(
                "HUTONG_MASTER_KEY", "must be 64 hex digits", "make one with: openssl rand -hex 32"
            )
        return bytes.fromhex(given)
    path = folder / MASTER
    if not path.exists():
        keep(path, os.urandom(32).hex().encode())
        path.chmod(0o600)
    return bytes.fromhex(path.read_text().strip())


class KeySlots:
    """The data keys of parties, by party id."""

    def __init__(self, folder: Path, master: bytes) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._wrap = AESGCM(master)
        self._file = os.open(folder / SLOTS, os.O_RDWR | os.O_CREAT, 0o600)
        self._places: dict[int, int] = {}
        self._opened: dict[int, tuple[bytes, bytes]] = {}
        self._known = 0
        self._lock = threading.Lock()
        with self._locked():
            self._mend_tail()
        self._read_new()
        sync_folder(folder)

    def close(self) -> None:
        os.close(self._file)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def _mend_tail(self) -> None:
        """A slot half written by a crash was never used: cut it."""
        size = os.fstat(self._file).st_size
        if size % SLOT:
            os.ftruncate(self._file, size - size % SLOT)

    def _read_new(self) -> None:
        size = os.fstat(self._file).st_size
        while self._known + SLOT <= size:
            slot = os.pread(self._file, SLOT, self._known)
            owner, _ = _HEAD.unpack_from(slot)
            self._places[owner] = self._known
            self._known += SLOT

    def _place(self, owner: int) -> int | None:
        place = self._places.get(owner)
        if place is None and os.fstat(self._file).st_size > self._known:
            with self._lock:
                self._read_new()
            place = self._places.get(owner)
        return place

    def get(self, owner: int) -> bytes | None:
        """The key; None if it was destroyed or never made (`destroyed` tells which)."""
        place = self._place(owner)
        if place is None:
            return None
        slot = os.pread(self._file, SLOT, place)
        opened = self._opened.get(owner)
        if opened is not None and opened[0] == slot:
            return opened[1]
        self._opened.pop(owner, None)
        _, state = _HEAD.unpack_from(slot)
        if state != _LIVE:
            return None
        key = self._unwrap(owner, slot)
        self._opened[owner] = (slot, key)
        return key

    def _unwrap(self, owner: int, slot: bytes) -> bytes:
        start = _HEAD.size
        nonce, wrapped = slot[start : start + _NONCE], slot[start + _NONCE : start + _NONCE + _WRAPPED]
        if zlib.crc32(slot[: SLOT - 4]) != int.from_bytes(slot[SLOT - 4 :], "little"):
            raise Corrupt("keys", f"the key slot of party {owner} is damaged", "restore the keys folder")
        try:
            return self._wrap.decrypt(nonce, wrapped, slot[: _HEAD.size])
        except InvalidTag:
            raise Unavailable(
                "keys",
                "the master key is not the one the keys were made with",
                "give the right HUTONG_MASTER_KEY",
            ) from None

    def destroyed(self, owner: int) -> bool:
        """Was there a key that was destroyed?"""
        place = self._place(owner)
        return place is not None and os.pread(self._file, SLOT, place)[8] == _DESTROYED

    def ensure(self, owners: Iterable[int]) -> None:
        """Makes the keys that are missing, durable before it returns; destroyed ones stay destroyed."""
        missing = [owner for owner in dict.fromkeys(owners) if self._place(owner) is None]
        if not missing:
            return
        with self._locked():
            self._mend_tail()
            self._read_new()
            fresh = b"".join(self._slot(owner) for owner in missing if owner not in self._places)
            os.pwrite(self._file, fresh, self._known)
            os.fsync(self._file)
            self._read_new()

    def _slot(self, owner: int) -> bytes:
        head = _HEAD.pack(owner, _LIVE)
        nonce = os.urandom(_NONCE)
        body = head + nonce + self._wrap.encrypt(nonce, os.urandom(32), head)
        body = body.ljust(SLOT - 4, b"\0")
        return body + zlib.crc32(body).to_bytes(4, "little")

    def destroy(self, owner: int) -> None:
        """Overwrites the slot; an owner that never had a key gets a destroyed slot, so none is ever made."""
        gone = _HEAD.pack(owner, _DESTROYED).ljust(SLOT, b"\0")
        with self._locked():
            self._read_new()
            place = self._places.get(owner, self._known)
            os.pwrite(self._file, gone, place)
            os.fsync(self._file)
            self._read_new()
            self._opened.pop(owner, None)
