"""PostgreSQL through psycopg 3: a pool of connections; writers are ordered by the lane row they lock."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from hutong.kernel.errors import Invalid, Unavailable
from hutong.store.transaction import Dialect, Endings, Row

READERS = 16
WRITERS = 4
BEGIN = b"BEGIN"
BEGIN_READING = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
MOST_LATER = 64
"""Statements that may wait for the next that has an answer."""


@functools.lru_cache(maxsize=4096)
def _native(sql: str) -> bytes:
    """`?` placeholders as psycopg's `%s`."""
    return sql.replace("%", "%%").replace("?", "%s").encode()


class PostgresTx(Endings):
    """A transaction on one psycopg connection; results travel in binary.

    What nobody waits for (BEGIN, the rows of `many`) travels with the next statement that has an answer, or with the
    commit: a group commit takes three journeys to the server instead of eight.
    """

    dialect: Dialect = "postgresql"

    def __init__(self, connection: psycopg.Connection[Row], begin: bytes = BEGIN) -> None:
        super().__init__()
        self._connection = connection
        self._cursor = connection.cursor(binary=True)
        self._later: list[tuple[bytes, Sequence[Any]]] = [(begin, ())]
        self.begun = False

    @property
    def raw(self) -> Any:
        self._now()
        return self._connection

    def _run(self, sql: str, parameters: Sequence[Any]) -> psycopg.Cursor[Row]:
        if not self._later:
            return self._cursor.execute(_native(sql), parameters)
        with self._connection.pipeline():
            self._send()
            self._cursor.execute(_native(sql), parameters)
        return self._cursor

    def _send(self) -> None:
        """Hands the waiting statements to the open pipeline."""
        waiting, self._later, self.begun = self._later, [], True
        cursor = self._connection.cursor(binary=True)
        for statement, parameters in waiting:
            cursor.execute(statement, parameters)

    def _now(self) -> None:
        if self._later:
            with self._connection.pipeline():
                self._send()

    def commit(self) -> None:
        """Sends what waits together with COMMIT: if one statement fails, the server skips the rest, COMMIT too."""
        if not self.begun and len(self._later) == 1:
            return
        with self._connection.pipeline():
            self._send()
            self._cursor.execute(b"COMMIT")

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        return self._run(sql, parameters).rowcount

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._run(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        return self._run(sql, parameters).fetchone()

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        self._now()
        with self._connection.cursor(name="stream", binary=True) as cursor:
            cursor.itersize = 2000
            yield from cursor.execute(_native(sql), parameters)

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        if isinstance(rows, list) and len(self._later) + len(rows) <= MOST_LATER:
            self._later += [(_native(sql), row) for row in rows]
            return
        self._now()
        self._cursor.executemany(_native(sql), rows)

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        self._now()
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        with self._cursor.copy(statement.encode()) as copy:
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
            try:
                yield tx
                _commit(tx, connection)
            except BaseException:
                if tx.begun:
                    with suppress(psycopg.Error):
                        connection.execute(b"ROLLBACK")
                tx.undone()
                raise
            tx.committed()

    @contextmanager
    def read(self) -> Iterator[PostgresTx]:
        with _connected(self._reading) as connection:
            tx = PostgresTx(connection, BEGIN_READING)
            try:
                yield tx
            except psycopg.DataError as error:
                reason = f"cannot be computed: {error.diag.message_primary}"
                raise Invalid("filter", reason, "use numbers of a usual size") from error
            finally:
                if tx.begun:
                    with suppress(psycopg.Error):
                        connection.execute(b"ROLLBACK")

    def fold_log(self) -> None:
        """The server does it."""

    def close(self) -> None:
        self._reading.close()
        self._writing.close()


def _pool(url: str, most: int) -> ConnectionPool[psycopg.Connection[Row]]:
    return ConnectionPool(url, min_size=1, max_size=most, kwargs={"autocommit": True}, open=True)


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


def _commit(tx: PostgresTx, connection: psycopg.Connection[Row]) -> None:
    """Unavailable if the connection broke: nobody knows then whether it was committed, so it is not tried again."""
    try:
        tx.commit()
    except psycopg.OperationalError as error:
        if not connection.closed:
            raise  # The server itself says that it failed.
        reason = "the connection broke at the commit, which may have happened"
        raise Unavailable("database", reason, "repeat with the same Idempotency-Key") from error
