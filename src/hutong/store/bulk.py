"""Bulk load of new rows (a city's grids and things): one journal record per chunk, many thousand rows a second."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import msgspec

from hutong.kernel.base import Entity
from hutong.kernel.changes import Record
from hutong.kernel.errors import Conflict, Invalid
from hutong.store.beside import Change, write_beside
from hutong.store.chain import body_bytes, row_digest
from hutong.store.codec import Stored
from hutong.store.group import Group
from hutong.store.layout import Noun, noun_of
from hutong.store.sql import one_of
from hutong.store.verify_rows import Bulk, bulk_digest

CHUNK = 5000


def load_chunk(group: Group, entities: Sequence[Entity], record: Record) -> None:
    """Adds new rows of one noun, with one record, inside the group's transaction.

    Conflict names a row that exists; Invalid one that is not new. No subjects are indexed row by row: the journal
    finds the record by its ranges of ids.
    """
    ordered = sorted(entities, key=lambda entity: entity.id)
    noun = noun_of(type(ordered[0]))
    _refuse_known(group, noun, ordered)
    owners = {owner for entity in ordered for owner in group.codec.owners(noun, entity)}
    group.codec.vault.ensure(owners)
    rows = [_stored(group, noun, entity, record) for entity in ordered]
    columns = ("lane", "id", "version", *noun.stored, *noun.hashes)
    lane = group.lane.lane
    group.tx.insert(
        noun.table,
        [f'"{name}"' for name in columns],
        [(lane, row.id, row.version, *row.values, *row.hashes) for row in rows],
    )
    changes: list[Change] = [(None, row) for row in rows]
    write_beside(group.tx, lane, noun, changes)
    if noun.counted:
        for row in rows:
            group.count(noun, None, row)
    digests = [row_digest(group.digest, noun, lane, row) for row in rows]
    ranges = id_ranges([row.id for row in rows])
    bulk = Bulk(noun.name, ranges, len(rows), bulk_digest(group.digest, digests))
    body: dict[str, Any] = {"facts": record.facts, "explain": record.explain, "bulk": bulk}
    position = group.append(record, body_bytes(body), [])
    group.tx.many(
        "INSERT INTO journal_range (lane, noun, first, last, position) VALUES (?, ?, ?, ?, ?)",
        [(lane, noun.name, first, last, position) for first, last in ranges],
    )


def _stored(group: Group, noun: Noun, entity: Entity, record: Record) -> Stored:
    fresh = msgspec.structs.replace(entity, version=1)
    values = group.codec.encode(noun, fresh, (group.now, record.at), None)
    return Stored(entity.id, 1, values, group.codec.hashes(noun, fresh))


def _refuse_known(group: Group, noun: Noun, entities: Sequence[Entity]) -> None:
    ids = [entity.id for entity in entities]
    for entity in entities:
        if entity.version or entity.lane != group.lane.lane:
            raise Invalid(
                f"{noun.name}/{entity.id}", "must be new and of this lane", "put changed rows by commands"
            )
    if len(set(ids)) < len(ids):
        raise Invalid(noun.name, "the same id is given twice")
    matched, value = one_of(group.tx.dialect, "id", ids)
    known = group.tx.row(
        f"SELECT id FROM {noun.table} WHERE lane = ? AND {matched}", (group.lane.lane, value)
    )
    if known is not None:
        raise Conflict(noun.name, f"{noun.name}/{known[0]} exists already", noun=noun.name, id=known[0])


def id_ranges(ids: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Sorted ids as ranges without gaps."""
    found: list[tuple[int, int]] = []
    for one in ids:
        if found and one == found[-1][1] + 1:
            found[-1] = (found[-1][0], one)
        else:
            found.append((one, one))
    return tuple(found)


def chunks(entities: Sequence[Entity]) -> list[list[Entity]]:
    """Rows by noun, at most CHUNK together."""
    by_noun: dict[str, list[Entity]] = {}
    for entity in entities:
        by_noun.setdefault(noun_of(type(entity)).name, []).append(entity)
    found: list[list[Entity]] = []
    for rows in by_noun.values():
        rest = iter(rows)
        while part := list(islice(rest, CHUNK)):
            found.append(part)
    return found
