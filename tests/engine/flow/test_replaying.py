"""Pairing what two sets of rules say with each other and with what was stored."""

from __future__ import annotations

from typing import Any

from hutong.engine.flow.replaying import Episode, compare, parameters_of, same_outcome, summed
from hutong.kernel.base import Label
from hutong.kernel.case import Category, Warning
from hutong.kernel.definition.rule import Condition, FormulaCall, Level, Rise, Rule

END = 1000


def episode(raised: int, cleared: int | None, thing: int = 1) -> Episode:
    return Episode(rule="p.r", thing=thing, began=raised, raised=raised, cleared=cleared)


def stored(raised: int, cleared: int | None, **more: Any) -> Warning:
    given: dict[str, Any] = {
        "id": raised, "rule": "p.r", "rule_version": "", "thing": 1, "colour": "blue", "title": Label(""),
        "explanation": Label(""), "began": raised, "raised": raised, "seen": raised, "cleared": cleared,
    }  # fmt: skip
    return Warning(**{**given, **more})


def test_the_same_episodes_are_one_outcome() -> None:
    (one,) = compare([episode(10, 20)], [episode(10, 20)], [stored(10, 20)], END)
    assert (one.verdict, one.later, one.longer, len(one.real)) == ("both", 0, 0, 1)
    assert same_outcome(one)


def test_shifts_are_told() -> None:
    (one,) = compare([episode(10, 20)], [episode(13, 40)], [], END)
    assert (one.verdict, one.later, one.longer) == ("both", 3, 20)
    assert not same_outcome(one)
    (still,) = compare([episode(10, None)], [episode(12, 40)], [], END)
    assert (still.verdict, still.later, still.longer) == ("both", 2, None)


def test_one_long_warning_takes_the_place_of_two() -> None:
    found = compare(
        [episode(10, 20), episode(30, 40)], [episode(8, 45)], [stored(10, 20), stored(30, 40, case=7)], END
    )
    (change,) = summed(found, ["p.r"])
    assert (change.present, change.changed, change.fewer, change.more) == (2, 1, 0, 0)
    assert (change.real, change.cases, change.vanished_waiting) == (2, (), 0)
    split = compare([episode(8, 45)], [episode(10, 20), episode(30, 40)], [stored(8, 45)], END)
    (change,) = summed(split, ["p.r"])
    assert (change.present, change.changed, change.fewer, change.more, change.real) == (1, 2, 0, 0, 1)


def test_other_things_are_other_warnings() -> None:
    found = compare([episode(10, 20)], [episode(10, 20, thing=2)], [], END)
    assert sorted((one.thing, one.verdict) for one in found) == [(1, "fewer"), (2, "more")]


def test_what_vanishes_is_counted_by_what_people_judged() -> None:
    real = [
        stored(10, 20, state="false_alarm"),
        stored(30, 40, state="confirmed", case=5),
        stored(50, 60, state="joined", case=5),
        stored(70, 80),
    ]
    present = [episode(10, 20), episode(30, 40), episode(50, 60), episode(70, 80)]
    (change,) = summed(compare(present, [], real, END), ["p.r"])
    assert (change.vanished_false, change.vanished_confirmed, change.vanished_waiting) == (1, 2, 1)
    assert change.cases == (5,)


def test_a_stored_warning_that_no_rules_give_is_told_apart() -> None:
    found = compare([], [], [stored(10, 20, state="confirmed", case=5)], END)
    (change,) = summed(found, ["p.r", "p.q"])[:1]
    assert (change.real, change.unexplained, change.vanished_confirmed, change.cases) == (1, 1, 0, ())
    assert found[0].verdict == "neither"


def test_the_parameters_of_a_rule_are_found_wherever_they_stand() -> None:
    when = Condition(
        all=(
            Condition(
                any=(Condition(above=Level(parameter="a")), Condition(outside=(1.0, Level(parameter="q.b"))))
            ),
            Condition(rises_faster_than=Rise(by=Level(parameter="c"), within="1 min")),
            Condition(formula=FormulaCall(name="f", parameters={"x": "d"})),
        )
    )
    rule = Rule(
        name="p.r", label=Label(""), type="p.t", property="p.o", when=when, clear=Condition(below=Level(parameter="e")),
        colour="blue", says=Label(""), category=Category("other", "p"),
    )  # fmt: skip
    assert parameters_of(rule) == {"p.a", "q.b", "p.c", "p.d", "p.e"}
