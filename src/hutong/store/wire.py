"""Statements to PostgreSQL through libpq's own pipeline: many in one journey, the plans of frequent ones kept.

psycopg makes a cursor, a query and a generator of every statement, and wants a plan of its own for every size of whole number
and every place of a NULL. Here numbers travel as text, and where the server finds the types of an INSERT by its columns, one
plan serves all rows.
"""

from __future__ import annotations

import select
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import errors, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq.abc import PGconn, PGresult

from hutong.store.transaction import Row

OFTEN = 3
"""Uses of a statement from which on the server keeps its plan."""
KEPT = 400
"""Plans that the server keeps for a connection; a group of commands alone has some sixty, with their sizes."""
SEEN = 4 * KEPT
_GOOD = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)
_FAILED, _SYNC = pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.PIPELINE_SYNC
_BAD, _UNDONE = pq.ConnStatus.BAD, pq.TransactionStatus.INERROR
_STALE = ("0A000", "26000")
"""A plan's columns have changed; the server does not know a plan (any more)."""
_TYPES: dict[type, int] = {int: 20, float: 701, bytes: 17, str: 0, type(None): 0}
"""OIDs: bigint, double precision, bytea; the server finds by the place what a text or NULL is."""
_LISTS: dict[type, int] = {int: 1016, float: 1022, str: 1009}

_CHANGING = (b"ALTER", b"DROP")
_PLANLESS = (*_CHANGING, b"DEALLOCATE", b"CREATE")

Key = tuple[bytes, tuple[int, ...]]


def _check(texts: list[str]) -> None:
    if "\0" in "".join(texts):
        raise psycopg.DataError("PostgreSQL text cannot hold the character U+0000")


def _texts_of(values: Sequence[Any]) -> list[bytes | None]:
    """Values as they travel: bytes as they are, all else as text."""
    _check([value for value in values if type(value) is str])
    return [
        value.encode()
        if (kind := type(value)) is str
        else b"%d" % value
        if kind is int
        else value
        if value is None or kind is bytes
        else repr(value).encode()
        if kind is float
        else _rare(value)[0]
        for value in values
    ]


def _rare(value: Any) -> tuple[bytes, int]:
    """A list, or a value that only psycopg knows to write, with its type."""
    kinds = set(map(type, value)) if type(value) is list else set()
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is str:
        _check(value)
        joined = '","'.join([one.replace("\\", "\\\\").replace('"', '\\"') for one in value])
        return ('{"' + joined + '"}').encode(), _LISTS[str]
    if kind is int or kind is float:
        return ("{" + ",".join(map(repr, value)) + "}").encode(), _LISTS[kind]
    dumper = Transformer().get_dumper(value, PyFormat.TEXT)
    return bytes(dumper.dump(value) or b""), dumper.oid


class Statement:
    """SQL with `$1`, `$2`, and its values as they travel. Without `told` the server finds the types itself, as it can for an
    INSERT. DataError for text that the server cannot keep."""

    __slots__ = ("formats", "key", "values")

    def __init__(self, sql: bytes, values: Sequence[Any] = (), *, told: bool = True) -> None:
        kinds = list(map(type, values))
        self.values = _texts_of(values)
        self.key: Key = (sql, ())
        if told:
            known = [_TYPES.get(kind) for kind in kinds]
            types = [_rare(values[at])[1] if one is None else one for at, one in enumerate(known)]
            self.key = (sql, tuple(types))
        self.formats = [kind is bytes for kind in kinds] if bytes in kinds else None

    @property
    def size(self) -> int:
        """Bytes of its binary values, which alone are long."""
        if self.formats is None:
            return 0
        return sum(
            len(value) for value, long in zip(self.values, self.formats, strict=True) if long and value
        )


