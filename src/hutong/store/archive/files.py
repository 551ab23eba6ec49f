"""The archive's folder: `date=YYYY-MM-DD/lane=N/part-RUN.parquet`, files that never change under their name.

A file is whole and durable before the database names it, and is swept when the database has not named it for a while.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from hutong.kernel.errors import Corrupt, Unavailable
from hutong.store.durable import sync_folder
from hutong.store.observations.rows import Rows
from hutong.store.transaction import Tx

DRAFT = ".draft"
FOOTERS = 256
"""Footers of files that are kept in memory: a read then opens the file and reads one row group."""
SWEEP_SECONDS = 600.0
"""A file no longer named stays this long: a reader that began before may still need it."""


class Written(msgspec.Struct, frozen=True):
    """A file that is whole: its path in the folder, SHA-256 of its bytes, size and rows."""

    file: str
    digest: str
    size: int
    rows: int


def named_files(tx: Tx, lane: int | None = None) -> list[Written]:
    """What the database names (of a lane), oldest day first."""
    where, values = ("", ()) if lane is None else (" WHERE lane = ?", (lane,))
    sql = f"SELECT file, digest, size, row_count FROM observation_archive{where} ORDER BY day, lane, run"
    return [Written(*row) for row in tx.rows(sql, values)]


class ArchiveFiles:
    """The folder of one city. Safe to use from many threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._footers: OrderedDict[str, Any] = OrderedDict()
        self._unnamed: dict[str, float] = {}

    def read(self, file: str, group: int) -> Rows:
        """A row group, ordered by stream, time and sequence."""
        from hutong.store.archive.parquet import read_group

        path = self.folder / file
        footer = self._footers.get(file)
        try:
            rows, footer = read_group(path, group, footer)
        except FileNotFoundError:
            raise Unavailable(
                "archive", f"{file} is not there", "restore the archive folder from a backup"
            ) from None
        with self._lock:
            self._footers[file] = footer
            self._footers.move_to_end(file)
            while len(self._footers) > FOOTERS:
                self._footers.popitem(last=False)
        return rows

    def draft(self, file: str) -> Path:
        """Where a file is written until it is whole."""
        path = self.folder / f"{file}{DRAFT}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, file: str, rows: int) -> Written:
        """Makes a draft durable under its name."""
        path, draft = self.folder / file, self.draft(file)
        with draft.open("rb+") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
            os.fsync(opened.fileno())
        draft.replace(path)
        for folder in (path.parent, path.parent.parent, self.folder):
            sync_folder(folder)
        return Written(file, digest, path.stat().st_size, rows)

    def check(self, kept: Written) -> None:
        """Corrupt if the file is missing or not what was written."""
        path = self.folder / kept.file
        if not path.is_file():
            raise Corrupt("archive", f"{kept.file} is missing", "restore it from a backup")
        with path.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        if digest != kept.digest:
            raise Corrupt("archive", f"{kept.file} is not what was written", "restore it from a backup")

    def _files(self) -> Iterator[str]:
        for path in sorted(self.folder.glob("date=*/lane=*/part-*")):
            yield str(path.relative_to(self.folder))

    def sweep(self, lane: int, named: Iterable[str], *, after: float = SWEEP_SECONDS) -> list[str]:
        """Deletes files of a lane that have been unnamed for `after` seconds, as far as this process knows. Only for who
        holds the lane's lease and writes none meanwhile."""
        known, now, gone = set(named), time.monotonic(), []
        for file in self._files():
            if f"/lane={lane}/" not in file:
                continue
            if file in known:
                self._unnamed.pop(file, None)
            elif now - self._unnamed.setdefault(file, now) >= after:
                (self.folder / file).unlink(missing_ok=True)
                del self._unnamed[file]
                gone.append(file)
        return gone
