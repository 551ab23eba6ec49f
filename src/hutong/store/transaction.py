"""One way to talk to both databases: transactions with `?` placeholders, and what happens around their end.

SQL given to a Tx uses `?` for every value and no other `?` or `%` (values are never formatted into SQL).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

Dialect = Literal["sqlite", "postgresql"]
Row = tuple[Any, ...]


class Tx(Protocol):
    """An open transaction. Values are int, float, str, bytes or None; rows come as tuples of these."""

    dialect: Dialect

    @property
    def raw(self) -> Any:
        """The connection itself (apsw.Connection, psycopg.Connection), for what only it can do fast."""

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Runs one statement; returns how many rows it changed."""

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of a query one by one, without holding all of them in memory."""

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Runs one statement for every row of values."""

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Adds many rows the fastest way the database has (PostgreSQL: COPY)."""

    def together(self) -> AbstractContextManager[None]:
        """Statements inside travel without waiting for one another: only `execute` and `many`. PostgreSQL: one journey to the
        server for all of them and what comes next, which raises for the first that failed; at the latest the commit."""

    def ask(self, queries: Sequence[tuple[str, Sequence[Any]]]) -> list[list[Row]]:
        """The rows of several queries (PostgreSQL: in one journey)."""

    def on_commit(self, act: Callable[[], None]) -> None:
        """Runs `act` after the commit is durable, in the order given."""

    def on_rollback(self, act: Callable[[], None]) -> None:
        """Runs `act` if the transaction is undone: take back what memory already believes."""


class Database(Protocol):
    """A database that is open: hands out transactions; safe to call from many threads."""

    dialect: Dialect

    def write(self) -> AbstractContextManager[Tx]:
        """A writing transaction: committed at the end of the block, undone if it raises.

        SQLite: one at a time; others wait.
        """

    def read(self) -> AbstractContextManager[Tx]:
        """A consistent, read-only view for the whole block."""

    def fold_log(self) -> None:
        """Does the database's housekeeping of its log beside the work; nothing where the server does it."""

    def close(self) -> None: ...


class Endings:
    """What to do when a transaction ends; both adapters share it."""

    def __init__(self) -> None:
        self._committed: list[Callable[[], None]] = []
        self._undone: list[Callable[[], None]] = []

    def on_commit(self, act: Callable[[], None]) -> None:
        self._committed.append(act)

    def on_rollback(self, act: Callable[[], None]) -> None:
        self._undone.append(act)

    def committed(self) -> None:
        for act in self._committed:
            act()

    def undone(self) -> None:
        for act in reversed(self._undone):
            act()
