"""Rows with all their past in large transactions: how the cases of another system come in, record by record.

Every step is a record of the journal with the rows as they became by it, as if it had been a command of its own: the chain, the
digests and the versions are those of ordinary work. Only new rows; recorded time is that of the load.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from hutong.kernel.base import Entity
from hutong.kernel.changes import Step
from hutong.kernel.errors import Conflict, Invalid
from hutong.store.beside import Change, write_beside
from hutong.store.chain import JOURNAL, body_bytes, changed_fields, row_digest
from hutong.store.codec import Stored
from hutong.store.group import Group, Key
from hutong.store.layout import Noun, noun_of, nouns
from hutong.store.sql import one_of
from hutong.store.transaction import Row


def load_steps(group: Group, steps: Sequence[Step]) -> None:
    """Takes the steps into the group's transaction, in order. Conflict names a row that is there already."""
    _refuse_known(group, steps)
    owners = {
        owner for step in steps for row in step.puts for owner in group.codec.owners(noun_of(type(row)), row)
    }
    if owners:
        group.codec.vault.ensure(owners)
    past: dict[str, list[Row]] = defaultdict(list)
    rows: dict[Key, Stored] = {}
    for step in steps:
        _take(group, step, rows, past)
    _write(group, rows, past)


def _refuse_known(group: Group, steps: Sequence[Step]) -> None:
    wanted: dict[Noun, set[int]] = defaultdict(set)
    for step in steps:
        for row in step.puts:
            if row.lane != group.lane.lane:
                raise Invalid("lane", f"row {row.id} is of lane {row.lane}, not {group.lane.lane}")
            wanted[noun_of(type(row))].add(row.id)
    for noun, ids in wanted.items():
        matched, value = one_of(group.tx.dialect, "id", sorted(ids))
        known = group.tx.row(
            f"SELECT id FROM {noun.table} WHERE lane = ? AND {matched}", (group.lane.lane, value)
        )
        if known is not None:
            raise Conflict(noun.name, f"{noun.name}/{known[0]} exists already", noun=noun.name, id=known[0])


def _take(group: Group, step: Step, rows: dict[Key, Stored], past: dict[str, list[Row]]) -> None:
    record, lane = step.record, group.lane.lane
    changes: dict[str, Any] = {}
    digests: dict[str, str] = {}
    versions: dict[Key, int] = {}
    for entity in step.puts:
        noun = noun_of(type(entity))
        key = (noun.name, entity.id)
        before = rows.get(key)
        after = _stored(group, noun, entity, before, record.at)
        if before is not None:
            past[noun.name].append((lane, before.id, before.version, *before.values, group.now))
        rows[key] = after
        versions[key] = after.version
        name = f"{noun.name}/{entity.id}"
        changes[name] = changed_fields(noun, group.codec.vault, before, after)
        digests[name] = row_digest(group.digest, noun, lane, after)
    missing = versions.keys() - set(record.subjects)
    if missing:
        raise Invalid("records", f"{record.kind} does not name {sorted(missing)[0]}", "name every row put")
    subjects = [(noun, one, versions.get((noun, one), 0)) for noun, one in dict.fromkeys(record.subjects)]
    body = {
        "subjects": subjects,
        "facts": record.facts,
        "explain": record.explain,
        "changes": changes,
        "rows": digests,
    }
    group.append(record, body_bytes(body), subjects)


def _stored(group: Group, noun: Noun, entity: Entity, before: Stored | None, at: int) -> Stored:
    version = 1 if before is None else before.version + 1
    fresh = msgspec.structs.replace(entity, version=version)
    values = group.codec.encode(noun, fresh, (group.now, at), before)
    return Stored(entity.id, version, values, group.codec.hashes(noun, fresh))


def _write(group: Group, rows: dict[Key, Stored], past: dict[str, list[Row]]) -> None:
    """Everything that is written for each row or record; the rest of the group is small and is flushed as ever."""
    tx, lane = group.tx, group.lane.lane
    by_noun: dict[str, list[Stored]] = defaultdict(list)
    for (name, _), row in rows.items():
        by_noun[name].append(row)
    for name, some in by_noun.items():
        noun = nouns()[name]
        some.sort(key=lambda row: row.id)
        columns = ("lane", "id", "version", *noun.stored, *noun.hashes)
        tx.insert(
            noun.table,
            _quoted(columns),
            [(lane, row.id, row.version, *row.values, *row.hashes) for row in some],
        )
        changes: list[Change] = [(None, row) for row in some]
        write_beside(tx, lane, noun, changes)
        for row in some:
            group.count(noun, None, row)
        columns = ("lane", "id", "version", *noun.stored, "row_until")
        tx.insert(noun.versions, _quoted(columns), past[name])
    tx.insert('"journal"', _quoted(JOURNAL), group.journal)
    columns = ("lane", "noun", "id", "position", "version")
    tx.insert("journal_subject", _quoted(columns), group.subjects)
    group.journal, group.subjects = [], []


def _quoted(names: Sequence[str]) -> list[str]:
    return [f'"{name}"' for name in names]
