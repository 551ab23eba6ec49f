"""Rows, versions, conflicts and groups: what `apply` promises."""

from __future__ import annotations

import msgspec
import pytest
import shapely
from tests.store.conftest import Put
from tests.store.samples import a_case, a_warning, changes, manhole, stream

from hutong.kernel.base import HOUR, Label, Provenance
from hutong.kernel.case import Case, CaseClock, Deed
from hutong.kernel.changes import Changes, Numbering, Record, RuleMark
from hutong.kernel.clock import FixedClock
from hutong.kernel.counting import dated_counter
from hutong.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from hutong.kernel.observation import batch
from hutong.kernel.thing import Thing
from hutong.store import CityStore


def test_a_row_comes_back_as_it_was_put(store: CityStore, put: Put) -> None:
    case = a_case(
        5,
        title=Label("中山东一路“积水”", "Flood, 'Bund'"),
        text="水深 0.4 m；'; DROP TABLE thing; --",
        position=shapely.to_wkb(shapely.Point(121.49, 31.24)),
        clocks=(CaseClock("handle", 4.0, "urgent_hour", 1000, due=2000, fired=("warn",)),),
        deeds=(Deed("accept", 3, "acceptor", 1000),),
        suspended={"reason": "管线迁改", "depth": 0.25, "list": [1, None, True]},
        provenance=Provenance("simulated", "storm night"),
        scope=(11, 12),
        confidential=True,
    )
    applied = put(case)
    with store.reader() as reader:
        found = reader.get(Case, 5)
    assert found == msgspec.structs.replace(case, version=1)
    assert applied.rows == (found,)


def test_versions_and_as_of(store: CityStore, put: Put, clock: FixedClock) -> None:
    first = put(manhole(1)).rows[0]
    assert isinstance(first, Thing)
    between = clock.recorded_at()
    clock.move_to(clock.city_time() + 1_000_000)
    put(msgspec.structs.replace(first, code="M1b"))
    with store.reader() as reader:
        assert reader.get(Thing, 1).code == "M1b"
        assert reader.get(Thing, 1, as_of=between).code == "M1"
        assert [row.code for row in reader.find(Thing, as_of=between).rows] == ["M1"]
        assert [(row.version, row.code) for _, row in reader.versions(Thing, 1)] == [(1, "M1"), (2, "M1b")]
        assert [at for at, _ in reader.versions(Thing, 1)] == [between, clock.recorded_at()]
        with pytest.raises(NotFound, match="thing/1 at that time"):
            reader.get(Thing, 1, as_of=between - 1)
        with pytest.raises(NotFound, match="thing/2"):
            reader.get(Thing, 2)


def test_a_conflict_names_what_moved(store: CityStore, put: Put) -> None:
    row = put(manhole(1)).rows[0]
    put(row)
    with pytest.raises(Conflict) as caught:
        put(row)
    assert caught.value.facts == {"noun": "thing", "id": 1, "expected": 1, "found": 2}
    with pytest.raises(Conflict, match="exists already"):
        put(manhole(1))
    with pytest.raises(Conflict, match="does not exist"):
        put(manhole(2, version=3))


def test_in_a_group_one_refused_command_harms_no_neighbour(store: CityStore) -> None:
    fresh = manhole(1)
    taken = msgspec.structs.replace(fresh, version=1, code="second")
    group = [
        changes(fresh),
        changes(manhole(2), manhole(1)),  # 1 exists by now: refused whole
        changes(taken),
        changes(msgspec.structs.replace(fresh, version=1, code="third")),  # moved inside the group
        changes(manhole(3, geometry=b"no geometry")),
        Changes(puts=(manhole(4),)),
        changes(manhole(5)),
    ]
    futures = [store.submit(one) for one in group]
    kinds = [type(future.exception()) for future in futures]
    nothing = type(None)
    assert kinds == [nothing, Conflict, nothing, Conflict, Invalid, Invalid, nothing]
    with store.reader() as reader:
        assert {row.id: (row.version, row.code) for row in reader.find(Thing).rows} == {
            1: (2, "second"),
            5: (1, "M5"),
        }
        assert [record.subjects for record in reader.journal()] == [
            (("thing", 1, 1),),
            (("thing", 1, 2),),
            (("thing", 5, 1),),
        ]
    assert store.verify().sound


