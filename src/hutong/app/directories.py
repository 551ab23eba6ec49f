"""Who and where, held in memory by every process of a city and read again as soon as one of them changed it.

`directory.changes` in the city's folder is a number of eight bytes that all processes have mapped into their memory: whoever
changed places, parties, roles or modes counts it up after his commit, and whoever holds a directory of an older number reads
it again before he uses it.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path

from hutong.engine.directory import Directory

FILE = "directory.changes"
_NUMBER = struct.Struct("<Q")


class Changed:
    """The number of changes, as all processes of this machine see it."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o600)
        if os.fstat(self._file).st_size < _NUMBER.size:
            os.ftruncate(self._file, _NUMBER.size)
        self._memory = mmap.mmap(self._file, _NUMBER.size)
        self._lock = threading.Lock()

    @property
    def number(self) -> int:
        return int(_NUMBER.unpack_from(self._memory)[0])

    def tell(self) -> None:
        """One more, in all processes at once."""
        with self._lock:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                _NUMBER.pack_into(self._memory, 0, (self.number + 1) % (1 << 64))
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        self._memory.close()
        os.close(self._file)


class Directories:
    """The directory as it is now; any thread may ask."""

    def __init__(self, folder: Path, read: Callable[[], Directory]) -> None:
        self._read = read
        self._changed = Changed(folder)
        self._lock = threading.Lock()
        self._held: tuple[int, Directory] | None = None

    def now(self) -> Directory:
        held = self._held
        if held is not None and held[0] == self._changed.number:
            return held[1]
        with self._lock:
            number = self._changed.number  # Before it is read: what changes meanwhile has another.
            if self._held is None or self._held[0] != number:
                self._held = number, self._read()
            return self._held[1]

    def changed(self) -> None:
        """To be called after the commit; the next look, of whatever process, reads again."""
        self._changed.tell()

    def close(self) -> None:
        self._changed.close()
