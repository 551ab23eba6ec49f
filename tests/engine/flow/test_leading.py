"""An order becomes a 案卷: the case leads, the order keeps number, caller and clock, and is answered when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.api.town import Town, open_town, seed, tiny_city

from hutong.engine.flow.cases import Act
from hutong.engine.handle.open import OpenCase
from hutong.kernel.access import Actor
from hutong.kernel.base import Label
from hutong.kernel.case import Case, Category
from hutong.kernel.definition.pack import AccountEntry
from hutong.kernel.errors import Invalid, Refused


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    city, functions = tiny_city(("base", "urban", "drainage", "hotline"))
    people = {"zuoxi": "seat", "paidan": "order_dispatcher", "huifang": "visitor"}
    entries = tuple(
        AccountEntry(login=login, name=login, organisation="supervision", roles=(role,))
        for login, role in people.items()
    )
    city = replace(city, accounts=(*city.accounts, *entries))
    seed(tmp_path / "city", city)
    one = open_town(tmp_path / "city", city, functions)
    yield one
    one.close()


def actor(town: Town, login: str) -> Actor:
    account = next(one for one in town.directory.accounts.values() if one.login == login)
    return town.directory.actor(account.id, town.clock.city_time())


def order(town: Town) -> Case:
    category = next(key for key in town.rulebook.category_names if key.kind == "hotline")
    command = OpenCase(
        id=town.store.new_ids(1)[0],
        category=category,
        title=Label("人民路井盖响", "a rattling cover"),
        text="井盖响，晚上睡不着",
        source="hotline",
        condition="help",
    )
    return town.cases.open(command, actor(town, "zuoxi"))


def do(town: Town, case: int, login: str, action: str, **answers: object) -> Case:
    return town.cases.act(Act(case=case, action=action, answers=answers), actor(town, login))


def stored(town: Town, id: int) -> Case:
    with town.store.reader() as reader:
        return reader.get(Case, id)


def test_the_order_goes_with_the_case_and_is_answered_when_it_ends(town: Town) -> None:
    first = order(town)
    joined = do(town, first.id, "zuoxi", "raise_case", raised="matter:01003")
    assert joined.state == "joining"
    assert joined.joined_to is not None
    led = stored(town, joined.joined_to)
    assert (led.procedure, led.category, led.source) == ("urban.case", Category("matter", "01003"), "hotline")
    assert (led.text, led.parent, led.subject) == (first.text, None, None)
    do(town, led.id, "shouli", "reject", reason="重复反映")
    answering = stored(town, first.id)
    assert (answering.state, answering.number) == ("to_answer", first.number)
    assert answering.closed is None
    do(town, first.id, "zuoxi", "answer_joined", answer="已核实处理")
    again = do(
        town, first.id, "huifang", "visit_bad", contacted=True, solved="no", satisfaction="dissatisfied"
    )
    assert (again.state, again.rounds, again.joined_to) == ("to_dispatch", 1, None)
    assert stored(town, led.id).closed is not None


def test_a_category_that_is_none_opens_nothing(town: Town) -> None:
    first = order(town)
    with pytest.raises(Invalid) as caught:
        do(town, first.id, "zuoxi", "raise_case", raised="matter:99999")
    assert caught.value.field == "answers.raised"
    assert stored(town, first.id).state == "received"


def test_it_is_not_taken_back(town: Town) -> None:
    first = order(town)
    do(town, first.id, "zuoxi", "raise_case", raised="matter:01003")
    with pytest.raises(Refused):
        town.cases.undo(first.id, actor(town, "zuoxi"))