def test_what_the_database_refuses_harms_no_neighbour(store: CityStore, put: Put) -> None:
    """The whole group is undone and tried one by one; nothing is doubled, observations neither."""
    put(stream(9))
    with store.database.write() as tx:
        if tx.dialect == "sqlite":
            tx.execute(
                "CREATE TRIGGER refuses BEFORE INSERT ON thing WHEN NEW.code = 'M2' "
                "BEGIN SELECT RAISE(ABORT, 'refused by the database'); END"
            )
        else:
            tx.execute("ALTER TABLE thing ADD CONSTRAINT refuses CHECK (code <> 'M2')")
    observed = Changes(batches=(batch("a", [9], [1], [1.0]),))
    group = [changes(manhole(1)), observed, changes(manhole(2)), changes(manhole(3))]
    futures = [store.submit(one) for one in group]
    nothing = type(None)
    assert [type(future.exception()) for future in futures] == [nothing, nothing, Unavailable, nothing]
    with store.reader() as reader:
        assert [row.id for row in reader.find(Thing).rows] == [1, 3]
        assert reader.observations(9).number.tolist() == [1.0]
    assert store.verify().sound


def test_every_put_needs_a_record(store: CityStore) -> None:
    with pytest.raises(Invalid, match="no record names thing/1"):
        store.apply(Changes(puts=(manhole(1),), records=(Record(kind="x", actor=1, at=1),)))
    with store.reader() as reader:
        assert reader.head() == 0


def test_idempotency(store: CityStore) -> None:
    request = changes(manhole(1), idempotency_key="k", request_digest="a", response={"id": 1})
    first = store.apply(request)
    again = store.apply(request)
    assert (first.repeated, again.repeated) == (False, True)
    assert again.response == {"id": 1}
    assert again.position == first.position
    with pytest.raises(Conflict, match="another request"):
        store.apply(msgspec.structs.replace(request, request_digest="b"))
    twice = [store.submit(changes(manhole(2), idempotency_key="l", response=[2])) for _ in range(2)]
    assert [future.result().repeated for future in twice] == [False, True]


def test_numbers_run_without_gaps(store: CityStore) -> None:
    def opened(id: int, **more: object) -> Changes:
        asked = (Numbering("case", id, "number", "urban/20260701", "310101{seq:05d}"),)
        return changes(a_case(id, **more), numbering=asked)

    store.apply(opened(1))
    with pytest.raises(Conflict):
        store.apply(opened(1))
    futures = [store.submit(opened(id)) for id in (2, 3)]
    rows = [future.result().rows[0] for future in futures]
    assert [row.number for row in rows if isinstance(row, Case)] == ["31010100002", "31010100003"]
    with store.reader() as reader:
        assert reader.journal(after=1)[0].changes["case/2"]["number"] == "31010100002"


def test_counters_follow_states(store: CityStore, put: Put, clock: FixedClock) -> None:
    rows = [put(a_case(id)).rows[0] for id in (1, 2, 3)]
    put(msgspec.structs.replace(rows[0], state="closed"))
    put(msgspec.structs.replace(rows[1], retired=clock.recorded_at()))
    with store.reader() as reader:
        assert reader.counters("case.state") == {"urban.case/handling": 1, "urban.case/closed": 1}
        assert reader.counters("warning.state") == {}


def test_warnings_are_counted_by_the_hour_they_were_raised_in(store: CityStore, put: Put) -> None:
    hour = 500_000 * HOUR
    rows = [put(a_warning(id, raised=hour + id)).rows[0] for id in (1, 2, 3)]
    put(msgspec.structs.replace(rows[0], state="false_alarm"))
    put(msgspec.structs.replace(rows[1], raised=hour - 1))
    name, _ = dated_counter("warning", hour, "")
    with store.reader() as reader:
        assert reader.counters(name) == {
            "500000/drainage.flooding/false_alarm": 1,
            "500000/drainage.flooding/to_judge": 1,
            "499999/drainage.flooding/to_judge": 1,
        }


def test_rule_marks_are_guarded(store: CityStore) -> None:
    mark = RuleMark("drainage.flood", 4, holding_since=10, memory={"peak": 0.4})
    store.apply(Changes(marks=(mark, RuleMark("drainage.flood", 5, warning=9)), state_version=0))
    with store.reader() as reader:
        version, marks = reader.rule_state()
        assert version == 1
        assert mark in marks
    with pytest.raises(Conflict) as caught:
        store.apply(Changes(marks=(mark,), state_version=0))
    assert caught.value.facts["found"] == 1
    store.apply(Changes(marks=(RuleMark("drainage.flood", 4),), state_version=1, cursors={"judge": "77"}))
    with store.reader() as reader:
        assert reader.rule_state() == (2, [RuleMark("drainage.flood", 5, warning=9)])
        assert reader.cursor("judge") == "77"
        assert reader.cursor("nobody") is None


