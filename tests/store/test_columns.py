"""Some fields of many rows, and which rows the journal's newest records are about."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.store.samples import a_case, changes

from hutong.kernel.base import Label, Provenance
from hutong.kernel.case import Case
from hutong.kernel.changes import Changes, Record, Step
from hutong.kernel.errors import Invalid
from hutong.kernel.party import Party
from hutong.kernel.query import Compare, InScope, IsNull, Value, both, equals, field
from hutong.kernel.thing import Sensor, Thing
from hutong.store import CityStore

MADE = Provenance("simulated", "test")


def _thing(store: CityStore, code: str, type: str = "test.post") -> Thing:
    name = Label(code)
    return Thing(
        id=store.new_ids(1)[0], type=type, code=code, name=name, provenance=MADE, properties={"a": 1}
    )


def _put(store: CityStore, *things: Thing) -> None:
    subjects = tuple(("thing", one.id) for one in things)
    store.apply(Changes(puts=things, records=(Record(kind="thing.put", actor=0, at=1, subjects=subjects),)))


def test_columns_are_those_of_matching_rows_that_stand(store: CityStore) -> None:
    things = [_thing(store, "A"), _thing(store, "B", "test.other"), _thing(store, "C")]
    _put(store, *things)
    with store.reader() as reader:
        found = reader.columns(Thing, ("id", "code", "properties", "place"), equals("type", "test.post"))
        assert reader.columns(Sensor, ("id", "name")) == {"id": [], "name": []}
    assert found == {
        "id": [things[0].id, things[2].id],
        "code": ["A", "C"],
        "properties": ['{"a":1}', '{"a":1}'],
        "place": [None, None],
    }


def test_fields_that_are_not_there_or_personal_are_refused(store: CityStore) -> None:
    with store.reader() as reader:
        with pytest.raises(Invalid, match="no such field"):
            reader.columns(Thing, ("id", "colour"))
        with pytest.raises(Invalid, match="personal"):
            reader.columns(Party, ("id", "person_name"))


def test_touched_tells_what_changed_since_and_bulk_loads_only_that_it_is_much(store: CityStore) -> None:
    _put(store, _thing(store, "A"))
    with store.reader() as reader:
        heads, _ = reader.touched((Thing,), {})
        assert reader.touched((Thing, Sensor), heads) == (heads, {Thing: set(), Sensor: set()})
    made = _thing(store, "B")
    _put(store, made)
    with store.reader() as reader:
        assert reader.touched((Thing, Sensor), heads)[1] == {Thing: {made.id}, Sensor: set()}
    store.bulk_load([_thing(store, "C")], Record(kind="thing.load", actor=0, at=1))
    with store.reader() as reader:
        assert reader.touched((Thing,), heads)[1] is None
        assert reader.touched((Sensor,), heads)[1] == {Sensor: set()}


def test_open_cases_are_found_whatever_narrows_them(store: CityStore) -> None:
    """They are read from the scope table: the same rows as by looking at every case."""
    rows = [
        a_case(
            900 + n, closed=None if n % 3 else 5, scope=(100,) if n % 2 else (100, 200), opened=10 + n,
            next_due=None if n % 4 else 50, source="public" if n % 5 else "call",
        )
        for n in range(30)
    ]  # fmt: skip
    store.load_histories(
        [Step(Record(kind="case.put", actor=1, at=1, subjects=(("case", one.id),)), (one,)) for one in rows]
    )
    gone = replace(rows[1], version=1, retired=7)
    store.apply(changes(gone))
    wanted = [one for one in rows if one.closed is None and one.id != gone.id]
    still = IsNull(field("closed"))
    with store.reader() as reader:
        for where, keep in (
            (still, lambda one: True),
            (both(still, InScope((200,))), lambda one: 200 in one.scope),
            (both(still, InScope((200,)), InScope((100,))), lambda one: 200 in one.scope),
            (both(still, InScope((200, 300))), lambda one: 200 in one.scope),
            (both(still, equals("source", "call")), lambda one: one.source == "call"),
            (both(still, Compare("lt", field("opened"), Value(20))), lambda one: one.opened < 20),
        ):
            found = reader.columns(Case, ("id", "opened"), where)
            assert found["id"] == [one.id for one in wanted if keep(one)]
            assert found["opened"] == [one.opened for one in wanted if keep(one)]
