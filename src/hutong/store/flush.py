"""Writes a decided group: rows, their past versions, what stands beside them, journal, keys, marks, the lane."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from hutong.store.answers import write_answer
from hutong.store.beside import Change, write_beside
from hutong.store.chain import JOURNAL
from hutong.store.group import Group
from hutong.store.layout import Noun, nouns
from hutong.store.sql import marks, one_of, quoted, upsert
from hutong.store.transaction import Row, Tx

KEY = ("lane", "id")


def flush(group: Group) -> None:
    """All statements of the group; the caller's transaction commits them."""
    tx, lane = group.tx, group.lane.lane
    changed: dict[str, list[Change]] = defaultdict(list)
    for (name, one), before in group.first.items():
        after = group.rows[name, one]
        if after is not None:
            changed[name].append((before, after))
    now = group.lane
    with tx.together():
        for name, changes in changed.items():
            _write_rows(group, nouns()[name], changes)
            write_beside(tx, lane, nouns()[name], changes)
        _write_journal(group)
        _write_memory(group)
        _write_erasures(group)
        tx.execute(
            "UPDATE lane SET position = ?, head = ?, state_version = ?, recorded = ?, streams = ? WHERE lane = ?",
            (now.position, now.head, now.state_version, now.recorded, now.streams, lane),
        )


def _write_rows(group: Group, noun: Noun, changes: list[Change]) -> None:
    tx, lane = group.tx, group.lane.lane
    columns = (*KEY, "version", *noun.stored, *noun.hashes)
    tx.many(
        upsert(noun.table, columns, KEY),
        [
            (lane, after.id, after.version, *after.values, *group.hashes[noun.name, after.id])
            for _, after in changes
        ],
    )
    past = group.past.get(noun.name)
    if past:
        columns = (*KEY, "version", *noun.stored, "row_until")
        tx.many(
            f"INSERT INTO {noun.versions} ({quoted(columns)}) VALUES ({marks(len(columns))})",
            [(lane, row.id, row.version, *row.values, until) for row, until in past],
        )


def _write_journal(group: Group) -> None:
    if group.journal:
        group.tx.many(
            f'INSERT INTO "journal" ({quoted(JOURNAL)}) VALUES ({marks(len(JOURNAL))})', group.journal
        )
    if group.subjects:
        group.tx.many(
            "INSERT INTO journal_subject (lane, noun, id, position, version) VALUES (?, ?, ?, ?, ?)",
            group.subjects,
        )


def _write_memory(group: Group) -> None:
    """Idempotency keys, numbering, counters, cursors and rule marks."""
    lane = group.lane.lane
    _many(
        group.tx,
        "INSERT INTO idempotency (lane, key, digest, position, response, recorded_at) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (lane, key, known.digest, known.position, write_answer(group.codec.vault, known), group.now)
            for key, known in group.new_keys.items()
        ],
    )
    _many(
        group.tx,
        upsert("numbering", ("lane", "counter", "last"), ("lane", "counter")),
        [(lane, counter, last) for counter, last in group.numbered.items()],
    )
    _many(
        group.tx,
        "INSERT INTO counter (lane, name, key, value) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (lane, name, key) DO UPDATE SET value = counter.value + excluded.value",
        [(lane, name, key, step) for (name, key), step in group.counters.items() if step],
    )
    _many(
        group.tx,
        upsert("subscriber", ("lane", "name", "value"), ("lane", "name")),
        [(lane, name, value) for name, value in group.cursors.items()],
    )
    _write_marks(group)


def _write_marks(group: Group) -> None:
    lane = group.lane.lane
    columns = ("lane", "rule", "thing", "holding_since", "clear_since", "warning", "memory")
    kept = [mark for mark in group.marks.values() if not mark.empty]
    _many(
        group.tx,
        upsert("rule_mark", columns, ("lane", "rule", "thing")),
        [
            (
                lane,
                mark.rule,
                mark.thing,
                mark.holding_since,
                mark.clear_since,
                mark.warning,
                _text(mark.memory),
            )
            for mark in kept
        ],
    )
    _many(
        group.tx,
        "DELETE FROM rule_mark WHERE lane = ? AND rule = ? AND thing = ?",
        [(lane, mark.rule, mark.thing) for mark in group.marks.values() if mark.empty],
    )


def _write_erasures(group: Group) -> None:
    """The intent to destroy keys; keyed hashes go at once. `erase.py` finishes after the commit."""
    if not group.erasing:
        return
    lane, tx = group.lane.lane, group.tx
    tx.many(
        "INSERT INTO erasure (lane, party, position, done) VALUES (?, ?, ?, 0) ON CONFLICT (lane, party) DO NOTHING",
        [(lane, party, position) for party, position in group.erasing.items()],
    )
    for noun in nouns().values():
        if noun.hashes and noun.column("subject"):
            matched, parties = one_of(tx.dialect, "subject", list(group.erasing))
            cleared = ", ".join(f'"{name}" = NULL' for name in noun.hashes)
            tx.execute(f"UPDATE {noun.table} SET {cleared} WHERE lane = ? AND {matched}", (lane, parties))


def _many(tx: Tx, sql: str, rows: list[Row]) -> None:
    if rows:
        tx.many(sql, rows)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
