"""Tampering of every kind is found, with lane and position, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import msgspec
import psycopg
import pytest
from tests.store.samples import a_case, changes, manhole

from hutong.kernel.clock import FixedClock
from hutong.kernel.thing import Thing
from hutong.store import CityStore, Settings, open_store
from hutong.store.backup import table_columns
from hutong.store.chain import GENESIS, head_bytes, link
from hutong.store.transaction import Tx

Act = Callable[[Tx], None]


@pytest.fixture
def told(store: CityStore) -> CityStore:
    """Ten records; a checkpoint at 6."""
    for id in range(1, 7):
        store.apply(changes(manhole(id)))
    store.checkpoints.write(store.database)
    for id in range(7, 11):
        store.apply(changes(a_case(id)))
    assert store.verify().sound
    return store


def tamper(store: CityStore, act: Act) -> None:
    """What somebody with the database in hand could do: triggers are no obstacle to him."""
    with store.database.write() as tx:
        if tx.dialect == "sqlite":
            tx.execute("DROP TRIGGER journal_no_update")
            tx.execute("DROP TRIGGER journal_no_delete")
        else:
            tx.execute('ALTER TABLE journal DISABLE TRIGGER "journal_no_change"')
        act(tx)


def body(tx: Tx, position: int) -> bytes:
    row = tx.row("SELECT body FROM journal WHERE position = ?", (position,))
    assert row is not None
    return bytes(row[0])


def faults(store: CityStore) -> set[tuple[int, int, str]]:
    return {(fault.lane, fault.position, fault.kind) for fault in store.verify().faults}


def test_an_altered_body(told: CityStore) -> None:
    def act(tx: Tx) -> None:
        changed = body(tx, 4).replace(b'"M4"', b'"M5"')
        tx.execute("UPDATE journal SET body = ? WHERE position = 4", (changed,))

    tamper(told, act)
    assert faults(told) == {(1, 4, "altered")}


@pytest.mark.parametrize(
    ("column", "value"), [("actor", 8), ("at", 5), ("recorded_at", 5), ("kind", "x"), ("cause", "y")]
)
def test_an_altered_head(told: CityStore, column: str, value: Any) -> None:
    tamper(
        told,
        lambda tx: tx.execute(f'UPDATE journal SET "{column}" = ? WHERE position = 3', (value,)) and None,
    )
    assert faults(told) == {(1, 3, "altered")}


def test_a_missing_record(told: CityStore) -> None:
    tamper(told, lambda tx: tx.execute("DELETE FROM journal WHERE position = 5") and None)
    found = faults(told)
    assert (1, 5, "missing") in found


def test_a_missing_record_closed_up(told: CityStore) -> None:
    def act(tx: Tx) -> None:
        tx.execute("DELETE FROM journal WHERE position = 5")
        for position in range(6, 11):
            tx.execute("UPDATE journal SET position = ? WHERE position = ?", (position - 1, position))
        tx.execute("UPDATE lane SET position = 9")

    tamper(told, act)
    found = faults(told)
    assert (1, 5, "reordered") in found
    assert (1, 5, "altered") in found


def test_reordered_records(told: CityStore) -> None:
    def act(tx: Tx) -> None:
        for old, new in ((4, 99), (5, 4), (99, 5)):
            tx.execute("UPDATE journal SET position = ? WHERE position = ?", (new, old))

    tamper(told, act)
    assert {(1, 4, "reordered"), (1, 5, "reordered")} <= faults(told)


def test_a_cut_tail(told: CityStore) -> None:
    tamper(told, lambda tx: tx.execute("DELETE FROM journal WHERE position > 8") and None)
    assert (1, 9, "cut") in faults(told)


def test_a_cut_tail_with_a_mended_lane(told: CityStore) -> None:
    def act(tx: Tx) -> None:
        row = tx.row("SELECT hash FROM journal WHERE position = 5")
        assert row is not None
        tx.execute("DELETE FROM journal WHERE position > 5")
        tx.execute("UPDATE lane SET position = 5, head = ?", (row[0],))

    tamper(told, act)
    assert (1, 6, "cut") in faults(told)


def test_a_chain_rewritten_from_the_middle(told: CityStore) -> None:
    """Every hash is right again, and the lane's head too: only the checkpoint knows."""

    def act(tx: Tx) -> None:
        previous = GENESIS
        names = "lane, position, kind, actor, at, recorded_at, cause, body"
        for row in tx.rows(f"SELECT {names} FROM journal ORDER BY position"):
            content = bytes(row[7]).replace(b'"M3"', b'"M9"') if row[1] == 3 else bytes(row[7])
            own = link(told.digest, previous, head_bytes(row[:7]), content)
            tx.execute(
                "UPDATE journal SET body = ?, previous = ?, hash = ? WHERE position = ?",
                (content, previous, own, row[1]),
            )
            previous = own
        tx.execute("UPDATE lane SET head = ?", (previous,))

    tamper(told, act)
    found = faults(told)
    assert (1, 6, "rewritten") in found
    assert not {kind for _, _, kind in found} & {"altered", "reordered", "missing", "cut"}


