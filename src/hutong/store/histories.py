"""Rows with all their past: how the cases of another system come in, record by record. What can be made ready without the
database is made here, if need be in another process; `history_load.py` takes it in.

Every step is a record of the journal with the rows as they became by it, as if it had been a command of its own: the chain, the
digests and the versions are those of ordinary work. Only new rows; recorded time is that of the load.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from hutong.kernel.base import Entity, Instant
from hutong.kernel.changes import Step
from hutong.kernel.errors import Invalid
from hutong.store.beside import counters_of, word_list
from hutong.store.chain import HashFunction, body_bytes, changed_fields, row_digest
from hutong.store.codec import Codec, Stored
from hutong.store.group import Key
from hutong.store.layout import Noun, noun_of, nouns
from hutong.store.scope_rows import picked, scope_values, scopes_of
from hutong.store.transaction import Row

Told = tuple[str, int, Instant, str, bytes, list[tuple[str, int, int]]]
"""Of a record: kind, actor, at, cause, body, subjects (noun, id, version)."""


class Ready(msgspec.Struct, array_like=True):
    """Rows of one noun as their tables keep them."""

    rows: list[Row] = []
    past: list[Row] = []
    scopes: list[Row] = []
    words: list[tuple[int, list[str]]] = []
    boxes: list[Row] = []


class Prepared(msgspec.Struct, array_like=True):
    """Histories made ready: all that is written, but for the places in the chain. It may travel between processes."""

    lane: int
    recorded: Instant
    records: list[Told] = []
    nouns: dict[str, Ready] = {}
    counters: list[tuple[str, str, int]] = []


class Preparation:
    """Makes histories ready. `recorded`: the recorded time of the whole load.

    In another process it needs a codec of that process, if there is anything personal in the rows."""

    def __init__(self, codec: Codec, digest: HashFunction, lane: int, recorded: Instant) -> None:
        self.codec, self.digest = codec, digest
        self.lane, self.recorded = lane, recorded

    def prepare(self, steps: Sequence[Step]) -> Prepared:
        """Invalid names a row that its record does not name, or that is of another lane."""
        owners = {
            one for step in steps for row in step.puts for one in self.codec.owners(noun_of(type(row)), row)
        }
        if owners:
            self.codec.vault.ensure(owners)
        rows: dict[Key, Stored] = {}
        past: dict[str, list[Row]] = defaultdict(list)
        records = [self._told(step, rows, past) for step in steps]
        by_noun: dict[str, list[Stored]] = defaultdict(list)
        for (name, _), row in rows.items():
            by_noun[name].append(row)
        counters: Counter[tuple[str, str]] = Counter()
        ready: dict[str, Ready] = {}
        for name, some in by_noun.items():
            noun = nouns()[name]
            some.sort(key=lambda row: row.id)
            ready[name] = self._ready(noun, some, past[name])
            for row in some:
                counters.update(counters_of(noun, row))
        steps_of = [(name, key, step) for (name, key), step in counters.items()]
        return Prepared(self.lane, self.recorded, records, ready, steps_of)

    def _told(self, step: Step, rows: dict[Key, Stored], past: dict[str, list[Row]]) -> Told:
        record = step.record
        body: dict[str, Any] = {"facts": record.facts, "explain": record.explain}
        versions: dict[Key, int] = {}
        if step.puts:
            self._take(step, rows, past, body, versions)
        subjects = [(noun, one, versions.get((noun, one), 0)) for noun, one in dict.fromkeys(record.subjects)]
        body["subjects"] = subjects
        return record.kind, record.actor, record.at, record.cause, body_bytes(body), subjects

    def _take(
        self,
        step: Step,
        rows: dict[Key, Stored],
        past: dict[str, list[Row]],
        body: dict[str, Any],
        versions: dict[Key, int],
    ) -> None:
        record, lane = step.record, self.lane
        changes, digests = body.setdefault("changes", {}), body.setdefault("rows", {})
        for entity in step.puts:
            noun = noun_of(type(entity))
            key = (noun.name, entity.id)
            name = f"{noun.name}/{entity.id}"
            if entity.lane != lane:
                raise Invalid("lane", f"row {entity.id} is of lane {entity.lane}, not {lane}")
            if key not in record.subjects:
                raise Invalid("records", f"{record.kind} does not name {key}", "name every row put")
            before = rows.get(key)
            after = self._stored(noun, entity, before, record.at)
            if before is not None:
                past[noun.name].append((lane, before.id, before.version, *before.values, self.recorded))
            rows[key] = after
            versions[key] = after.version
            changes[name] = changed_fields(noun, self.codec.vault, before, after)
            digests[name] = row_digest(self.digest, noun, lane, after)

    def _stored(self, noun: Noun, entity: Entity, before: Stored | None, at: Instant) -> Stored:
        version = 1 if before is None else before.version + 1
        fresh = entity if entity.version == version else msgspec.structs.replace(entity, version=version)
        values = self.codec.encode(noun, fresh, (self.recorded, at), before)
        return Stored(entity.id, version, values, self.codec.hashes(noun, fresh) if noun.hashes else ())

    def _ready(self, noun: Noun, some: list[Stored], past: list[Row]) -> Ready:
        lane = self.lane
        ready = Ready([(lane, row.id, row.version, *row.values, *row.hashes) for row in some], past)
        if noun.scope_table:
            for row in some:
                values = scope_values(noun, row)
                ready.scopes += [(lane, scope, row.id, *values) for scope in scopes_of(noun, row)]
        if noun.words:
            ready.words = [(row.id, word_list(noun, row)) for row in some]
        if noun.geometry:
            boxes = [(row.id, *picked(noun, row, ("west", "east", "south", "north"))) for row in some]
            ready.boxes = [one for one in boxes if one[1] is not None]
        return ready


def columns_of(noun: Noun) -> tuple[str, ...]:
    """Of a noun's table, in the order of `Ready.rows`."""
    return ("lane", "id", "version", *noun.stored, *noun.hashes)


def past_columns_of(noun: Noun) -> tuple[str, ...]:
    """Of its table of versions, in the order of `Ready.past`."""
    return ("lane", "id", "version", *noun.stored, "row_until")
