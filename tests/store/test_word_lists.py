"""Words that few rows have and words that many have are found alike, in every order, whoever asks."""

from __future__ import annotations

import itertools

import pytest
from tests.store.samples import a_case, changes

from hutong.kernel.base import Label
from hutong.kernel.case import Case
from hutong.kernel.query import (
    EVERYTHING,
    Call,
    Compare,
    Expr,
    Field,
    InScope,
    IsNull,
    Matches,
    Or,
    Order,
    Value,
    both,
)
from hutong.kernel.text import holds_all
from hutong.store import CityStore, scoped, wording
from hutong.store.layout import noun_of

TEXTS = ("道路积水，影响通行", "路灯不亮", "ＡＢＣ路道路破损", "积水很深", "道路 abc 号", "")


@pytest.fixture
def full(store: CityStore) -> CityStore:
    rows = [
        a_case(
            900 + n, text=text, title=Label(f"案卷{n % 2}"), number=f"3101{n:04d}", opened=1000 - n,
            closed=None if n % 3 else 5, next_due=None if n % 4 else 50 + n, scope=(100,) if n % 2 else (100, 200),
            late_from=n if n % 5 == 1 else None,
        )
        for n, text in enumerate(TEXTS * 3)
    ]  # fmt: skip
    store.apply(changes(*rows))
    return store


FILTERS: tuple[Expr, ...] = (
    Matches("道路"),
    Matches("积水 道路"),
    Matches("abc"),
    Or((Matches("3101"), Call("startswith", (Field(("number",)), Value("31010"))))),
    Or((Matches("路灯"), Call("startswith", (Field(("number",)), Value("31010003"))))),
)


@pytest.mark.parametrize("where", FILTERS)
def test_frequent_and_rare_words_find_the_same(
    full: CityStore, where: Expr, monkeypatch: pytest.MonkeyPatch
) -> None:
    scopes: tuple[Expr, ...] = (EVERYTHING, InScope((200,)), IsNull(Field(("closed",))))
    orders = [
        (Order((name,), down),) for name, down in itertools.product(("opened", "next_due"), (False, True))
    ]
    for scope, order in itertools.product(scopes, orders):
        found = []
        for few, looked_up in ((3000, 200), (3000, 0), (0, 0)):
            _plan(monkeypatch, few, looked_up)
            with full.reader() as reader:
                first = reader.find(Case, both(scope, where), order=order, limit=4)
                rest = (
                    reader.find(Case, both(scope, where), order=order, after=first.after)
                    if first.after
                    else None
                )
                found.append([one.id for one in (*first.rows, *(rest.rows if rest else ()))])
                assert len(found[-1]) == reader.count(Case, both(scope, where))
        assert found[0] == found[1] == found[2]
        assert len(set(found[0])) == len(found[0])


def test_words_of_the_newest_rows_are_known_as_frequent(
    full: CityStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where it is clear; what is found does not depend on it."""
    with full.reader() as reader:
        noun = noun_of(Case)
        found = reader.find(Case, Matches("道路"), order=(Order(("opened",), True),)).rows
        assert wording._frequent(reader.tx, noun, ["道路"], 0.01)
        assert not wording._frequent(reader.tx, noun, ["道路"], 0.9)
        assert not wording._frequent(reader.tx, noun, ["没有"], 0.0)
        monkeypatch.setattr(wording, "FEW", 1)
        monkeypatch.setattr(wording, "STEPS", dict.fromkeys(wording.STEPS, 0))
        assert reader.find(Case, Matches("道路"), order=(Order(("opened",), True),)).rows == found
        monkeypatch.setattr(wording, "SURE", 1000)
        assert reader.find(Case, Matches("道路"), order=(Order(("opened",), True),)).rows == found


def _plan(monkeypatch: pytest.MonkeyPatch, few: int, looked_up: int) -> None:
    """Rows are named by rare words and looked up as they are, or in the scope table; or they are asked one by one."""
    monkeypatch.setattr(wording, "FEW", few)
    monkeypatch.setattr(wording, "STEPS", dict.fromkeys(wording.STEPS, 0))
    monkeypatch.setattr(scoped, "LOOKED_UP", looked_up)


@pytest.mark.parametrize(("few", "looked_up"), [(3000, 0), (0, 0)])
def test_a_cursor_of_one_plan_goes_on_with_the_other(
    full: CityStore, monkeypatch: pytest.MonkeyPatch, few: int, looked_up: int
) -> None:
    order = (Order(("next_due",)),)
    with full.reader() as reader:
        whole = [one.id for one in reader.find(Case, Matches("道路"), order=order).rows]
        first = reader.find(Case, Matches("道路"), order=order, limit=2)
        _plan(monkeypatch, few, looked_up)
        rest = reader.find(Case, Matches("道路"), order=order, after=first.after)
    assert [one.id for one in (*first.rows, *rest.rows)] == whole


def test_a_scope_that_is_asked_for_twice_leads_alone(full: CityStore) -> None:
    twice = both(InScope((200,)), both(InScope((200,)), IsNull(Field(("closed",)))))
    order = (Order(("opened",), True),)
    with full.reader() as reader:
        lead = scoped.scoped(reader.tx, noun_of(Case), twice, order, history=False)
        assert lead is not None
        assert (lead.scope, lead.stays) == (200, True)
        assert [part for part in scoped.flat(lead.rest) if isinstance(part, InScope)] == []
        once = reader.find(Case, both(InScope((200,)), IsNull(Field(("closed",)))), order=order).rows
        assert reader.find(Case, twice, order=order).rows == once


def test_what_is_late_is_found_by_the_instant(full: CityStore) -> None:
    late = Compare("lt", Field(("late_from",)), Value(7))
    with full.reader() as reader:
        assert {one.id for one in reader.find(Case, late, order=(Order(("next_due",)),)).rows} == {901, 906}
        assert reader.count(Case, both(InScope((200,)), late)) == 1


@pytest.mark.parametrize(
    ("words", "held"), [(["道路"], True), (["路积"], True), (["abc"], False), (["道路", "号外"], False)]
)
def test_tokens_of_texts(words: list[str], held: bool) -> None:
    assert holds_all(words, ["道路积水", "abcd 3"]) is held
