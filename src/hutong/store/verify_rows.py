"""Compares stored rows, current and past, with the digests the journal wrote when they were put."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from hutong.store.chain import HashFunction, row_digest
from hutong.store.codec import Stored
from hutong.store.layout import Noun, nouns
from hutong.store.sql import one_of, quoted
from hutong.store.transaction import Row, Tx

BATCH = 5000
_POSITION, _BODY = 1, 7


class Bulk(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rows of a bulk load that one record tells of: first versions, by ranges of ids; digest of their digests."""

    noun: str
    ranges: tuple[tuple[int, int], ...]
    count: int
    digest: str


class _Body(msgspec.Struct):
    rows: dict[str, str] = {}
    subjects: list[tuple[str, int, int]] = []
    bulk: Bulk | None = None


_body = msgspec.json.Decoder(_Body)
Wrong = tuple[int, str]
"""The journal position that tells of a row (0: none does), and what is wrong."""


class RowCheck:
    """Takes the records of a lane in order; `finish` gives what is wrong."""

    def __init__(self, tx: Tx, digest: HashFunction, lane: int) -> None:
        self._tx = tx
        self._digest = digest
        self._lane = lane
        self._waiting: dict[str, dict[tuple[int, int], tuple[str, int]]] = defaultdict(dict)
        self._pending = 0
        self._latest: dict[str, dict[int, int]] = defaultdict(dict)
        self._told: dict[str, int] = defaultdict(int)
        self._wrong: list[Wrong] = []
        self.count = 0

    def take(self, record: Row) -> None:
        position = record[_POSITION]
        try:
            body = _body.decode(record[_BODY])
        except msgspec.DecodeError:
            self._wrong.append((position, "its body cannot be read"))
            return
        for noun, one, version in body.subjects:
            digest = body.rows.get(f"{noun}/{one}")
            if digest is not None:
                self._waiting[noun][one, version] = (digest, position)
                self._latest[noun][one] = version
                self._told[noun] += 1
                self._pending += 1
        if body.bulk is not None:
            self._bulk(body.bulk, position)
        if self._pending >= BATCH:
            self._compare()

    def _history(self, noun: Noun, where: str, values: tuple[object, ...]) -> Iterator[Stored]:
        sql = f"SELECT id, version, {quoted(noun.stored)} FROM {noun.history} WHERE lane = ? AND {where}"
        for row in self._tx.rows(sql, (self._lane, *values)):
            yield Stored(row[0], row[1], row[2:])

    def _compare(self) -> None:
        for name, wanted in self._waiting.items():
            noun = nouns()[name]
            matched, ids = one_of(self._tx.dialect, "id", sorted({one for one, _ in wanted}))
            for row in self._history(noun, matched, (ids,)):
                told = wanted.pop((row.id, row.version), None)
                if told is not None:
                    self.count += 1
                    if row_digest(self._digest, noun, self._lane, row) != told[0]:
                        self._wrong.append((told[1], f"{name}/{row.id} version {row.version} was altered"))
            for (one, version), (_, position) in wanted.items():
                self._wrong.append((position, f"{name}/{one} version {version} is not there"))
        self._waiting.clear()
        self._pending = 0

    def _bulk(self, bulk: Bulk, position: int) -> None:
        noun = nouns()[bulk.noun]
        digests: list[str] = []
        for first, last in bulk.ranges:
            for row in self._history(noun, "id BETWEEN ? AND ? AND version = 1 ORDER BY id", (first, last)):
                digests.append(row_digest(self._digest, noun, self._lane, row))
                self._latest[bulk.noun][row.id] = 1
        self.count += len(digests)
        self._told[bulk.noun] += len(digests)
        if len(digests) != bulk.count or bulk_digest(self._digest, digests) != bulk.digest:
            self._wrong.append(
                (position, f"a {bulk.noun} of the ids {bulk.ranges[0][0]}… was altered or is not there")
            )

    def finish(self) -> list[Wrong]:
        """Also finds rows that no record tells of."""
        self._compare()
        for noun in nouns().values():
            latest = self._latest.get(noun.name, {})
            for one, version in self._tx.rows(
                f"SELECT id, version FROM {noun.table} WHERE lane = ?", (self._lane,)
            ):
                if latest.get(one) != version:
                    told = latest.get(one, "none")
                    self._wrong.append(
                        (0, f"{noun.name}/{one} is at version {version}, the journal tells of {told}")
                    )
            kept = self._tx.row(f"SELECT count(*) FROM {noun.history} WHERE lane = ?", (self._lane,))
            if kept is not None and kept[0] > self._told.get(noun.name, 0) and not self._wrong:
                self._wrong.append((0, f"{noun.name} has versions that no record tells of"))
        return self._wrong


def bulk_digest(digest: HashFunction, digests: list[str]) -> str:
    """One digest for the rows of a chunk, in the order of their ids."""
    return digest("".join(digests).encode()).hex()
