"""The store's Reader: one consistent view, through one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.kernel.base import Entity, Instant
from hutong.kernel.changes import RuleMark
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.observation import STREAM_SHIFT, Latest, ObservationBatch, Rollup
from hutong.kernel.ports import JournalRecord
from hutong.kernel.query import EVERYTHING, Expr, Order, Page, equals
from hutong.store.answers import read_answer
from hutong.store.chain import JOURNAL, read_record
from hutong.store.codec import Codec, field_names
from hutong.store.columns import columns, touched
from hutong.store.find import Asked, count, find, find_each
from hutong.store.layout import noun_of
from hutong.store.observations import Observations
from hutong.store.sql import one_of, quoted
from hutong.store.stream_lanes import (
    by_lane,
    latest_of,
    newest_of,
    observed_of,
    rollups_of,
    scan_of,
    stream_lane,
)
from hutong.store.transaction import Row, Tx

LINKED = 200
"""Rows of a page that `linked` reads."""
E = TypeVar("E", bound=Entity)
LANES = "lane IN (SELECT lane FROM lane)"
MOMENT = " AND row_since <= ? AND (row_until IS NULL OR row_until > ?)"


class StoreReader:
    """Reads rows, journal and observations as they were when the transaction began."""

    def __init__(self, tx: Tx, codec: Codec, lanes: tuple[int, ...], observations: Observations) -> None:
        self.tx = tx
        self.codec = codec
        self.lanes = lanes
        self._observations = observations
        self._foreseen: dict[tuple[type[Entity], str, int], tuple[Any, ...]] = {}

    def get(self, noun: type[E], id: int, *, as_of: Instant | None = None) -> E:
        kept = noun_of(noun)
        columns = quoted(field_names(kept))
        if as_of is None:
            row = self.tx.row(f"SELECT {columns} FROM {kept.table} WHERE {LANES} AND id = ?", (id,))
        else:
            row = self.tx.row(
                f"SELECT {columns} FROM {kept.history} WHERE {LANES} AND id = ? AND row_since <= ? "
                "AND (row_until IS NULL OR row_until > ?)",
                (id, as_of, as_of),
            )
        if row is None:
            when = "" if as_of is None else " at that time"
            raise NotFound(kept.name, f"there is no {kept.name}/{id}{when}", noun=kept.name, id=id)
        return self.codec.decode(noun, kept, row)

    def many(self, noun: type[E], ids: Sequence[int], *, as_of: Instant | None = None) -> dict[int, E]:
        if not len(ids):
            return {}
        kept = noun_of(noun)
        matched, value = one_of(self.tx.dialect, "id", [int(one) for one in ids])
        source, moment, at = (kept.table, "", ()) if as_of is None else (kept.history, MOMENT, (as_of, as_of))
        sql = f"SELECT {quoted(field_names(kept))} FROM {source} WHERE {LANES} AND {matched}{moment}"
        return {row[0]: self.codec.decode(noun, kept, row) for row in self.tx.rows(sql, (value, *at))}

    def find(
        self,
        noun: type[E],
        where: Expr = EVERYTHING,
        *,
        order: Sequence[Order] = (),
        limit: int = 100,
        after: str | None = None,
        as_of: Instant | None = None,
        retired: bool = False,
    ) -> Page[E]:
        return find(self.tx, self.codec, noun, self.lanes, Asked(where, order, limit, after, as_of, retired))

    def find_each(
        self,
        noun: type[E],
        link: str,
        ids: Sequence[int],
        where: Expr = EVERYTHING,
        *,
        order: Sequence[Order] = (),
        limit: int = 100,
        as_of: Instant | None = None,
    ) -> dict[int, Page[E]]:
        asked = Asked(where, order, limit, None, as_of)
        return find_each(self.tx, self.codec, noun, self.lanes, link, ids, asked) if len(ids) else {}

    def linked(self, noun: type[E], link: str, id: int) -> tuple[E, ...]:
        known = self._foreseen.get((noun, link, id))
        if known is not None:
            return known
        found: list[E] = []
        page = self.find(noun, equals(link, id), limit=LINKED)
        while page.after is not None:
            found += page.rows
            page = self.find(noun, equals(link, id), limit=LINKED, after=page.after)
        return (*found, *page.rows)

    def foresee(self, noun: type[E], link: str, ids: Sequence[int]) -> None:
        pages = self.find_each(noun, link, ids, limit=LINKED)
        for id in ids:
            page = pages.get(id)
            if page is None or page.after is None:
                self._foreseen[noun, link, id] = page.rows if page else ()

    def columns(
        self,
        noun: type[E],
        fields: Sequence[str],
        where: Expr = EVERYTHING,
        *,
        as_of: Instant | None = None,
    ) -> dict[str, list[Any]]:
        return columns(self.tx, self.codec, noun, self.lanes, fields, Asked(where, as_of=as_of))

    def touched(
        self, nouns: Sequence[type[Entity]], since: Mapping[int, int]
    ) -> tuple[dict[int, int], dict[type[Entity], set[int]] | None]:
        return touched(self.tx, nouns, since)

    def count(
        self,
        noun: type[E],
        where: Expr = EVERYTHING,
        *,
        at_most: int = 10_000,
        as_of: Instant | None = None,
    ) -> int:
        return count(self.tx, self.codec, noun, self.lanes, Asked(where, as_of=as_of), at_most)

    def counters(self, name: str) -> dict[str, int]:
        sql = "SELECT key, sum(value) FROM counter WHERE name = ? GROUP BY key HAVING sum(value) <> 0"
        return {key: int(value) for key, value in self.tx.rows(sql, (name,))}

    def versions(self, noun: type[E], id: int) -> list[tuple[Instant, E]]:
        kept = noun_of(noun)
        sql = (
            f"SELECT {quoted(field_names(kept))}, row_since FROM {kept.history} WHERE {LANES} AND id = ? "
            "ORDER BY version"
        )
        return [(row[-1], self.codec.decode(noun, kept, row)) for row in self.tx.rows(sql, (id,))]

    def histories(self, noun: type[E], ids: Sequence[int]) -> dict[int, list[tuple[Instant, E]]]:
        kept = noun_of(noun)
        found: dict[int, list[tuple[Instant, E]]] = {int(one): [] for one in ids}
        matched, value = one_of(self.tx.dialect, "id", list(found))
        sql = (
            f"SELECT {quoted(field_names(kept))}, row_since FROM {kept.history} WHERE {LANES} AND {matched} "
            "ORDER BY id, version"
        )
        for row in self.tx.rows(sql, (value,)) if found else ():
            found[row[0]].append((row[-1], self.codec.decode(noun, kept, row)))
        return found

    def search_hash(self, noun: type[E], field: str, text: str) -> list[E]:
        kept = noun_of(noun)
        column = kept.column(field)
        if column is None or not column.hashed:
            raise Invalid(field, f"is not a searchable personal field of {kept.name}")
        fingerprint = self.codec.vault.fingerprint(f"{kept.name}.{field}", text)
        sql = f'SELECT {quoted(field_names(kept))} FROM {kept.table} WHERE {LANES} AND "{field}_hash" = ? ORDER BY id'
        return [self.codec.decode(noun, kept, row) for row in self.tx.rows(sql, (fingerprint,))]

    def rule_state(self, lane: int = 1) -> tuple[int, list[RuleMark]]:
        version = self._lane(lane)[0]
        sql = "SELECT rule, thing, holding_since, clear_since, warning, memory FROM rule_mark WHERE lane = ?"
        return version, [
            RuleMark(rule, thing, holding, clear, warning, msgspec.json.decode(memory))
            for rule, thing, holding, clear, warning, memory in self.tx.rows(sql, (lane,))
        ]

    def cursor(self, name: str, lane: int = 1) -> str | None:
        row = self.tx.row("SELECT value FROM subscriber WHERE lane = ? AND name = ?", (lane, name))
        return None if row is None else str(row[0])

    def journal(
        self, *, lane: int = 1, after: int = 0, limit: int = 1000, subject: tuple[str, int] | None = None
    ) -> list[JournalRecord]:
        sql = f"SELECT {quoted(JOURNAL)} FROM journal WHERE lane = ? AND position > ?"
        values: tuple[int | str, ...] = (lane, after)
        if subject is not None:
            noun, one = subject
            sql += (
                " AND position IN (SELECT position FROM journal_subject WHERE lane = ? AND noun = ? AND id = ? "
                "UNION SELECT position FROM journal_range WHERE lane = ? AND noun = ? AND last >= ? AND first <= ?)"
            )
            values = (lane, after, lane, noun, one, lane, noun, one, one)
        return [
            read_record(row) for row in self.tx.rows(f"{sql} ORDER BY position LIMIT ?", (*values, limit))
        ]

    def kinds(self, *, after: int, lane: int = 1) -> frozenset[str]:
        sql = "SELECT DISTINCT kind FROM journal WHERE lane = ? AND position > ?"
        return frozenset(row[0] for row in self.tx.rows(sql, (lane, after)))

    def head(self, lane: int = 1) -> int:
        return int(self._lane(lane)[1])

    def answered(self, key: str, lane: int = 1) -> tuple[str, Any] | None:
        row = self.tx.row("SELECT digest, response FROM idempotency WHERE lane = ? AND key = ?", (lane, key))
        return None if row is None else (str(row[0]), read_answer(self.codec.vault, bytes(row[1])))

    def _lane(self, lane: int) -> Row:
        row = self.tx.row("SELECT state_version, position FROM lane WHERE lane = ?", (lane,))
        if row is None:
            raise NotFound("lane", f"there is no lane {lane}")
        return row

    def definition(self, digest: str) -> bytes:
        row = self.tx.row("SELECT content FROM definition WHERE digest = ?", (digest,))
        if row is None:
            raise NotFound("definition", f"there is no definition {digest}")
        return bytes(row[0])

    def definitions(self) -> tuple[str, ...]:
        return tuple(str(row[0]) for row in self.tx.rows("SELECT digest FROM definition ORDER BY digest"))

    def by_lane(self, streams: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
        """The streams of each lane that has some, in the order given."""
        return by_lane(self.tx, self.lanes, streams) if len(streams) else {}

    def latest(self, streams: NDArray[np.int64], *, at: Instant | None = None) -> Latest:
        return latest_of(self.tx, self._observations, self.lanes, streams, at)

    def newest(
        self, streams: NDArray[np.int64], *, at: Instant | None = None
    ) -> tuple[ObservationBatch, NDArray[np.bool_]]:
        return newest_of(self.tx, self._observations, self.lanes, streams, at)

    def observed(
        self,
        streams: NDArray[np.int64],
        start: Instant | None = None,
        end: Instant | None = None,
        *,
        at_most: int = 1_000_000,
    ) -> int:
        return observed_of(self.tx, self._observations, self.lanes, streams, start, end, at_most)

    def scan(self, streams: NDArray[np.int64], start: Instant, end: Instant) -> ObservationBatch:
        return scan_of(self.tx, self._observations, self.lanes, streams, start, end)

    def observations(
        self,
        stream: int,
        start: Instant | None = None,
        end: Instant | None = None,
        *,
        limit: int = 10_000,
        descending: bool = False,
    ) -> ObservationBatch:
        lane = stream_lane(self.tx, self.lanes, stream)
        return self._observations.observations(
            self.tx, lane, stream, start, end, limit=limit, descending=descending
        )

    def observation(self, id: int) -> ObservationBatch:
        """The observation with this id, as a batch of one row."""
        lane = stream_lane(self.tx, self.lanes, id >> STREAM_SHIFT)
        return self._observations.get(self.tx, lane, id)

    def rollups(self, streams: NDArray[np.int64], start: Instant, end: Instant, window: int) -> Rollup:
        return rollups_of(self.tx, self._observations, self.lanes, streams, start, end, window)

    def rows_since(
        self, streams: NDArray[np.int64], start: Instant | None = None, end: Instant | None = None
    ) -> Instant | None:
        found = [
            self._observations.rows_since(self.tx, lane, some, start, end)
            for lane, some in self.by_lane(streams).items()
        ]
        return max((one for one in found if one is not None), default=None)