def test_a_changed_row(told: CityStore) -> None:
    tamper(told, lambda tx: tx.execute("UPDATE thing SET code = 'M99' WHERE id = 2") and None)
    report = told.verify()
    assert [(fault.position, fault.kind, fault.reason) for fault in report.faults] == [
        (2, "row", "thing/2 version 1 was altered")
    ]


def test_a_changed_past_version(told: CityStore) -> None:
    with told.reader() as reader:
        row = reader.get(Thing, 2)
    told.apply(changes(msgspec.structs.replace(row, code="new")))
    tamper(told, lambda tx: tx.execute("UPDATE thing_versions SET code = 'M99'") and None)
    assert (1, 2, "row") in faults(told)


def test_a_smuggled_row(told: CityStore) -> None:
    def act(tx: Tx) -> None:
        names = [name for name in _columns(tx) if name != "id"]
        quoted = ", ".join(f'"{name}"' for name in names)
        tx.execute(f"INSERT INTO thing (id, {quoted}) SELECT 77, {quoted} FROM thing WHERE id = 2")

    tamper(told, act)
    assert [fault.reason for fault in told.verify().faults] == [
        "thing/77 is at version 1, the journal tells of none"
    ]


def _columns(tx: Tx) -> list[str]:
    return list(table_columns(tx)["thing"])


def test_a_lost_row(told: CityStore) -> None:
    tamper(told, lambda tx: tx.execute('DELETE FROM "case" WHERE id = 8') and None)
    assert faults(told) == {(1, 8, "row")}


def test_a_forged_checkpoint(told: CityStore) -> None:
    path = told.checkpoints.folder / "heads.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"position":6', b'"position":5'))
    assert faults(told) == {(0, 0, "checkpoint")}


def test_the_journal_takes_no_change(told: CityStore) -> None:
    for sql in ("UPDATE journal SET actor = 1", "DELETE FROM journal"):
        refusal = pytest.raises((apsw.ConstraintError, psycopg.errors.RaiseException), match="append-only")
        with refusal, told.database.write() as tx:
            tx.execute(sql)


def test_records_explain_a_row(told: CityStore) -> None:
    with told.reader() as reader:
        [record] = reader.journal(subject=("case", 8))
        everything = reader.journal(limit=3, after=2)
    assert record.subjects == (("case", 8, 1),)
    assert record.changes["case/8"]["state"] == "handling"
    assert [one.position for one in everything] == [3, 4, 5]
    assert everything[1].previous == everything[0].hash


def test_checkpoints_are_written_on_the_way(tmp_path: Path, clock: FixedClock) -> None:
    store = open_store(tmp_path / "city", clock=clock, settings=Settings(hash="sm3", checkpoint_every=5))
    for id in range(1, 13):
        store.apply(changes(manhole(id)))
    assert [point.heads[0].position for point in store.checkpoints.read()] == [5, 10]
    store.close()
    again = open_store(tmp_path / "city", clock=clock)
    report = again.verify()
    assert (report.sound, report.checkpoints, report.records) == (True, 3, 12)
    again.close()


def test_one_of_several_processes_signs_for_all(place: str, tmp_path: Path, clock: FixedClock) -> None:
    settings, folder = Settings(checkpoint_every=5), tmp_path / "city"
    signing = open_store(place, clock=clock, folder=folder, settings=settings)
    beside = open_store(place, clock=clock, folder=folder, settings=settings, beside=True)
    signing.sign_passed()
    for id in range(1, 13):
        beside.apply(changes(manhole(id)))
    assert signing.checkpoints.read() == []
    signing.sign_passed()
    signing.sign_passed()
    beside.apply(changes(manhole(13)))
    beside.close()
    assert [point.heads[0].position for point in signing.checkpoints.read()] == [12]
    signing.close()
    again = open_store(place, clock=clock, folder=folder)
    report = again.verify()
    assert (report.sound, report.checkpoints, report.records) == (True, 2, 13)
    again.close()
