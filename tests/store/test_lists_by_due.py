"""Lists of cases by their next deadline, whatever part of them a page begins and ends in."""

from __future__ import annotations

import random

import msgspec
import pytest
from tests.store.samples import a_case, changes

from hutong.kernel.case import Case
from hutong.kernel.ports import Reader
from hutong.kernel.query import (
    EVERYTHING,
    Compare,
    Expr,
    Field,
    In,
    InScope,
    IsNull,
    Not,
    Order,
    Value,
    both,
    equals,
    field,
)
from hutong.store import CityStore, by_due
from hutong.store.layout import nouns
from hutong.store.scoped import scoped

OPEN = IsNull(field("closed"))
UNIT = 7


def cases() -> list[Case]:
    """A hundred: some ended (with a deadline left or without), some that wait for nothing, several due at one moment."""
    chance = random.Random(4)
    found = []
    for id in range(200, 300):
        closed = chance.choice((None, None, 5000 + id))
        state = (
            chance.choice(("handling", "to_check")) if closed is None else chance.choice(("closed", "void"))
        )
        due = chance.choice((None, 1000, 2000, 3000 + id))
        scope = (UNIT,) if chance.random() < 0.4 else (8, 9)
        late = chance.choice((None, 0, 4000)) if closed is None else None
        found.append(a_case(id, state=state, closed=closed, next_due=due, scope=scope, late_from=late))
    return found


@pytest.fixture
def city(store: CityStore) -> CityStore:
    store.apply(changes(*cases()))
    return store


def place_of(case: Case) -> tuple[int, int]:
    if case.closed is not None:
        return by_due.LAST, case.id
    return by_due.UNDATED if case.next_due is None else case.next_due, case.id


def walked(reader: Reader, where: Expr, limit: int, *, descending: bool) -> list[int]:
    found: list[int] = []
    after: str | None = None
    while True:
        order = (Order(("next_due",), descending),)
        page = reader.find(Case, where, order=order, limit=limit, after=after)
        found += [row.id for row in page.rows]
        after = page.after
        if after is None:
            return found


FILTERS: list[tuple[Expr, list[int]]] = [
    (where, [one.id for one in sorted(cases(), key=place_of) if holds(one)])
    for where, holds in (
        (EVERYTHING, lambda one: True),
        (InScope((UNIT,)), lambda one: UNIT in one.scope),
        (InScope((UNIT, 9)), lambda one: True),
        (both(InScope((8,)), InScope((9,))), lambda one: 8 in one.scope),
        (both(OPEN, InScope((UNIT,))), lambda one: one.closed is None and UNIT in one.scope),
        (both(Not(OPEN), InScope((UNIT,))), lambda one: one.closed is not None and UNIT in one.scope),
        (both(OPEN, equals("state", "to_check")), lambda one: one.state == "to_check"),
        (equals("state", "void"), lambda one: one.state == "void"),
        (In(field("state"), ("handling", "void")), lambda one: one.state in ("handling", "void")),
        (In(field("id"), tuple(range(250))), lambda one: one.id < 250),
        (
            both(OPEN, Compare("lt", field("next_due"), Value(2500))),
            lambda one: one.closed is None and one.next_due in (1000, 2000),
        ),
        (
            both(OPEN, Not(IsNull(field("next_due")))),
            lambda one: one.closed is None and one.next_due is not None,
        ),
        (
            both(InScope((UNIT,)), Compare("lt", Field(("late_from",)), Value(4001))),
            lambda one: UNIT in one.scope and one.late_from is not None,
        ),
    )
]


@pytest.fixture(params=[0, 10, 1000])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(by_due, "FEW_OPEN", request.param)
    return int(request.param)


def test_every_page_of_every_list(city: CityStore, few: int) -> None:
    with city.reader() as reader:
        for where, expected in FILTERS:
            for limit in (1, 7, 40, 200):
                assert walked(reader, where, limit, descending=False) == expected, (where, limit)
                assert walked(reader, where, limit, descending=True) == expected[::-1], (where, limit)


def test_a_step_of_an_open_case_writes_no_scope_row(city: CityStore) -> None:
    """Its rows of the scope table stay as they are until it ends or others may see it."""
    sql = 'SELECT scope, id, state FROM "case_scope" WHERE id = ? ORDER BY scope'
    with city.reader() as reader:
        one = next(case for case in reader.find(Case, OPEN).rows if case.scope == (UNIT,))
    with city.database.read() as tx:
        assert tx.rows(sql, (one.id,)) == [(0, one.id, ""), (UNIT, one.id, "")]
        if tx.dialect == "postgresql":
            before = tx.rows(sql.replace("state", "xmin::text"), (one.id,))
    moved = city.apply(changes(msgspec.structs.replace(one, state="checked", next_due=77, late_from=0))).rows[
        0
    ]
    with city.database.read() as tx:
        assert tx.rows(sql, (one.id,)) == [(0, one.id, ""), (UNIT, one.id, "")]
        if tx.dialect == "postgresql":
            assert tx.rows(sql.replace("state", "xmin::text"), (one.id,)) == before
    city.apply(changes(msgspec.structs.replace(moved, state="closed", closed=99, next_due=None)))
    with city.database.read() as tx:
        assert tx.rows(sql, (one.id,)) == [(0, one.id, "closed"), (UNIT, one.id, "closed")]


def test_counts_of_what_is_open_and_what_has_ended(city: CityStore) -> None:
    with city.reader() as reader:
        for where, expected in FILTERS:
            assert reader.count(Case, where) == len(expected), where


def test_each_part_is_read_in_the_order_of_an_index(city: CityStore) -> None:
    """What waits for something in time comes by its index; what has ended by the key of the scope table."""
    noun = nouns()["case"]
    with city.database.read() as tx:
        if tx.dialect == "postgresql":
            tx.execute("SET LOCAL enable_seqscan = off")
            tx.execute("SET LOCAL enable_sort = off")
        explain = "EXPLAIN QUERY PLAN " if tx.dialect == "sqlite" else "EXPLAIN "
        waiting = f'SELECT id FROM {noun.table} t WHERE t.lane = 1 AND (t."next_due") IS NOT NULL'
        plan = str(tx.rows(f'{explain}{waiting} ORDER BY t."next_due", t."id" LIMIT 51'))
        assert "case_by_next_due_id" in plan
        assert "TEMP B-TREE" not in plan
        lead = scoped(tx, noun, both(Not(OPEN), InScope((UNIT,))), (Order(("opened",)),), history=False)
        assert lead is not None
        assert lead.stays