class Wire:
    """What one connection says to its server; for one thread at a time."""

    def __init__(self, connection: PGconn) -> None:
        self._pg = connection
        self._names: OrderedDict[Key, bytes] = OrderedDict()
        self._seen: dict[Key, int] = {}
        self._made = 0
        self._gone: list[bytes] = []
        self._outdated = False
        self._loader = Transformer()
        self._poll = select.poll()

    @property
    def kept(self) -> int:
        """How many plans the server keeps for it."""
        return len(self._names)

    def rows(self, result: PGresult) -> list[Row]:
        self._loader.set_pgresult(result)
        return self._loader.load_rows(0, result.ntuples, tuple)

    def run(self, statements: Sequence[Statement]) -> list[PGresult]:
        """The results, in order. The first that fails raises when all have been answered; those after it did not run. The
        connection is closed if it is lost, or if waiting for it is broken off."""
        if self._gone and self._pg.transaction_status != _UNDONE:
            gone, self._gone = self._gone, []
            self._travel([Statement(sql) for sql in gone])
        return self._travel(statements)

    def _travel(self, statements: Sequence[Statement]) -> list[PGresult]:
        pg = self._pg
        fresh: dict[int, Key] = {}
        names: dict[Key, bytes] = {}
        sent = 0
        try:
            pg.enter_pipeline_mode()
            for statement in statements:
                sent += self._send(statement, sent, fresh, names)
            pg.pipeline_sync()
            results = self._answers(sent)
            pg.exit_pipeline_mode()
        except BaseException:
            pg.finish()
            raise
        for place, key in fresh.items():
            if results[place].status in _GOOD:
                self._names[key] = names[key]
        failed = next((one for one in results if one.status == _FAILED), None)
        failure = errors.error_from_result(failed) if failed is not None else None
        if failure is not None:
            self._outdated |= failure.sqlstate in _STALE
        self._trim()
        if failure is not None:
            raise failure
        return [result for place, result in enumerate(results) if place not in fresh] if fresh else results

    def _send(self, statement: Statement, place: int, fresh: dict[int, Key], names: dict[Key, bytes]) -> int:
        """Sends it, as a plan if it comes often; returns how many answers will come."""
        key, pg = statement.key, self._pg
        name = self._names.get(key) or names.get(key)
        if name is not None:
            if key in self._names:
                self._names.move_to_end(key)
            pg.send_query_prepared(name, statement.values, statement.formats, 1)
            return 1
        sql, types = key
        uses = self._seen.get(key, 0) + 1
        self._seen[key] = uses
        if uses < OFTEN or sql.startswith(_PLANLESS):
            pg.send_query_params(sql, statement.values, types or None, statement.formats, 1)
            self._outdated |= sql.startswith(_CHANGING)
            return 1
        self._made += 1
        names[key] = name = b"hutong_%d" % self._made
        fresh[place] = key
        pg.send_prepare(name, sql, types or None)
        pg.send_query_prepared(name, statement.values, statement.formats, 1)
        return 2

    def _answers(self, count: int) -> list[PGresult]:
        pg, found = self._pg, list[PGresult]()
        socket = pg.socket
        self._poll.register(socket, select.POLLIN | select.POLLOUT)
        while pg.flush():
            if self._poll.poll()[0][1] != select.POLLOUT:
                pg.consume_input()
        self._poll.modify(socket, select.POLLIN)
        while True:
            while pg.is_busy():
                self._poll.poll()
                pg.consume_input()
            result = pg.get_result()
            if result is None:
                if pg.status == _BAD:
                    self._lost(found)
            elif result.status == _SYNC:
                break
            else:
                found.append(result)
        if len(found) != count:
            raise psycopg.OperationalError(f"{count} statements had {len(found)} answers")
        return found

    def _lost(self, found: list[PGresult]) -> None:
        for result in found:
            if result.status == _FAILED and result.error_field(pq.DiagnosticField.SQLSTATE):
                raise errors.error_from_result(result)
        raise psycopg.OperationalError(self._pg.get_error_message())

    def _trim(self) -> None:
        """Keeps no more plans than agreed; none where tables have changed."""
        if self._outdated:
            self._names.clear()
            self._gone = [b"DEALLOCATE ALL"]
            self._outdated = False
        if len(self._seen) > SEEN:
            self._seen.clear()
        while len(self._names) > KEPT:
            key, name = self._names.popitem(last=False)
            self._seen.pop(key, None)
            self._gone.append(b"DEALLOCATE " + name)
