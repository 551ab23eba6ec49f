"""The query tree on both databases: every case must give the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import msgspec
import pytest
import shapely
from tests.store.samples import a_case, changes, manhole, stream

from hutong.kernel.base import Label
from hutong.kernel.case import Case, Warning
from hutong.kernel.clock import FixedClock
from hutong.kernel.errors import Invalid
from hutong.kernel.place import Place
from hutong.kernel.query import (
    EVERYTHING,
    NOTHING,
    And,
    Call,
    Compare,
    Expr,
    Field,
    In,
    InScope,
    IsNull,
    Linked,
    Matches,
    Not,
    Or,
    Order,
    Page,
    Value,
    Within,
    both,
    equals,
    field,
)
from hutong.kernel.thing import Datastream, Location, Thing
from hutong.store import CityStore, open_store
from hutong.store.compile import Compiler
from hutong.store.layout import nouns
from hutong.store.piece import joined
from hutong.store.scope_rows import OPEN
from hutong.store.scoped import scoped


def box(*bounds: float) -> bytes:
    return bytes(shapely.to_wkb(shapely.box(*bounds)))


def point(x: float, y: float) -> bytes:
    return bytes(shapely.to_wkb(shapely.Point(x, y)))


TRIANGLE = bytes(shapely.to_wkb(shapely.Polygon([(0, 0), (10, 0), (0, 10)])))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CityStore]:
    """One city for all queries; the tests that change it put back nothing that others ask for."""
    folder = tmp_path_factory.mktemp("city")
    with ExitStack() as stack:
        place = str(folder)
        if request.param == "postgresql":
            place = stack.enter_context(request.getfixturevalue("postgres_databases")())
        store = open_store(place, clock=FixedClock(1_790_000_000_000_000), folder=folder)
        _fill(store)
        yield store
        store.close()


def _fill(store: CityStore) -> None:
    rows = (
        Place(id=100, tree="division", code="310101", name=Label("黄浦区", "Huangpu")),
        Place(id=101, tree="division", code="310101002", name=Label("外滩街道"), parent=100),
        Place(id=102, tree="unit_grid", code="310101002000001", name=Label("网格一"), parent=101),
        manhole(1, geometry=point(1, 1), place=102, properties={"depth": 3.5, "cover": "铸铁", "lit": True}),
        manhole(2, geometry=point(9, 9), properties={"depth": 12, "cover": "9", "lit": False}),
        manhole(
            3, geometry=TRIANGLE, properties={"depth": "unknown", "deep": {"er": [1, {"x": "y"}]}}, owner=5
        ),
        manhole(4, type="base.road", name=Label("中山东一路", "The Bund"), code="r%_4"),
        stream(20, thing=1, low=0.5),
        Location(id=30, name="here", things=(1, 3)),
        a_case(40, scope=(100, 7), state="handling", thing=1, opened=50, confidential=True),
        a_case(41, scope=(100,), state="closed", title=Label("外滩积水"), opened=60, next_due=5),
        a_case(42, scope=(8,), state="handling", text="外滩 flood again", opened=60, next_due=3),
    )
    store.apply(changes(*rows))


def compare(path: str, op: Any, value: Any) -> Compare:
    return Compare(op, Field(tuple(path.split("/"))), Value(value))


def call(name: str, *args: Any) -> Call:
    return Call(name, tuple(arg if isinstance(arg, (Field, Call)) else Value(arg) for arg in args))


THINGS: list[tuple[Expr, list[int]]] = [
    (EVERYTHING, [1, 2, 3, 4]),
    (NOTHING, []),
    (equals("code", "M1"), [1]),
    (compare("code", "ne", "M1"), [2, 3, 4]),
    (compare("properties/depth", "gt", 3), [1, 2]),
    (compare("properties/depth", "lt", 12.0), [1]),
    (compare("properties/depth", "eq", "unknown"), [3]),
    (compare("properties/cover", "eq", "9"), [2]),
    (compare("properties/cover", "gt", 1), []),
    (compare("properties/lit", "eq", True), [1]),
    (compare("properties/deep/er/1/x", "eq", "y"), [3]),
    (compare("properties/depth", "ne", 12), [1, 3, 4]),
    (Not(compare("properties/depth", "gt", 5)), [1, 3, 4]),
    (compare("owner", "ne", 5), [1, 2, 4]),
    (compare("owner", "eq", None), [1, 2, 4]),
    (IsNull(field("owner")), [1, 2, 4]),
    (IsNull(field("properties", "cover")), [3, 4]),
    (Not(IsNull(field("geometry"))), [1, 2, 3]),
    (In(field("code"), ("M1", "M3", "zz")), [1, 3]),
    (In(field("owner"), (5, None)), [1, 2, 3, 4]),
    (In(field("properties", "depth"), (12, 3.5)), [1, 2]),
    (In(field("id"), ()), []),
    (Or((equals("id", 1), equals("id", 4))), [1, 4]),
    (both(compare("id", "gt", 1), None, compare("id", "le", 3)), [2, 3]),
    (compare("name", "eq", "中山东一路"), [4]),
    (compare("name/en", "eq", "The Bund"), [4]),
    (call("contains", field("name"), "东一"), [4]),
    (call("contains", field("code"), "%"), [4]),
    (call("startswith", field("code"), "M"), [1, 2, 3]),
    (call("endswith", field("code"), "_4"), [4]),
    (Compare("eq", call("length", field("code")), Value(4)), [4]),
    (Compare("eq", call("upper", field("code")), Value("R%_4")), [4]),
    (Compare("eq", call("substring", field("code"), 1), Value("2")), [2]),
    (Compare("eq", call("indexof", field("code"), "4"), Value(3)), [4]),
    (Compare("gt", call("add", field("properties", "depth"), 1), Value(12)), [2]),
    (Compare("eq", call("round", field("properties", "depth")), Value(4)), [1]),
    (Compare("eq", call("mod", field("id"), 2), Value(0)), [2, 4]),
    (Compare("eq", call("floor", call("div", field("properties", "depth"), 2)), Value(6)), [2]),
    (Compare("eq", call("concat", field("code"), "!"), Value("M1!")), [1]),
    (Within((0, 0, 2, 2)), [1, 3]),
    (Within((8, 8, 9.5, 9.5)), [2]),
    (Not(Within((8, 8, 9.5, 9.5))), [1, 3, 4]),
    (Or((Within((8, 8, 9.5, 9.5)), equals("id", 1))), [1, 2]),
    (call("st_within", field("geometry"), "POLYGON((0 0, 3 0, 3 3, 0 3, 0 0))"), [1]),
    (call("st_intersects", field("geometry"), box(0, 0, 3, 3)), [1, 3]),
    (call("st_disjoint", field("geometry"), box(0, 0, 3, 3)), [2]),
    (call("st_within", "POLYGON((0 0, 3 0, 3 3, 0 3, 0 0))", field("geometry")), [3]),
    (call("st_contains", box(0, 0, 3, 3), field("geometry")), [1]),
    (call("st_relate", field("geometry"), box(0, 0, 3, 3), "T*F**F***"), [1]),
    (call("st_relate", box(0, 0, 3, 3), field("geometry"), "T*****FF*"), [1]),
    (call("st_relate", field("geometry"), box(0, 0, 3, 3), "FF*FF****"), [2]),
    (Compare("lt", call("geo_distance", field("geometry"), point(1, 2)), Value(1.01)), [1, 3]),
    (Compare("ge", call("geo_distance", point(1, 2), field("geometry")), Value(1)), [1, 2]),
    (Compare("eq", call("geo_distance", field("geometry"), point(1, 2)), Value(1)), [1]),
    (Compare("ne", Value(1), call("geo_distance", field("geometry"), point(1, 2))), [2, 3]),
    (Compare("gt", call("geo_length", field("geometry")), Value(30)), [3]),
    (Compare("le", call("geo_length", field("geometry")), Value(0)), [1, 2]),
    (Compare("eq", call("part", field("code"), 1, 2), Value("%_")), [4]),
    (Compare("eq", call("mod", field("properties", "depth"), 3), Value(0.5)), [1]),
    (call("endswith", field("code"), ""), [1, 2, 3, 4]),
    (Linked("datastream", ("id",), ("thing",), compare("low", "lt", 1)), [1]),
    (Not(Linked("datastream", ("id",), ("thing",), EVERYTHING)), [2, 3, 4]),
    (Linked("location", ("id",), ("things",), equals("name", "here"), "far"), [1, 3]),
    (Matches("检查井1号"), [1]),
    (Matches("bund"), [4]),
    (Matches("中山东"), [4]),
    (Matches("检查 中山"), []),
    (Matches('" OR *'), []),
    (compare("place/parent/name", "eq", "外滩街道"), [1]),
    (InScope((100,)), [1]),
    (InScope((999,)), []),
]


@pytest.mark.parametrize("number", range(len(THINGS)))
def test_things(city: CityStore, number: int) -> None:
    where, expected = THINGS[number]
    with city.reader() as reader:
        assert [row.id for row in reader.find(Thing, where).rows] == expected
        assert reader.count(Thing, where) == len(expected)


CASES: list[tuple[Expr, list[int]]] = [
    (InScope((7, 8)), [40, 42]),
    (And((InScope((100,)), equals("state", "closed"))), [41]),
    (Matches("外滩"), [41, 42]),
    (Matches("FLOOD 外滩"), [42]),
    (Matches("N40"), [40]),
    (equals("confidential", True), [40]),
    (Field(("confidential",)), [40]),
    (equals("category/code", "01234"), [40, 41, 42]),
    (equals("thing/name/en", "Manhole 1"), [40]),
    (Compare("eq", Call("year", (field("opened"),)), Value(1970)), [40, 41, 42]),
    (Not(Compare("eq", Call("hour", (field("opened"),)), Value(0))), []),
]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_cases(city: CityStore, number: int) -> None:
    where, expected = CASES[number]
    with city.reader() as reader:
        assert [row.id for row in reader.find(Case, where).rows] == expected


def test_scopes_of_other_nouns(city: CityStore) -> None:
    with city.reader() as reader:
        assert [row.id for row in reader.find(Datastream, InScope((101,))).rows] == [20]
        assert [row.id for row in reader.find(Place, InScope((101,))).rows] == [101, 102]
        assert reader.find(Location, InScope((101,))).rows == ()
        assert [row.id for row in reader.find(Location, call("has", field("things"), 3)).rows] == [30]
        assert reader.find(Warning, InScope((101,))).rows == ()


@pytest.mark.parametrize(
    ("where", "named"),
    [
        (equals("colour", "red"), "colour"),
        (equals("properties2/a", 1), "properties2/a"),
        (equals("code/a", 1), "code/a"),
        (equals("code", 1), "code"),
        (compare("place/nothing", "eq", 1), "place/nothing"),
        (Call("sleep", (Value(9),)), "sleep"),
        (Call("contains", (field("code"),)), "contains"),
        (Compare("eq", field("code"), And(())), "filter"),
        (Within((2, 0, 1, 1)), "box"),
        (Field(("code",)), "code"),
        (equals("id", 2**70), "filter"),
        (call("st_within", field("geometry"), "POLYGON(("), "filter"),
        (compare('properties/a"b', "eq", 1), 'a"b'),
    ],
)
def test_wrong_queries_name_the_field(city: CityStore, where: Expr, named: str) -> None:
    with city.reader() as reader, pytest.raises(Invalid) as caught:
        reader.find(Thing, where)
    assert caught.value.field == named


ORDERS: list[tuple[tuple[Order, ...], list[int]]] = [
    ((), [40, 41, 42]),
    ((Order(("opened",), descending=True),), [42, 41, 40]),
    ((Order(("opened",)), Order(("number",), descending=True)), [40, 42, 41]),
    ((Order(("next_due",)),), [42, 41, 40]),
    ((Order(("next_due",), descending=True),), [40, 41, 42]),
    ((Order(("title",)), Order(("id",), descending=True)), [42, 40, 41]),
    ((Order(("id",), descending=True),), [42, 41, 40]),
]


@pytest.mark.parametrize("number", range(len(ORDERS)))
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_walk_the_whole_order(city: CityStore, number: int, limit: int) -> None:
    order, expected = ORDERS[number]
    found: list[int] = []
    after: str | None = None
    with city.reader() as reader:
        while True:
            page = reader.find(Case, order=order, limit=limit, after=after)
            found += [row.id for row in page.rows]
            after = page.after
            if after is None:
                break
            with pytest.raises(Invalid):
                reader.find(
                    Case, order=[Order(("number",)), Order(("state",)), Order(("text",))], after=after
                )
    assert found == expected


@pytest.mark.parametrize(
    ("where", "descending", "expected"),
    [
        (InScope((100,)), True, [41, 40]),
        (InScope((100,)), False, [40, 41]),
        (both(InScope((100,)), equals("state", "handling")), True, [40]),
        (both(equals("procedure", "urban.case"), InScope((8,)), equals("state", "handling")), True, [42]),
        (both(InScope((100,)), InScope((7,))), False, [40]),
        (both(InScope((100,)), Matches("外滩")), False, [41]),
    ],
)
def test_pages_of_one_scope(city: CityStore, where: Expr, descending: bool, expected: list[int]) -> None:
    order = [Order(("opened",), descending)]
    with city.reader() as reader:
        first = reader.find(Case, where, order=order, limit=1)
        rest = reader.find(Case, where, order=order, after=first.after) if first.after else Page(())
    assert [row.id for row in (*first.rows, *rest.rows)] == expected


def test_a_page_of_one_scope_is_an_index_range(city: CityStore) -> None:
    """No sorting: the rows come in order from the scope table's index."""
    order = [Order(("opened",), True)]
    with city.database.read() as tx:
        where = both(InScope((100,)), IsNull(field("closed")))
        lead = scoped(tx, nouns()["case"], where, order, history=False)
        assert lead is not None
        assert lead.stays
        where_sql = "s.lane = ? AND s.scope = ? AND s.state = ?"
        sql = f"SELECT s.id FROM {lead.table} WHERE {where_sql} ORDER BY s.opened DESC, s.id DESC"
        values = (1, lead.scope, OPEN)
        assert tx.rows(sql, values) == [(41,), (40,)]
        if tx.dialect == "sqlite":
            plan = tx.rows(f"EXPLAIN QUERY PLAN {sql} LIMIT 50", values)
            text = " ".join(str(row[3]) for row in plan)
            assert "case_scope_by_scope_state_opened_id (lane=? AND scope=? AND state=?)" in text
            assert "TEMP B-TREE" not in text


