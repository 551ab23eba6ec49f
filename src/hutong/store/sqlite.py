"""SQLite through apsw: write-ahead log, full sync, one writer, a small pool of readers."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import apsw
import msgspec

from hutong.kernel.text import holds_all
from hutong.store.transaction import Dialect, Endings, Row

IDLE_READERS = 8
CACHE_KIB = 65_536
STATEMENTS = 500
PATIENCE_SECONDS = 30.0
"""How long a transaction waits for that of another process."""
PAUSE_SECONDS = 0.000_5
"""Between two looks whether the other has ended. SQLite's own waiting grows to 100 ms a look."""
LOG_PAGES = 32_768
"""A commit folds the log into the file itself only when it has grown so long (128 MiB): `fold_log` does it beside the work."""


class SQLiteTx(Endings):
    """A transaction on one apsw connection."""

    dialect: Dialect = "sqlite"

    def __init__(self, connection: Any) -> None:
        super().__init__()
        self._connection = connection

    @property
    def raw(self) -> Any:
        return self._connection

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        self._connection.execute(sql, parameters)
        return int(self._connection.changes())

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        found: list[Row] = self._connection.execute(sql, parameters).fetchall()
        return found

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        found: Row | None = self._connection.execute(sql, parameters).fetchone()
        return found

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        yield from self._connection.execute(sql, parameters)

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(sql, rows)

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()

    def ask(self, queries: Sequence[tuple[str, Sequence[Any]]]) -> list[list[Row]]:
        return [self.rows(sql, parameters) for sql, parameters in queries]

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        marks = ", ".join("?" * len(columns))
        self._connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def _holds_words(*given: Any) -> int:
    """SQL function of words (with blanks between) and texts: every word is a token of the texts; JSON stands for its values."""
    words, *texts = given
    return int(holds_all(words.split(" "), [_plain(text) for text in texts if text]))


def _plain(text: str) -> str:
    """A label's values; any other text as it is."""
    if not text.startswith('{"'):
        return text
    try:
        return " ".join(str(value) for value in msgspec.json.decode(text).values())
    except (msgspec.DecodeError, AttributeError):
        return text


class SQLiteDatabase:
    """One file. A write transaction takes the writer connection; each read takes one of the pool."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path, *, pause: float = PAUSE_SECONDS, synced: bool = True) -> None:
        """Not `synced`: a commit is whole but may be lost by a power cut, with all that came after it. For packers only."""
        self.path = path
        self._synchronous = "FULL" if synced else "NORMAL"
        self._pause = pause
        self._lock = threading.Lock()
        self._folding: Any = None
        self._writer = self._open()
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue(IDLE_READERS)

    def _open(self, *, readonly: bool = False) -> Any:
        flags = (
            apsw.SQLITE_OPEN_READONLY if readonly else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        )
        connection = apsw.Connection(str(self.path), flags=flags, statementcachesize=STATEMENTS)
        connection.set_busy_handler(self._wait)
        connection.create_scalar_function("holds_words", _holds_words, deterministic=True)
        if not readonly:
            settings = (
                "PRAGMA journal_mode = WAL",
                f"PRAGMA synchronous = {self._synchronous}",
                "PRAGMA foreign_keys = OFF",
                f"PRAGMA wal_autocheckpoint = {LOG_PAGES}",
                "PRAGMA secure_delete = ON",  # What is deleted cannot be read from free pages.
            )
            # One by one: a statement that answers ends a longer text, unless all is fetched.
            for setting in settings:
                connection.execute(setting).fetchall()
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}; PRAGMA temp_store = MEMORY")
        return connection

    def _wait(self, looks: int) -> bool:
        time.sleep(self._pause)
        return looks * self._pause < PATIENCE_SECONDS

    def fold_log(self) -> None:
        """Moves what no reader needs any more from the log into the file, without holding up writers. For one thread."""
        if self._folding is None:
            self._folding = self._open()
        with suppress(apsw.BusyError):  # Somebody else is at it.
            self._folding.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    @contextmanager
    def write(self) -> Iterator[SQLiteTx]:
        with self._lock:
            tx = SQLiteTx(self._writer)
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield tx
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                tx.undone()
                raise
            tx.committed()

    @contextmanager
    def read(self) -> Iterator[SQLiteTx]:
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._open(readonly=True)
        try:
            connection.execute("BEGIN")
            yield SQLiteTx(connection)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            try:
                self._idle.put_nowait(connection)
            except queue.Full:
                connection.close()

    def close(self) -> None:
        """Closes every connection; the log is folded into the file by the last."""
        with self._lock:
            while not self._idle.empty():
                self._idle.get_nowait().close()
            if self._folding is not None:
                self._folding.close()
            self._writer.execute("PRAGMA optimize")
            self._writer.close()
