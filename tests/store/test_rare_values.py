"""Classes and sources that few cases have are looked up by their value; what is found does not depend on it."""

from __future__ import annotations

import itertools

import pytest
from msgspec.structs import replace
from tests.store.samples import a_case, changes

from hutong.kernel.case import Case, Category
from hutong.kernel.query import (
    EVERYTHING,
    Call,
    Compare,
    Expr,
    Field,
    In,
    InScope,
    IsNull,
    Order,
    Value,
    both,
    equals,
)
from hutong.store import CityStore, wording
from hutong.store.layout import noun_of
from hutong.store.rare_values import valued

CLASSES = ("06010", "06010", "06011", "01003", "02001")


@pytest.fixture
def full(store: CityStore) -> CityStore:
    rows = [
        a_case(
            900 + n, category=Category("matter" if n % 7 else "component", CLASSES[n % 5]), number=f"3101{n:04d}",
            opened=1000 - n, closed=None if n % 3 else 5, next_due=None if n % 4 else 50 + n,
            source="patrol" if n % 11 == 0 else "public", scope=(100,) if n % 2 else (100, 200),
        )
        for n in range(30)
    ]  # fmt: skip
    store.apply(changes(*rows))
    return store


def _class(prefix: str) -> Expr:
    return Call("startswith", (Field(("category", "code")), Value(prefix)))


FILTERS: tuple[tuple[Expr, set[int]], ...] = (
    (_class("0601"), {900 + n for n in range(30) if n % 5 < 3}),
    (_class("01003"), {900 + n for n in range(30) if n % 5 == 3}),
    (both(_class("02"), equals("category/kind", "component")), {914}),
    (_class("99"), set()),
    (equals("source", "patrol"), {900, 911, 922}),
    (In(Field(("source",)), ("patrol", "phone")), {900, 911, 922}),
    (Compare("eq", Field(("category", "code")), Value("06011")), {902, 907, 912, 917, 922, 927}),
)


@pytest.mark.parametrize("few", [1000, 4, 0])
def test_rare_and_frequent_values_find_the_same(
    full: CityStore, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "FEW", few)
    monkeypatch.setattr(wording, "STEPS", dict.fromkeys(wording.STEPS, 0))
    scopes: tuple[tuple[Expr, set[int]], ...] = (
        (EVERYTHING, set(range(900, 930))),
        (InScope((200,)), {900 + n for n in range(30) if n % 2 == 0}),
        (IsNull(Field(("closed",))), {900 + n for n in range(30) if n % 3}),
    )
    with full.reader() as reader:
        for (where, wanted), (scope, within) in itertools.product(FILTERS, scopes):
            asked = both(scope, where)
            for name, down in itertools.product(("opened", "next_due"), (False, True)):
                found = reader.find(Case, asked, order=(Order((name,), down),))
                assert {one.id for one in found.rows} == wanted & within
            assert reader.count(Case, asked) == len(wanted & within)


def test_the_counters_follow_what_becomes_of_a_case(full: CityStore) -> None:
    with full.reader() as reader:
        other = reader.get(Case, 903)
        gone = reader.get(Case, 908)
        before = reader.counters("case.category/code")
    full.apply(changes(replace(other, category=Category("matter", "02001"))))
    full.apply(changes(replace(gone, retired=7)))
    with full.reader() as reader:
        after = reader.counters("case.category/code")
        assert before == {"06010": 12, "06011": 6, "01003": 6, "02001": 6}
        assert after == {"06010": 12, "06011": 6, "01003": 4, "02001": 7}
        assert 903 in {one.id for one in reader.find(Case, _class("02001")).rows}
        assert {one.id for one in reader.find(Case, _class("01003")).rows} == {913, 918, 923, 928}


def test_an_index_leads_to_rare_values_only(full: CityStore) -> None:
    noun = noun_of(Case)
    with full.reader() as reader:
        assert valued(reader.tx, noun, _class("01003"), lambda: 5) is None
        assert valued(reader.tx, noun, _class("01003"), lambda: 6) == (903, 908, 913, 918, 923, 928)
        assert valued(reader.tx, noun, equals("state", "handling"), lambda: 100) is None
        if reader.tx.dialect == "sqlite":
            sql = "SELECT name FROM sqlite_master WHERE name = 'case_of_category_code_text'"
        else:
            sql = "SELECT indexname FROM pg_indexes WHERE indexname = 'case_of_category_code_text'"
        assert reader.tx.row(sql) == ("case_of_category_code_text",)
