"""Takes histories that were made ready into the transaction of a group: the chain goes on, rows go in by bulk."""

from __future__ import annotations

import itertools

from hutong.kernel.errors import Conflict, Invalid
from hutong.store.chain import JOURNAL, head_bytes, link
from hutong.store.group import Group
from hutong.store.histories import Prepared, Ready, columns_of, past_columns_of
from hutong.store.layout import Noun, nouns
from hutong.store.scope_rows import SCOPE_COLUMNS
from hutong.store.sql import one_of
from hutong.store.transaction import Row

_BOX = ("id", "west", "east", "south", "north")


def take(group: Group, given: Prepared) -> None:
    """Conflict names a row that is there already, or tells that the lane has gone on since the load began."""
    lane = group.lane
    if given.lane != lane.lane:
        raise Invalid("lane", f"these histories are of lane {given.lane}, not {lane.lane}")
    if given.recorded < lane.recorded:
        reason = "the lane has gone on since these histories were made ready"
        raise Conflict("recorded", reason, "make them ready again, with a recorded time of now")
    group.now = given.recorded
    for name, ready in given.nouns.items():
        _refuse_known(group, nouns()[name], ready)
    _chain(group, given)
    for name, ready in given.nouns.items():
        _write(group, nouns()[name], ready)
    for name, key, step in given.counters:
        group.counters[name, key] += step


def _refuse_known(group: Group, noun: Noun, ready: Ready) -> None:
    matched, value = one_of(group.tx.dialect, "id", [row[1] for row in ready.rows])
    sql = f"SELECT id FROM {noun.table} WHERE lane = ? AND {matched}"
    known = group.tx.row(sql, (group.lane.lane, value))
    if known is not None:
        raise Conflict(noun.name, f"{noun.name}/{known[0]} exists already", noun=noun.name, id=known[0])


def _chain(group: Group, given: Prepared) -> None:
    """The records one after the other, as `Group.append` adds one."""
    state, now, digest = group.lane, group.now, group.digest
    lane, head = state.lane, state.head
    journal: list[Row] = []
    subjects: list[Row] = []
    places = itertools.count(state.position + 1)
    for position, (kind, actor, at, cause, body, named) in zip(places, given.records, strict=False):
        before = (lane, position, kind, actor, at, now, cause)
        own = link(digest, head, head_bytes(before), body)
        journal.append((*before, body, head, own))
        for noun, one, version in named:
            subjects.append((lane, noun, one, position, version))
        head = own
    state.position, state.head, state.recorded = state.position + len(journal), head, now
    group.tx.insert('"journal"', _quoted(JOURNAL), journal)
    columns = ("lane", "noun", "id", "position", "version")
    group.tx.insert('"journal_subject"', _quoted(columns), subjects)


def _write(group: Group, noun: Noun, ready: Ready) -> None:
    tx, lane = group.tx, group.lane.lane
    tx.insert(noun.table, _quoted(columns_of(noun)), ready.rows)
    tx.insert(noun.versions, _quoted(past_columns_of(noun)), ready.past)
    if noun.scope_table:
        names = ("lane", "scope", "id", *SCOPE_COLUMNS[noun.name])
        tx.insert(f'"{noun.scope_table}"', _quoted(names), ready.scopes)
    if noun.words and tx.dialect == "sqlite":
        words: list[Row] = [(id, " ".join(some)) for id, some in ready.words]
        tx.insert(f'"{noun.name}_words"', ("rowid", "words"), words)
    elif noun.words:
        tx.insert(
            f'"{noun.name}_words"', ("lane", "id", "words"), [(lane, id, some) for id, some in ready.words]
        )
    if noun.geometry and tx.dialect == "sqlite":
        tx.insert(f'"{noun.name}_box"', _BOX, ready.boxes)


def _quoted(names: tuple[str, ...]) -> list[str]:
    return [f'"{name}"' for name in names]
