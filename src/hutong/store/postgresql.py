"""PostgreSQL through psycopg 3: a pool of connections; writers are ordered by the lane row they lock."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGresult
from psycopg_pool import ConnectionPool, PoolTimeout

from hutong.kernel.errors import Invalid, Unavailable
from hutong.store.transaction import Dialect, Endings, Row
from hutong.store.wire import Statement, Wire

READERS = 16
WRITERS = 4
MOST_WAITING, LONG = 250, 8 << 20
"""Statements, and bytes of binary values, that wait for one another; more are sent in parts."""
_BEGIN, _COMMIT, _ROLLBACK = Statement(b"BEGIN"), Statement(b"COMMIT"), Statement(b"ROLLBACK")
_UNDONE = pq.TransactionStatus.INERROR
_LOOK = Statement(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")


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


class Wired(psycopg.Connection[Row]):
    """A connection of the pool. What must be quick goes over its wire; COPY and cursors over psycopg."""

    wire: Wire


class PostgresTx(Endings):
    """A transaction on one connection; it begins on the way of its first statement. Results travel in binary."""

    dialect: Dialect = "postgresql"

    def __init__(self, connection: Wired, begin: Statement) -> None:
        super().__init__()
        self._connection = connection
        self._waiting = [begin]
        self._together = 0
        self._long = 0
        self._begun = self._over = False

    @property
    def raw(self) -> Any:
        self._send()
        return self._connection

    def _send(self, *further: Statement) -> list[PGresult]:
        """Sends what waits, then these; returns the results of these."""
        if self._over:
            raise psycopg.InterfaceError("the transaction is over")
        statements, self._waiting, self._long = [*self._waiting, *further], [], 0
        if not statements:
            return []
        self._begun = True
        found = self._connection.wire.run(statements)
        return found[len(found) - len(further) :]

    def _collect(self, statement: Statement) -> None:
        self._waiting.append(statement)
        self._long += statement.size
        if len(self._waiting) >= MOST_WAITING or self._long > LONG:
            self._send()

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        statement = Statement(_native(sql), parameters)
        if self._together:
            self._collect(statement)
            return 0
        return self._send(statement)[0].command_tuples or 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is collected goes with the next statement that must be answered, or with the commit."""
        self._together += 1
        try:
            yield
        finally:
            self._together -= 1

    def ask(self, queries: Sequence[tuple[str, Sequence[Any]]]) -> list[list[Row]]:
        statements = [Statement(_native(sql), parameters) for sql, parameters in queries]
        return [self._connection.wire.rows(one) for one in self._send(*statements)]

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._connection.wire.rows(self._send(Statement(_native(sql), parameters))[0])

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        return next(iter(self.rows(sql, parameters)), None)

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        self._send()
        with self._connection.cursor(name="stream", binary=True) as cursor:
            cursor.itersize = 2000
            yield from cursor.execute(_native(sql), parameters)

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        given = rows if isinstance(rows, list) else list(rows)
        at = 0
        for size in _sizes(len(given)) if _VALUES.search(sql) else [1] * len(given):
            values = [value for row in given[at : at + size] for value in row]
            self._collect(Statement(_several(sql, size), values, told=False))
            at += size
        if not self._together:
            self._send()

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        names = ", ".join(columns)
        kinds = self._send(Statement(f"SELECT {names} FROM {table} LIMIT 0".encode()))[0]
        cursor = self._connection.cursor(binary=True)
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)".encode()) as copy:
            copy.set_types([kinds.ftype(place) for place in range(kinds.nfields)])
            for row in rows:
                copy.write_row(row)

    def commit(self) -> None:
        """On the way of what waits. Unavailable if the connection breaks: nobody knows then whether it was committed, so it is
        not tried again."""
        if not self._begun and len(self._waiting) == 1:
            self._over = True
            return
        try:
            ended = self._send(_COMMIT)[0]
        except psycopg.Error as error:
            refused = self._connection.pgconn.transaction_status == _UNDONE
            if refused or not (self._connection.closed or isinstance(error, psycopg.OperationalError)):
                raise
            reason = "the connection broke at the commit, which may have happened"
            raise Unavailable("database", reason, "repeat with the same Idempotency-Key") from error
        self._over = True
        if ended.command_status != b"COMMIT":
            raise psycopg.errors.InFailedSqlTransaction("a statement had failed, so nothing was committed")

    def end(self) -> None:
        """Undoes what has begun; a server that is lost does so by itself. Whoever still asks is refused: the connection is
        another's."""
        self._over = True
        if self._begun:
            with suppress(psycopg.Error):
                self._connection.wire.run([_ROLLBACK])


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
            tx = PostgresTx(connection, _BEGIN)
            try:
                yield tx
                tx.commit()
            except BaseException:
                tx.end()
                tx.undone()
                raise
            tx.committed()

    @contextmanager
    def read(self) -> Iterator[PostgresTx]:
        with _connected(self._reading) as connection:
            tx = PostgresTx(connection, _LOOK)
            try:
                yield tx
            except psycopg.DataError as error:
                reason = f"cannot be computed: {error.diag.message_primary}"
                raise Invalid("filter", reason, "use numbers of a usual size") from error
            finally:
                tx.end()

    def fold_log(self) -> None:
        """The server does it."""

    def close(self) -> None:
        self._reading.close()
        self._writing.close()


def _pool(url: str, most: int) -> ConnectionPool[Wired]:
    given = {"autocommit": True, "client_encoding": "utf8", "prepare_threshold": None}
    return ConnectionPool(
        url,
        connection_class=Wired,
        min_size=1,
        max_size=most,
        kwargs=given,
        configure=_configure,
        open=True,
    )


def _configure(connection: Wired) -> None:
    connection.cursor_factory = psycopg.RawCursor
    connection.server_cursor_factory = psycopg.RawServerCursor
    connection.wire = Wire(connection.pgconn)


@contextmanager
def _connected(pool: ConnectionPool[Wired]) -> Iterator[Wired]:
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
