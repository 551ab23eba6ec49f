"""Histories that were made ready elsewhere, and a first load without indexes, leave what ordinary work leaves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import shapely
from msgspec.structs import replace
from tests.store.samples import a_case

from hutong.kernel.base import SECOND, Label
from hutong.kernel.case import Case
from hutong.kernel.changes import Changes, Record, Step
from hutong.kernel.clock import FixedClock
from hutong.kernel.errors import Conflict
from hutong.kernel.query import Field, InScope, IsNull, Matches, Order, both
from hutong.store import CityStore, open_store
from hutong.store.histories import Prepared
from hutong.store.schema import statements

MANY = 200
ROADS = ("南京路", "延安路", "ABC road", "衡山路 12 号")
TABLES = ("case", "case_versions", "case_scope", "journal_subject")


def life(id: int, n: int) -> list[Step]:
    """Opened, called about, dispatched; every third is closed, every fifth is told to be overdue."""
    spot = shapely.to_wkb(shapely.Point(121.4 + n / 1000, 31.2))
    row = a_case(
        id, number=f"N{n}", state="received", scope=(100, 110 + n % 4), next_due=500 + n, opened=1000 + n,
        title=Label(ROADS[n % 4]), text=f"道路破损{n}", position=spot,
    )  # fmt: skip
    rows = [row, replace(row, state="handling", scope=(*row.scope, 200 + n % 3), late_from=9)]
    if n % 3 == 0:
        rows.append(replace(rows[-1], state="closed", closed=5000 + n, next_due=None, late_from=None))
    elif n % 5 == 0:
        rows.append(replace(rows[-1], late_from=0))
    subjects = (("case", id),)
    steps = [
        Step(Record(kind=f"case.{one.state}", actor=1, at=n + turn, subjects=subjects), (one,))
        for turn, one in enumerate(rows)
    ]
    return [steps[0], Step(Record(kind="case.call", actor=2, at=n, subjects=subjects)), *steps[1:]]


def worked(store: CityStore, steps: list[Step]) -> None:
    """The same steps as ordinary commands."""
    for step in steps:
        with store.reader() as reader:
            known = reader.many(Case, [one.id for one in step.puts])
        puts = tuple(
            replace(one, version=known[one.id].version if one.id in known else 0) for one in step.puts
        )
        store.apply(Changes(puts=puts, records=(step.record,)))


def tables(store: CityStore) -> dict[str, list[Any]]:
    """What stands in the tables that a case is in, but for recorded time."""
    found: dict[str, list[Any]] = {}
    with store.reader() as reader:
        for name in TABLES:
            found[name] = reader.tx.rows(f'SELECT * FROM "{name}" ORDER BY 1, 2, 3, 4')
        found["counter"] = reader.tx.rows("SELECT * FROM counter WHERE value <> 0 ORDER BY 1, 2, 3")
        sql = "SELECT position, kind, actor, at, body FROM journal ORDER BY position"
        found["journal"] = [(*row[:4], bytes(row[4])) for row in reader.tx.rows(sql)]
    return found


def indexes(store: CityStore) -> set[str]:
    of = {
        "sqlite": "sqlite_schema WHERE type = 'index'",
        "postgresql": "pg_indexes WHERE schemaname = 'public'",
    }
    with store.reader() as reader:
        name = "name" if reader.tx.dialect == "sqlite" else "indexname"
        return {row[0] for row in reader.tx.rows(f"SELECT {name} FROM {of[reader.tx.dialect]}")}


def test_a_bulk_load_leaves_what_ordinary_work_leaves(
    store: CityStore, tmp_path: Path, clock: FixedClock
) -> None:
    lives = [life(10_000 + n, n) for n in range(MANY)]
    other = open_store(tmp_path / "ordinary", clock=clock)
    for steps in lives:
        worked(other, steps)
    before = indexes(store)
    ready = store.preparation()
    with store.first_load(Case):
        assert len(indexes(store)) < len(before) - 10
        for first in range(0, MANY, 64):
            given = ready.prepare([one for steps in lives[first : first + 64] for one in steps])
            sent = msgspec.msgpack.encode(given)  # as between processes
            store.load_prepared(msgspec.msgpack.decode(sent, type=Prepared))
    assert indexes(store) == before
    assert store.verify().sound
    ours, theirs = tables(store), tables(other)
    for name, rows in ours.items():
        assert rows == theirs[name], name
    newest = Order(("opened",), descending=True)
    for where in (Matches("道路"), Matches("南京路"), both(InScope((111,)), IsNull(Field(("closed",))))):
        with store.reader() as here, other.reader() as there:
            found = [one.id for one in here.find(Case, where, order=(newest,)).rows]
            assert found
            assert found == [one.id for one in there.find(Case, where, order=(newest,)).rows]
    other.close()


def test_a_load_that_breaks_off_is_mended_when_the_store_is_opened(
    place: str, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = open_store(place, clock=clock, folder=tmp_path / "city")
    before = indexes(broken)
    with monkeypatch.context() as patch:
        patch.setattr("hutong.store.index_pause.mend_indexes", lambda tx: None)
        with broken.first_load(Case):
            broken.load_histories(life(901, 1))
    assert indexes(broken) < before
    broken.close()
    again = open_store(place, clock=clock, folder=tmp_path / "city")
    assert indexes(again) == before
    with again.reader() as reader:
        assert [one.id for one in reader.find(Case, InScope((111,))).rows] == [901]
        assert reader.tx.row("SELECT value FROM meta WHERE name = 'indexes_away'") is None
        kept = {one.split('"')[1] for one in statements(reader.tx.dialect) if one.startswith("CREATE INDEX")}
    assert kept <= before
    again.close()


def test_indexes_stay_where_there_are_rows(store: CityStore) -> None:
    store.load_histories(life(901, 1))
    before = indexes(store)
    with pytest.raises(Conflict, match="case"), store.first_load(Case):
        raise AssertionError("must not begin")
    assert indexes(store) == before


def test_what_was_made_ready_too_early_is_refused(store: CityStore, clock: FixedClock) -> None:
    given = store.preparation().prepare(life(901, 1))
    clock.recorded += SECOND
    store.load_histories(life(902, 2))
    with pytest.raises(Conflict, match="gone on"):
        store.load_prepared(given)
    with store.reader() as reader:
        assert set(reader.many(Case, [901, 902])) == {902}
