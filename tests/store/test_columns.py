"""Some fields of many rows, and which rows the journal's newest records are about."""

from __future__ import annotations

import pytest

from hutong.kernel.base import Label, Provenance
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import Invalid
from hutong.kernel.party import Party
from hutong.kernel.query import equals
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
