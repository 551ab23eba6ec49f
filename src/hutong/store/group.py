"""A group of commands in one transaction of one lane: each is checked, then kept in memory, then all are written.

A refused command leaves nothing behind, so it never fails its neighbours. Later commands of the group see what earlier
ones did. `flush.py` writes the group.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from hutong.kernel.base import Entity, Instant
from hutong.kernel.changes import Applied, Changes, Record, RuleMark
from hutong.kernel.errors import Conflict, HutongError, Invalid, Refused
from hutong.kernel.evidence import awaits_ids, with_ids
from hutong.kernel.observation import ObservationBatch
from hutong.kernel.thing import Datastream
from hutong.store.amends import KIND as AMEND
from hutong.store.amends import amend_bodies, check_read, facts_of
from hutong.store.answers import Known, few, moved, read_answer
from hutong.store.batches import batch_facts
from hutong.store.beside import moved_counters
from hutong.store.chain import HashFunction, body_bytes, changed_fields, head_bytes, link, row_digest
from hutong.store.codec import Codec, Stored
from hutong.store.layout import Noun, noun_of
from hutong.store.observations import Observations
from hutong.store.observations.rows import Rows
from hutong.store.sql import one_of, quoted
from hutong.store.stream_lanes import StreamCodes
from hutong.store.transaction import Row, Tx

Key = tuple[str, int]
Query = tuple[str, tuple[Any, ...]]


class Spoiled(Exception):
    """A command failed when part of it was in memory already: the group must be undone and tried one by one."""


class Lane(msgspec.Struct):
    """The lane's row, locked for the group."""

    lane: int
    position: int
    head: bytes
    state_version: int
    recorded: Instant
    streams: int
    """Moves on with every change of a datastream, so that other processes forget what they knew of it."""


class Draft(msgspec.Struct):
    """What one command will change, not yet part of the group."""

    rows: list[tuple[Noun, Stored]] = []
    entities: list[Entity] = []
    numbers: dict[str, int] = {}
    sequences: list[ObservationBatch] = []