def test_observations_and_their_record(store: CityStore, put: Put) -> None:
    put(stream(9))
    applied = store.apply(Changes(batches=(batch("hj212", [9, 9], [10, 20], [1.5, 2.5]),)))
    assert applied.sequences[0].sequence is not None
    with store.reader() as reader:
        assert reader.observations(9).number.tolist() == [1.5, 2.5]
        record = reader.journal(after=1)[0]
    assert record.kind == "observation.batch"
    assert {name: record.facts[name] for name in ("source", "count", "streams", "first", "last")} == {
        "source": "hj212",
        "count": 2,
        "streams": 1,
        "first": 10,
        "last": 20,
    }


def test_a_batch_of_an_unknown_stream_is_refused_alone(store: CityStore, put: Put) -> None:
    put(stream(9))
    good = Changes(batches=(batch("a", [9], [1], [1.0]),))
    mixed = Changes(batches=(batch("b", [9], [2], [2.0]), batch("b", [10], [2], [2.0])))
    futures = [store.submit(one) for one in (good, mixed, changes(manhole(1)), good)]
    assert [type(future.exception()) for future in futures] == [type(None), Invalid, type(None), type(None)]
    with store.reader() as reader:
        assert reader.observations(9).number.tolist() == [1.0, 1.0]
    assert store.verify().sound


def test_ids_are_never_given_twice(store: CityStore) -> None:
    given = [one for count in (1, 5, 300, 2) for one in store.new_ids(count)]
    assert len(set(given)) == 308
    assert min(given) > 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": 5}, "thing.code"),
        ({"code": "a\0b"}, "thing.code"),
        ({"place": 2**63}, "thing.place"),
        ({"place": "here"}, "thing.place"),
        ({"code": "\ud800"}, "thing.code"),
        ({"properties": {"a": object()}}, "thing.properties"),
        ({"name": None}, "thing.name"),
        ({"lane": 2}, "lane"),
    ],
)
def test_wrong_values_are_named(store: CityStore, put: Put, change: dict[str, object], field: str) -> None:
    if "lane" in change:
        with pytest.raises(Invalid) as caught:
            store.apply(msgspec.structs.replace(changes(manhole(1, **change)), lane=1))
    else:
        with pytest.raises(Invalid) as caught:
            put(manhole(1, **change))
    assert caught.value.field == field


def test_definitions_by_digest(store: CityStore) -> None:
    digest = store.keep_definition(b"states: [open]")
    assert store.keep_definition(b"states: [open]") == digest
    with store.reader() as reader:
        assert reader.definition(digest) == b"states: [open]"
        with pytest.raises(NotFound):
            reader.definition("00")


def test_a_second_lane_has_its_own_chain(store: CityStore) -> None:
    store.add_lane(2)
    store.apply(changes(manhole(1)))
    store.apply(msgspec.structs.replace(changes(manhole(2, lane=2)), lane=2))
    with store.reader() as reader:
        assert [reader.head(lane) for lane in (1, 2)] == [1, 1]
        assert [row.id for row in reader.find(Thing, limit=5).rows] == [1, 2]
        assert reader.get(Thing, 2).lane == 2
    assert store.verify().records == 2


def test_bulk_load(store: CityStore, put: Put) -> None:
    things = [
        manhole(id, geometry=shapely.to_wkb(shapely.Point(121 + id / 1e5, 31))) for id in range(10, 6010)
    ]
    record = Record(kind="city.import", actor=0, at=1, facts={"source": "osm"})
    assert store.bulk_load(things, record) == 2
    with store.reader() as reader:
        assert reader.count(Thing) == 6000
        assert reader.get(Thing, 4711).code == "M4711"
        assert [one.kind for one in reader.journal(subject=("thing", 4711))] == ["city.import"]
        changed = msgspec.structs.replace(reader.get(Thing, 4711), code="x")
    put(changed)
    report = store.verify()
    assert report.sound
    assert report.rows == 6001
    with pytest.raises(Conflict, match="thing/10 exists"):
        store.bulk_load(things[:1], record)
