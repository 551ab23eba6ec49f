"""Amendments of a command: with everything else or not at all, told in the journal, whether packed or not."""

from __future__ import annotations

from typing import Any

import pytest
from tests.store.conftest import Put
from tests.store.samples import changes, manhole, stream

from hutong.kernel.changes import Amendment, Changes, Record
from hutong.kernel.errors import Conflict, Invalid, NotFound
from hutong.kernel.observation import STREAM_SHIFT, ObservationBatch, batch
from hutong.store import CityStore

RECORD = Record(kind="observation.amend", actor=7, at=5, facts={"why": "the sensor was moved"})


def amend(*amends: Amendment, **more: Any) -> Changes:
    return Changes(amends=amends, records=(RECORD,), **more)


def ids(store: CityStore, own: int) -> list[int]:
    with store.reader() as reader:
        found = reader.observations(own)
    assert found.sequence is not None
    return [(own << STREAM_SHIFT) + at for at in found.sequence.tolist()]


def numbers(store: CityStore, own: int) -> list[float]:
    with store.reader() as reader:
        found: list[float] = reader.observations(own).number.tolist()
    return found


def pack(store: CityStore) -> None:
    (packer,) = store.packers()
    while packer.step(all_of_it=True):
        pass
    packer.leave_lease()


@pytest.fixture
def rows(store: CityStore, put: Put) -> list[int]:
    """Three observations of stream 9."""
    put(stream(9), batches=(batch("a", [9, 9, 9], [10, 20, 30], [1.0, 2.0, 3.0]),))
    return ids(store, 9)


@pytest.mark.parametrize("packed", [False, True])
def test_rows_change_and_go_in_one_command(store: CityStore, rows: list[int], packed: bool) -> None:
    if packed:
        pack(store)
    store.apply(amend(Amendment(rows[1], batch("a", [9], [25], [2.5])), Amendment(rows[0])))
    assert numbers(store, 9) == [2.5, 3.0]
    assert ids(store, 9) == rows[1:]
    with store.reader() as reader:
        record = reader.journal()[-1]
    assert (record.kind, record.actor, record.facts["why"]) == (
        "observation.amend",
        7,
        "the sensor was moved",
    )
    assert record.facts["observations"] == [
        {
            "id": rows[1],
            "before": {"time": 20, "quality": 0, "number": 2.0},
            "after": {"time": 25, "quality": 0, "number": 2.5},
        },
        {"id": rows[0], "before": {"time": 10, "quality": 0, "number": 1.0}, "after": None},
    ]
    store.apply(amend(Amendment(rows[2])))
    pack(store)
    assert numbers(store, 9) == [2.5]
    assert store.verify().sound


def test_a_refused_amendment_harms_no_neighbour(store: CityStore, rows: list[int]) -> None:
    wrong = store.submit(amend(Amendment(rows[0]), Amendment(77 << STREAM_SHIFT)))
    moved = store.submit(amend(Amendment(rows[0], batch("a", [8], [10], [1.0]))))
    right = store.submit(amend(Amendment(rows[2]), batches=(batch("a", [9], [40], [4.0]),)))
    last = store.submit(changes(manhole(3), amends=(Amendment(rows[1]),)))
    with pytest.raises(NotFound):
        wrong.result()
    with pytest.raises(Invalid):
        moved.result()
    right.result()
    last.result()
    assert numbers(store, 9) == [1.0, 4.0]


def test_what_was_amended_in_the_same_group_is_seen(store: CityStore, rows: list[int]) -> None:
    first = store.submit(amend(Amendment(rows[0], batch("a", [9], [10], [1.5]))))
    again = store.submit(amend(Amendment(rows[0], batch("a", [9], [10], [1.75]))))
    gone = store.submit(amend(Amendment(rows[1])))
    twice = store.submit(amend(Amendment(rows[1])))
    first.result(), again.result(), gone.result()
    with pytest.raises(NotFound):
        twice.result()
    assert numbers(store, 9) == [1.75, 3.0]


def test_what_somebody_else_amended_is_a_conflict(store: CityStore, rows: list[int]) -> None:
    with store.reader() as reader:
        read = reader.observation(rows[0])
    store.apply(amend(Amendment(rows[0], batch("a", [9], [10], [1.5]))))
    with pytest.raises(Conflict):
        store.apply(amend(Amendment(rows[0], batch("a", [9], [10], [9.0]), read)))
    with store.reader() as reader:
        read = reader.observation(rows[0])
    store.apply(amend(Amendment(rows[0], batch("a", [9], [10], [9.0]), read)))
    assert numbers(store, 9)[0] == 9.0


def test_texts_documents_and_parameters(store: CityStore, rows: list[int]) -> None:
    one = batch("a", [9], [10], [float("nan")])
    rich = ObservationBatch(
        one.source, one.stream, one.time, one.number, one.quality, documents={0: {"a": [1]}},
        parameters={0: {"by": "hand"}},
    )  # fmt: skip
    store.apply(amend(Amendment(rows[0], rich)))
    pack(store)
    with store.reader() as reader:
        found, record = reader.observation(rows[0]), reader.journal()[-1]
    assert (found.documents, found.parameters) == ({0: {"a": [1]}}, {0: {"by": "hand"}})
    assert record.facts["observations"][0]["after"]["documents"] == {"a": [1]}


def test_somebody_must_have_amended(store: CityStore, rows: list[int]) -> None:
    with pytest.raises(Invalid, match="no record"):
        store.apply(Changes(amends=(Amendment(rows[0]),)))
    with pytest.raises(Invalid, match="twice"):
        store.apply(amend(Amendment(rows[0]), Amendment(rows[0])))
    assert len(numbers(store, 9)) == 3