def test_pages_stand_still_while_rows_arrive(city: CityStore) -> None:
    newest = [Order(("opened",), descending=True)]
    with city.reader() as reader:
        first = reader.find(Case, order=newest, limit=2)
    new = city.apply(changes(a_case(43, opened=999))).rows[0]
    with city.reader() as reader:
        second = reader.find(Case, order=newest, limit=2, after=first.after)
        with pytest.raises(Invalid, match="not a cursor"):
            reader.find(Case, after="§§")
    city.apply(changes(msgspec.structs.replace(new, retired=1)))
    assert [row.id for row in (*first.rows, *second.rows)] == [42, 41, 40]


def test_json_order(city: CityStore) -> None:
    with city.reader() as reader:
        rows = reader.find(Thing, order=[Order(("properties", "depth"))], limit=2)
        more = reader.find(Thing, order=[Order(("properties", "depth"))], after=rows.after)
    assert [row.id for row in (*rows.rows, *more.rows)] == [1, 2, 3, 4]


def test_as_of_filters_see_the_past(city: CityStore) -> None:
    with city.reader() as reader:
        old = reader.get(Case, 41)
        at = city.clock.recorded_at()
    city.clock.move_to(at + 10)  # type: ignore[attr-defined]
    city.apply(changes(msgspec.structs.replace(old, state="reopened", scope=(9,))))
    with city.reader() as reader:
        past = both(equals("state", "closed"), InScope((100,)))
        assert [row.id for row in reader.find(Case, past, as_of=at).rows] == [41]
        assert reader.find(Case, past).rows == ()
        assert [row.id for row in reader.find(Case, InScope((9,))).rows] == [41]
        assert [row.id for row in reader.find(Thing, Within((0, 0, 2, 2)), as_of=at).rows] == [1, 3]
        with pytest.raises(Invalid):
            reader.find(Case, Matches("外滩"), as_of=at)


