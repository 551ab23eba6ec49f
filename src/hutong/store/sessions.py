"""Sessions and failed sign-ins of a city, in a small SQLite file of its folder that all its web processes share.

It is no part of the records: it is not journalled, not backed up, and may be deleted while nobody serves the city, which signs
everybody out. A session is kept under the SHA-256 of its secret id, so that nobody who reads the file can take one over.
"""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

import apsw

from hutong.kernel.base import DAY, Instant
from hutong.kernel.ports import Session

FILE = "sessions.db"
FILES = (FILE, f"{FILE}-wal", f"{FILE}-shm")
LONGEST = DAY
"""Sessions begun longer ago are deleted, whatever they are worth; those who read them end them earlier."""
FORGOTTEN = DAY
"""Failures so old are deleted."""
PATIENCE_MS = 5000
_TABLES = """
CREATE TABLE IF NOT EXISTS session (
    id BLOB PRIMARY KEY, account INTEGER NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_account ON session (account);
CREATE TABLE IF NOT EXISTS failure (
    name TEXT PRIMARY KEY, count INTEGER NOT NULL, last INTEGER NOT NULL
) WITHOUT ROWID;
"""


class SessionFile:
    """Both ports, `Sessions` and `Failures`; any thread may use it. What one process writes the next look of another sees."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        path.touch(0o600)
        self._lock = threading.Lock()
        self._connection: Any = apsw.Connection(str(path))
        self._connection.set_busy_timeout(PATIENCE_MS)
        for setting in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON"):
            self._connection.execute(f"PRAGMA {setting}").fetchall()
        self._connection.execute(_TABLES)

    def get(self, id: str) -> Session | None:
        sql = "SELECT account, created, seen FROM session WHERE id = ?"
        row = self._row(sql, _hashed(id))
        return None if row is None else Session(id, *row)

    def put(self, session: Session) -> None:
        """A new one, or that one was seen again: a session that was ended meanwhile stays ended."""
        id, seen = _hashed(session.id), session.seen
        with self._lock, self._connection:
            if seen > session.created:
                sql = "UPDATE session SET seen = max(seen, ?) WHERE id = ?"
                self._connection.execute(sql, (seen, id))
                return
            self._connection.execute("DELETE FROM session WHERE created < ?", (seen - LONGEST,))
            sql = "INSERT INTO session (id, account, created, seen) VALUES (?, ?, ?, ?)"
            self._connection.execute(sql, (id, session.account, session.created, seen))

    def remove(self, id: str) -> None:
        self._do("DELETE FROM session WHERE id = ?", _hashed(id))

    def remove_account(self, account: int) -> None:
        self._do("DELETE FROM session WHERE account = ?", account)

    def of(self, key: str) -> tuple[int, Instant]:
        row = self._row("SELECT count, last FROM failure WHERE name = ?", key)
        return (0, 0) if row is None else (row[0], row[1])

    def add(self, keys: tuple[str, ...], now: Instant, forget: Instant) -> None:
        with self._lock, self._connection:
            self._connection.execute("DELETE FROM failure WHERE last < ?", (now - FORGOTTEN,))
            for key in keys:
                self._connection.execute(
                    "INSERT INTO failure (name, count, last) VALUES (?, 1, ?) ON CONFLICT (name) DO UPDATE "
                    "SET count = CASE WHEN last < ? THEN 1 ELSE count + 1 END, last = excluded.last",
                    (key, now, forget),
                )

    def clear(self, key: str) -> None:
        self._do("DELETE FROM failure WHERE name = ?", key)

    def _row(self, sql: str, value: Any) -> Any:
        with self._lock:
            return self._connection.execute(sql, (value,)).fetchone()

    def _do(self, sql: str, value: Any) -> None:
        with self._lock:
            self._connection.execute(sql, (value,))

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def _hashed(id: str) -> bytes:
    return hashlib.sha256(id.encode()).digest()
