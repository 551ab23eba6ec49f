"""What is told once, and which registers it fills."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

import pytest

from hutong.engine.register_fields import Catalogue, holds, years
from hutong.engine.registers import Answers, Filled, Member, Setting, Standing, Told, fill
from hutong.kernel.base import DataClass, Label
from hutong.kernel.definition.register import Register, RegisterCondition, RegisterField
from hutong.kernel.errors import Invalid
from hutong.kernel.party import Party
from hutong.kernel.register import Household, RegisterEntry

TODAY = date(2026, 7, 18)
PERSONAL = DataClass.SENSITIVE


def field(name: str, about: Any, **more: Any) -> RegisterField:
    return RegisterField(name=name, label=Label(name, name), about=about, **more)


def register(name: str, about: Any, *fields: str, **when: Any) -> Register:
    """`when`: field → what its condition says."""
    parts = tuple(RegisterCondition(field=key, **said) for key, said in when.items())
    return Register(name=f"x.{name}", label=Label(name, name), about=about, fields=fields, when=parts)


CATALOGUE = Catalogue(
    [
        field("address", "household", kept="address", required=True, data_class=PERSONAL),
        field("use", "household", kind="choice", choices={"own": Label("自住"), "let": Label("出租")}),
        field("tenants", "household", kind="number", low=0, high=9),
        field("name", "person", kept="name", required=True, data_class=PERSONAL),
        field("born", "person", kind="date", data_class=PERSONAL),
        field("alone", "person", kind="flag", data_class=PERSONAL),
        field("badge", "person"),
    ],
    [
        register("homes", "household", "address", "use"),
        register("let", "household", "address", "tenants", use={"equals": "let"}),
        register("people", "person", "name", "born", "badge"),
        register("alone", "person", "name", "alone", born={"years_at_least": 60}, alone={"equals": True}),
    ],
)
IDS = count(100)
HOME = Household(id=1, code="A", place=9)


def filled(standing: Standing, answers: Answers, now: int = 1000) -> Filled:
    setting = Setting(account=5, now=now, today=TODAY, visit=99, fresh=lambda: next(IDS))
    return fill(CATALOGUE, standing, answers, setting)


def after(standing: Standing, result: Filled) -> Standing:
    """The household as it stands once the rows are kept."""
    rows = {one.id: one for one in standing.entries}
    people = {
        one.party.id: (one.party, {entry.id: entry for entry in one.entries}) for one in standing.members
    }
    home = standing.household
    for row in result.puts:
        if isinstance(row, Household):
            home = row
        elif isinstance(row, Party):
            people[row.id] = (row, people.get(row.id, (row, {}))[1])
    for row in result.puts:
        if isinstance(row, RegisterEntry):
            (rows if row.subject is None else people[row.subject][1])[row.id] = row
    return Standing(
        household=home,
        entries=tuple(one for one in rows.values() if one.retired is None),
        members=tuple(
            Member(party=party, entries=tuple(one for one in entries.values() if one.retired is None))
            for party, entries in people.values()
        ),
    )


def first() -> tuple[Standing, Filled]:
    told = Told(values={"name": "沈桂兰", "born": "1944-05-06", "alone": "是", "badge": "7"})
    result = filled(
        Standing(household=HOME), Answers(values={"address": "演示里1号", "use": "出租"}, members=(told,))
    )
    return after(Standing(household=HOME), result), result


def test_every_register_that_applies_is_filled() -> None:
    standing, result = first()
    assert result.registers == {"x.homes": 1, "x.let": 1, "x.people": 1, "x.alone": 1}
    assert standing.household.address == "演示里1号"
    person = standing.members[0]
    assert person.party.person_name == "沈桂兰"
    people = next(one for one in person.entries if one.register == "x.people")
    assert people.values == {"badge": "7"}
    assert people.personal == '{"born":"1944-05-06"}'
    assert all("name" not in one.values for one in person.entries)


def test_what_did_not_change_is_not_written() -> None:
    standing, _ = first()
    result = filled(standing, Answers(values={"use": "let"}))
    assert result.registers == {}
    assert result.changed == ()
    assert [type(one).__name__ for one in result.puts] == ["Household", "Visit"]


def test_a_register_ends_when_its_condition_does_and_begins_again() -> None:
    standing, _ = first()
    result = filled(standing, Answers(values={"use": "own"}))
    assert result.registers == {"x.let": 1, "x.homes": 1}
    standing = after(standing, result)
    assert {one.register for one in standing.entries} == {"x.homes"}
    again = after(standing, filled(standing, Answers(values={"use": "let", "tenants": 2}), now=2000))
    assert {one.register for one in again.entries} == {"x.homes", "x.let"}


def test_a_changed_name_touches_every_register_that_shows_it() -> None:
    standing, _ = first()
    party = standing.members[0].party.id
    result = filled(standing, Answers(members=(Told(party=party, values={"name": "沈桂英"}),)))
    assert result.registers == {"x.people": 1, "x.alone": 1}


def test_who_leaves_leaves_every_register() -> None:
    standing, _ = first()
    party = standing.members[0].party.id
    result = filled(standing, Answers(members=(Told(party=party, left=True),)))
    assert result.registers == {"x.people": 1, "x.alone": 1}
    assert after(standing, result).members[0].entries == ()


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        (Answers(values={"address": ""}), "values.address"),
        (Answers(values={"use": "sold"}), "values.use"),
        (Answers(values={"tenants": 10}), "values.tenants"),
        (Answers(members=(Told(values={"name": "x", "born": "2030-01-01"}),)), "members.0.born"),
        (Answers(members=(Told(values={"born": "2000-01-01"}),)), "members.0.name"),
        (Answers(members=(Told(values={"name": "x", "alone": "perhaps"}),)), "members.0.alone"),
        (Answers(members=(Told(party=4, values={}),)), "members.0.party"),
    ],
)
def test_what_is_wrong_is_named(answers: Answers, field: str) -> None:
    standing, _ = first()
    with pytest.raises(Invalid) as caught:
        filled(standing, answers)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("part", "value", "expected"),
    [
        ({"equals": True}, True, True),
        ({"equals": True}, None, False),
        ({"one_of": ("a", "b")}, "b", True),
        ({"at_least": 2}, 1, False),
        ({"years_at_least": 60}, "1966-07-18", True),
        ({"years_at_least": 60}, "1966-07-19", False),
        ({"years_below": 14}, "2012-07-18", False),
        ({"years_below": 14}, "2012-07-19", True),
        ({"years_below": 14}, "no date", False),
    ],
)
def test_conditions(part: dict[str, Any], value: Any, expected: bool) -> None:
    assert holds(RegisterCondition(field="x", **part), {"x": value}, TODAY) is expected


def test_years_are_whole() -> None:
    assert years("2000-02-29", date(2026, 2, 28)) == 25
    assert years("2000-02-29", date(2026, 3, 1)) == 26
