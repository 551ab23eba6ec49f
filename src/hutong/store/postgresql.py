"""PostgreSQL through psycopg 3: a pool of connections; writers are ordered by the lane row they lock."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from hutong.kernel.errors import Invalid, Unavailable
from hutong.store.transaction import Dialect, Endings, Row

READERS = 16
WRITERS = 4
PREPARED = 400
"""Statements that a connection keeps the plans of; a group of commands alone has some sixty, with their sizes."""


@functools.lru_cache(maxsize=4096)
def _native(sql: str) -> bytes:
    """`?` placeholders as the server's own `$1`, `$2`: psycopg would take long statements apart again at every use."""
    first, *rest = sql.split("?")
    return "".join([first, *(f"${place}{part}" for place, part in enumerate(rest, 1))]).encode()


_VALUES = re.compile(r"(?<= VALUES )\((?:\?, )*\?\)")
MOST_VALUES, FEW = 32, 8
"""Rows that one statement inserts; up to FEW as they come, above in a few sizes only, so that the server keeps their plans."""


def _sizes(count: int) -> Iterator[int]:
    """So many rows in parts: powers of two, and a rest."""
    size = MOST_VALUES
    while count > FEW:
        while size > count:
            size //= 2
        yield size
        count -= size
    if count:
        yield count


@functools.lru_cache(maxsize=1024)
def _several(sql: str, rows: int) -> bytes:
    """An INSERT of one row as one of several."""
    return _native(_VALUES.sub(lambda found: ", ".join([found[0]] * rows), sql, count=1))


class PostgresTx(Endings):
    """A transaction on one psycopg connection; results travel in binary."""

    dialect: Dialect = "postgresql"

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        super().__init__()
        self._connection = connection
        self._cursor = connection.cursor(binary=True)
        self._travelling = False

    @property
    def raw(self) -> Any:
        return self._connection

    def _run(self, sql: str, parameters: Sequence[Any]) -> psycopg.Cursor[Row]:
        return self._cursor.execute(_native(sql), parameters)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        if self._travelling:
            self._connection.cursor(binary=True).execute(_native(sql), parameters)
            return 0
        return self._run(sql, parameters).rowcount

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._connection.pipeline():
            self._travelling = True
            try:
                yield
            finally:
                self._travelling = False

    def ask(self, queries: Sequence[tuple[str, Sequence[Any]]]) -> list[list[Row]]:
        if len(queries) < 2:
            return [self.rows(sql, parameters) for sql, parameters in queries]
        cursors = [self._connection.cursor(binary=True) for _ in queries]
        with self._connection.pipeline():
            for cursor, (sql, parameters) in zip(cursors, queries, strict=True):
                cursor.execute(_native(sql), parameters)
            return [cursor.fetchall() for cursor in cursors]

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._run(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        return self._run(sql, parameters).fetchone()

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        with self._connection.cursor(name="stream", binary=True) as cursor:
            cursor.itersize = 2000
            yield from cursor.execute(_native(sql), parameters)

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        given = rows if isinstance(rows, list) else list(rows)
        at = 0
        for size in _sizes(len(given)) if _VALUES.search(sql) else ():
            part = given[at : at + size]
            cursor = self._connection.cursor(binary=True) if self._travelling else self._cursor
            cursor.execute(_several(sql, size), [value for row in part for value in row])
            at += size
        if at < len(given):
            cursor = self._connection.cursor(binary=True) if self._travelling else self._cursor
            cursor.executemany(_native(sql), given[at:])

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        names = ", ".join(columns)
        kinds = self._run(f"SELECT {names} FROM {table} LIMIT 0", ()).description or []
        with self._cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)".encode()) as copy:
            copy.set_types([one.type_code for one in kinds])
            for row in rows:
                copy.write_row(row)


class PostgresDatabase:
    """A server. Transactions of many threads and processes run side by side.

    Writers and readers have pools of their own: a thread that reads may write without waiting for other readers.
    """

    dialect: Dialect = "postgresql"

    def __init__(self, url: str, *, readers: int = READERS, writers: int = WRITERS) -> None:
        self.url = url
        self._reading = _pool(url, readers)
        self._writing = _pool(url, writers)

    @contextmanager
    def write(self) -> Iterator[PostgresTx]:
        with _connected(self._writing) as connection:
            tx = PostgresTx(connection)
            connection.execute(b"BEGIN")
            try:
                yield tx
                _commit(connection)
            except BaseException:
                with suppress(psycopg.Error):
                    connection.execute(b"ROLLBACK")
                tx.undone()
                raise
            tx.committed()

    @contextmanager
    def read(self) -> Iterator[PostgresTx]:
        with _connected(self._reading) as connection:
            connection.execute(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield PostgresTx(connection)
            except psycopg.DataError as error:
                reason = f"cannot be computed: {error.diag.message_primary}"
                raise Invalid("filter", reason, "use numbers of a usual size") from error
            finally:
                with suppress(psycopg.Error):
                    connection.execute(b"ROLLBACK")

    def fold_log(self) -> None:
        """The server does it."""

    def close(self) -> None:
        self._reading.close()
        self._writing.close()


def _pool(url: str, most: int) -> ConnectionPool[psycopg.Connection[Row]]:
    given = {"autocommit": True, "cursor_factory": psycopg.RawCursor}
    return ConnectionPool(url, min_size=1, max_size=most, kwargs=given, configure=_configure, open=True)


def _configure(connection: psycopg.Connection[Row]) -> None:
    connection.server_cursor_factory = psycopg.RawServerCursor
    connection.prepared_max = PREPARED


@contextmanager
def _connected(pool: ConnectionPool[psycopg.Connection[Row]]) -> Iterator[psycopg.Connection[Row]]:
    """A connection of the pool. Unavailable if there is none, or if it is lost on the way: nothing was committed then."""
    try:
        with pool.connection() as connection:
            try:
                yield connection
            except psycopg.Error as error:
                if not connection.closed:
                    raise
                reason = f"the connection was lost: {error}"
                raise Unavailable("database", reason, "try again when the server is back") from error
    except PoolTimeout as error:
        raise Unavailable("database", "the server cannot be reached", "see whether it is running") from error


def _commit(connection: psycopg.Connection[Row]) -> None:
    """Unavailable if the connection broke: nobody knows then whether it was committed, so it is not tried again."""
    try:
        connection.execute(b"COMMIT")
    except psycopg.OperationalError as error:
        reason = "the connection broke at the commit, which may have happened"
        raise Unavailable("database", reason, "repeat with the same Idempotency-Key") from error