def test_links_go_both_ways_and_far(city: CityStore) -> None:
    here = Linked("location", ("id",), ("things",), equals("name", "here"), "far")
    with city.reader() as reader:
        found = reader.find(Datastream, Linked("thing", ("thing",), ("id",), here))
        assert [row.id for row in found.rows] == [20]
        deep = Linked("datastream", ("id",), ("thing",), compare("low", "eq", 0.5))
        located = reader.find(Location, Linked("thing", ("things",), ("id",), deep, "near"))
        assert [row.id for row in located.rows] == [30]
        early = city.clock.recorded_at()
        assert reader.find(Thing, here, as_of=early).rows
        assert not reader.find(Thing, here, as_of=1).rows


def test_an_indexed_property_is_found_by_its_index(city: CityStore) -> None:
    city.index_properties([("depth", "float"), ("cover", "text"), ("cover", "text")])
    where = both(compare("properties/depth", "gt", 3), compare("properties/depth", "lt", 100))
    with city.reader() as reader:
        assert [row.id for row in reader.find(Thing, where).rows] == [1, 2]
        compiler = Compiler(reader.tx, nouns()["thing"], city.codec.vault, city.lanes)
        for asked, index in (
            (compare("properties/cover", "eq", "9"), "thing_of_properties_cover_text"),
            (compare("properties/depth", "gt", 3), "thing_of_properties_depth_float"),
            (compare("name", "eq", "中山东一路"), "thing_of_name_text"),
        ):
            piece = joined([*compiler.standing(), compiler.condition(asked)], "AND")
            if reader.tx.dialect == "sqlite":
                plan = reader.tx.rows(
                    f"EXPLAIN QUERY PLAN SELECT t.id FROM thing t WHERE {piece.sql}", piece.values
                )
                assert index in str(plan)
            else:
                reader.tx.execute("SET LOCAL enable_seqscan = off")
                plan = reader.tx.rows(f"EXPLAIN SELECT t.id FROM thing t WHERE {piece.sql}", piece.values)
                assert "ELSE NULL::text END =" in str(plan) or "double precision" in str(plan)
                assert index in str(plan)


def test_children_of_many_in_one_query(city: CityStore) -> None:
    city.apply(changes(stream(21, thing=1), stream(22, thing=1), stream(23, thing=2)))
    with city.reader() as reader:
        pages = reader.find_each(Datastream, "thing", [1, 2, 3], order=[Order(("id",), True)], limit=2)
        assert {id: [row.id for row in page.rows] for id, page in pages.items()} == {1: [22, 21], 2: [23]}
        rest = reader.find(Datastream, equals("thing", 1), order=[Order(("id",), True)], after=pages[1].after)
        assert [row.id for row in rest.rows] == [20]
        assert pages[2].after is None
        versions = reader.histories(Datastream, [20, 23])
        assert [[row.version for _, row in rows] for rows in versions.values()] == [[1], [1]]
        assert set(reader.many(Datastream, [20, 21], as_of=1)) == set()