class Group:
    """Commands of one lane in one transaction. `now` is the recorded time of all of them."""

    def __init__(
        self,
        tx: Tx,
        lane: int,
        codec: Codec,
        digest: HashFunction,
        observations: Observations,
        codes: StreamCodes,
    ) -> None:
        self.tx = tx
        self.codec = codec
        self.digest = digest
        self.observations = observations
        self.codes = codes
        self.lane = self._lock(lane)
        codes.begin(tx, lane, self.lane.streams)
        self.now: Instant = self.lane.recorded
        self.rows: dict[Key, Stored | None] = {}
        self.first: dict[Key, Stored | None] = {}
        self.past: dict[str, list[tuple[Stored, Instant]]] = defaultdict(list)
        self.hashes: dict[Key, Row] = {}
        self.journal: list[Row] = []
        self.subjects: list[Row] = []
        self.known: dict[str, Known] = {}
        self.new_keys: dict[str, Known] = {}
        self.numbers: dict[str, int] = {}
        self.numbered: dict[str, int] = {}
        self.counters: dict[tuple[str, str], int] = defaultdict(int)
        self.marks: dict[Key, RuleMark] = {}
        self.cursors: dict[str, str] = {}
        self.erasing: dict[int, int] = {}
        self._erased_before: set[int] = set()

    def _lock(self, lane: int) -> Lane:
        suffix = " FOR UPDATE" if self.tx.dialect == "postgresql" else ""
        sql = (
            f"SELECT lane, position, head, state_version, recorded, streams FROM lane WHERE lane = ?{suffix}"
        )
        found = self.tx.row(sql, (lane,))
        if found is None:
            raise Invalid("lane", f"there is no lane {lane}", "create it first")
        return Lane(*found)

    @property
    def changed(self) -> bool:
        """Did any command change anything?"""
        return bool(self.journal or self.cursors or self.new_keys or self.marks)

    def load(self, commands: Sequence[Changes], now: Instant) -> None:
        """Reads what the checks need, in few queries; recorded time never runs backwards in a lane."""
        self.now = max(now, self.lane.recorded)
        wanted: dict[Noun, set[int]] = defaultdict(set)
        owners: set[int] = set()
        for command in commands:
            for entity in command.puts:
                noun = noun_of(type(entity))
                wanted[noun].add(entity.id)
                owners.update(self.codec.owners(noun, entity))
        keys = [command.idempotency_key for command in commands if command.idempotency_key]
        counters = [asked.counter for command in commands for asked in command.numbering]
        queries = [self._rows_query(noun, sorted(ids)) for noun, ids in wanted.items()]
        queries += [
            self._kept_query("key", "key, digest, position, response", "idempotency", keys),
            self._kept_query("counter", "counter, last", "numbering", counters),
        ]
        matched, value = one_of(self.tx.dialect, "party", sorted(owners))
        queries.append((f"SELECT party FROM erasure WHERE {matched}", (value,)))
        given = [bool(one) for one in (*wanted, keys, counters, owners)]
        found = iter(self.tx.ask([query for query, asked in zip(queries, given, strict=True) if asked]))
        answers = [next(found) if asked else [] for asked in given]
        for noun, rows in zip(wanted, answers, strict=False):
            self.rows.update({(noun.name, row[0]): Stored(row[0], row[1], row[2:]) for row in rows})
        for key, digest, position, response in answers[-3]:
            self.known[key] = Known(digest, position, read_answer(self.codec.vault, bytes(response)))
        self.numbers.update(dict(answers[-2]))
        if owners:
            self._erased_before = {row[0] for row in answers[-1]}
            self.codec.vault.ensure(owners - self._erased_before)

    def _rows_query(self, noun: Noun, ids: list[int]) -> Query:
        matched, value = one_of(self.tx.dialect, "id", ids)
        self.rows.update({(noun.name, one): None for one in ids})
        sql = f"SELECT id, version, {quoted(noun.stored)} FROM {noun.table} WHERE lane = ? AND {matched}"
        return sql, (self.lane.lane, value)

    def _kept_query(self, name: str, columns: str, table: str, values: list[str]) -> Query:
        matched, value = one_of(self.tx.dialect, name, values)
        return f"SELECT {columns} FROM {table} WHERE lane = ? AND {matched}", (self.lane.lane, value)

    def decide(self, command: Changes) -> Applied:
        """Checks one command and takes it into the group; raises without a trace if it is refused."""
        repeated = self._repeated(command)
        if repeated is not None:
            return repeated
        self._check_state(command)
        command, draft = self._drafted(command)
        before, amended = self._amendable(command)
        bodies = self._bodies(command, draft)
        if not draft.sequences:
            self._append_batches(command, draft)
        bodies += self._batch_bodies(command, draft) + amended
        if before is not None:
            self.observations.write_amends(self.tx, self.lane.lane, command.amends, before)
        self._take(command, draft)
        for record, body, subjects in bodies:
            self.append(record, body, subjects)
        self._remember(command)
        return Applied(
            position=self.lane.position,
            rows=tuple(draft.entities),
            sequences=tuple(draft.sequences),
            response=command.response,
        )

    def _drafted(self, command: Changes) -> tuple[Changes, Draft]:
        """The rows to put. Where their proof names rows of the command's own batches, those are appended first."""
        draft = Draft()
        puts = self._checked(command)
        early = awaits_ids(command)
        if early:
            self._append_batches(command, draft)
            command = with_ids(command, draft.sequences)
            puts = list(command.puts)
        named = _named(command)
        try:
            for entity in puts:
                self._draft_row(entity, named, command, draft)
        except HutongError as error:
            if early:
                raise Spoiled from error
            raise
        return command, draft

    def _repeated(self, command: Changes) -> Applied | None:
        key = command.idempotency_key
        known = self.new_keys.get(key) or self.known.get(key) if key else None
        if known is None:
            return None
        if known.digest != command.request_digest:
            raise Conflict(
                "idempotency_key", "was used for another request", "use a new key for a new request", key=key
            )
        return Applied(position=known.position, response=known.response, repeated=True)

    def _check_state(self, command: Changes) -> None:
        expected, found = command.state_version, self.lane.state_version
        if expected is None:
            if command.marks:
                raise Invalid(
                    "state_version", "is needed with rule marks", "give the version they were judged on"
                )
        elif expected != found:
            raise Conflict(
                "state_version",
                f"the rule state is at version {found}, not {expected}",
                "read it again and judge again",
                noun="rule_state",
                id=self.lane.lane,
                expected=expected,
                found=found,
            )

    def _checked(self, command: Changes) -> list[Entity]:
        """The rows to put, each at the version it was read at; with their numbers, which come last."""
        seen: set[Key] = set()
        for entity in command.puts:
            noun = noun_of(type(entity))
            key = (noun.name, entity.id)
            if key in seen:
                raise Invalid("puts", f"{noun.name}/{entity.id} is put twice", "put each row once")
            seen.add(key)
            if entity.lane != command.lane:
                raise Invalid("lane", f"{noun.name}/{entity.id} is of lane {entity.lane}, not {command.lane}")
            before = self.rows[key]
            found = before.version if before else 0
            if entity.version != found:
                raise moved(noun.name, entity.id, entity.version, found)
        for party in command.erase:
            if not any(("party", party) in record.subjects for record in command.records):
                raise Invalid(
                    "records", f"no record names the erased party/{party}", "add a party.erase record"
                )
        return list(command.puts)

    def _draft_row(self, entity: Entity, named: dict[Key, Record], command: Changes, draft: Draft) -> None:
        noun = noun_of(type(entity))
        key = (noun.name, entity.id)
        record = named.get(key)
        if record is None:
            raise Invalid("records", f"no record names {noun.name}/{entity.id}", "every put needs a record")
        for owner in self.codec.owners(noun, entity):
            if owner in self.erasing or owner in self._erased_before:
                raise Refused(
                    "subject", f"party {owner} was erased", "nothing more can be kept about this person"
                )
        before = self.rows[key]
        fresh = msgspec.structs.replace(
            entity, version=entity.version + 1, **self._filled(key, command, draft)
        )
        values = self.codec.encode(noun, fresh, (self.now, record.at), before)
        draft.rows.append((noun, Stored(entity.id, fresh.version, values, self.codec.hashes(noun, fresh))))
        draft.entities.append(fresh)

    def _filled(self, key: Key, command: Changes, draft: Draft) -> dict[str, str]:
        found: dict[str, str] = {}
        for asked in command.numbering:
            if (asked.noun, asked.id) == key:
                last = draft.numbers.get(asked.counter, self.numbers.get(asked.counter, 0)) + 1
                draft.numbers[asked.counter] = last
                found[asked.field] = asked.template.format(seq=last)
        return found

    def _bodies(self, command: Changes, draft: Draft) -> list[tuple[Record, bytes, list[Row]]]:
        """Bodies of the command's records; each row's change stands in the first record that names it."""
        waiting = {(noun.name, row.id): (noun, row) for noun, row in draft.rows}
        versions = {key: row.version for key, (_, row) in waiting.items()}
        found: list[tuple[Record, bytes, list[Row]]] = []
        for record in command.records:
            if command.amends and record.kind == AMEND and not record.subjects:
                continue  # It comes with the values, one record for so many rows.
            subjects = [
                (noun, one, versions.get((noun, one), 0)) for noun, one in dict.fromkeys(record.subjects)
            ]
            changes: dict[str, Any] = {}
            digests: dict[str, str] = {}
            for noun_name, one, _ in subjects:
                if (noun_name, one) in waiting:
                    noun, row = waiting.pop((noun_name, one))
                    before = self.rows[noun_name, one]
                    changes[f"{noun_name}/{one}"] = changed_fields(noun, self.codec.vault, before, row)
                    digests[f"{noun_name}/{one}"] = row_digest(self.digest, noun, self.lane.lane, row)
            body = {
                "subjects": subjects,
                "facts": record.facts,
                "explain": record.explain,
                "changes": changes,
                "rows": digests,
            }
            found.append((record, body_bytes(body), subjects))
        return found

    def _append_batches(self, command: Changes, draft: Draft) -> None:
        for entity in command.puts:
            if isinstance(entity, Datastream):
                self.codes.note(entity.id, entity.same_time)
                self.lane.streams += 1
        try:
            for batch in command.batches:
                given = self.observations.append(self.tx, self.lane.lane, batch)
                draft.sequences.append(given)
        except HutongError as error:
            raise Spoiled from error

    def _amendable(self, command: Changes) -> tuple[Rows | None, list[tuple[Record, bytes, list[Row]]]]:
        """The rows that the command amends, as they are, and the records that tell of it."""
        if not command.amends:
            return None, []
        before = self.observations.standing(self.tx, self.lane.lane, command.amends, self.now)
        values = facts_of(before)
        check_read(command.amends, values)
        return before, amend_bodies(command, values)

    def _batch_bodies(self, command: Changes, draft: Draft) -> list[tuple[Record, bytes, list[Row]]]:
        """One record per batch and source, as the store alone knows the sequences."""
        found: list[tuple[Record, bytes, list[Row]]] = []
        for batch in draft.sequences:
            if not len(batch):
                continue
            facts = batch_facts(self.digest, batch)
            actor = command.records[0].actor if command.records else 0
            told = command.records[0].at if command.records else command.at
            at = self.now if told is None else told
            record = Record(kind="observation.batch", actor=actor, at=at, facts=facts)
            found.append((record, body_bytes({"facts": facts}), []))
        return found

    def _take(self, command: Changes, draft: Draft) -> None:
        for noun, row in draft.rows:
            key = (noun.name, row.id)
            before = self.rows[key]
            self.first.setdefault(key, before)
            if before is not None:
                self.past[noun.name].append((before, self.now))
            self.count(noun, before, row)
            self.rows[key] = row
            self.hashes[key] = row.hashes
        self.numbers.update(draft.numbers)
        self.numbered.update(draft.numbers)
        self.cursors.update(command.cursors)
        for mark in command.marks:
            self.marks[mark.rule, mark.thing] = mark
        self.lane.state_version += bool(command.marks)
        self.erasing.update({party: self.lane.position + len(command.records) for party in command.erase})

    def count(self, noun: Noun, before: Stored | None, after: Stored) -> None:
        """A row leaves its counters and enters others."""
        for counter, step in moved_counters(noun, before, after):
            self.counters[counter] += step

    def append(self, record: Record, body: bytes, subjects: list[Row]) -> int:
        """Adds a record to the chain; returns its position."""
        lane = self.lane
        position = lane.position + 1
        head = (lane.lane, position, record.kind, record.actor, record.at, self.now, record.cause)
        own = link(self.digest, lane.head, head_bytes(head), body)
        self.journal.append((*head, body, lane.head, own))
        self.subjects += [(lane.lane, noun, one, position, version) for noun, one, version in subjects]
        lane.position, lane.head, lane.recorded = position, own, self.now
        return position

    def _remember(self, command: Changes) -> None:
        if command.idempotency_key:
            response = msgspec.json.decode(msgspec.json.encode(command.response))
            owners = few(one for e in command.puts for one in self.codec.owners(noun_of(type(e)), e))
            known = Known(command.request_digest, self.lane.position, response, owners)
            self.new_keys[command.idempotency_key] = known


def _named(command: Changes) -> dict[Key, Record]:
    """The first record that names each row."""
    found: dict[Key, Record] = {}
    for record in command.records:
        for subject in record.subjects:
            found.setdefault(subject, record)
    return found
