"""并案 and undo."""

import dataclasses

import pytest
from msgspec.structs import replace

from hutong.engine.handle import end_joined, undo
from hutong.kernel.base import MINUTE
from hutong.kernel.errors import Invalid, Refused


def join(desk, main):
    desk.setting = dataclasses.replace(desk.setting, case=lambda id: main if id == main.id else None)
    desk.open()
    return desk.do("join", "receptionist", main=main.id)


def test_joined_cases_end_with_the_main_one(desk):
    desk.open()
    main = replace(desk.case, id=2, number="M2")
    joined = join(desk, main)
    assert (joined.state, joined.joined_to, joined.closed) == ("joining", 2, None)
    assert joined.number == desk.case.number
    assert [clock.name for clock in joined.clocks if clock.mark == "running"] == ["whole"]
    main = replace(main, state="closed", ending="closed", closed=desk.wait(60).now)
    (acted,) = end_joined(
        main, [joined, replace(joined, id=3, joined_to=9)], desk.now, desk.compiled, desk.setting
    )
    assert (acted.case.state, acted.case.ending, acted.case.closed) == ("joined", "joined", desk.now)
    assert acted.case.facts["main_number"] == "M2"
    assert acted.ended
    assert all(clock.mark == "stopped" for clock in acted.case.clocks)
    assert acted.records[0].actor == 0


@pytest.mark.parametrize(
    ("changed", "word"),
    [({"closed": 1}, "has ended"), ({"joined_to": 5}, "is joined itself"), ({"id": 1}, "cannot join itself")],
)
def test_what_cannot_be_joined(desk, changed, word):
    desk.open()
    with pytest.raises(Invalid, match=word):
        join(desk, replace(desk.case, **{"id": 2, **changed}))


def test_there_is_no_such_case(desk):
    desk.open()
    with pytest.raises(Invalid, match="there is no case 99"):
        desk.do("join", "receptionist", main=99)


def test_undo_restores_the_state_before(desk):
    desk.open()
    before = desk.do("file", "duty_chief")
    case = desk.wait(1).do("dispatch", "dispatcher", organisation=201)
    acted = undo(case, before, desk.staff["dispatcher"], desk.wait(2).now, desk.compiled, desk.setting)
    assert acted.case == replace(before, version=case.version)
    record = acted.records[0]
    assert (record.kind, record.facts["undone"]) == ("case.undo", "dispatch")
    assert record.explain["restores_version"] == before.version


@pytest.mark.parametrize(
    ("by", "wait", "word"),
    [("duty_chief", 1, "somebody else"), ("dispatcher", 6, "time for undoing has passed")],
)
def test_undo_is_for_whoever_did_it_and_soon(desk, by, wait, word):
    desk.open()
    before = desk.do("file", "duty_chief")
    case = desk.do("dispatch", "dispatcher", organisation=201)
    with pytest.raises(Refused, match=word):
        undo(case, before, desk.staff[by], desk.now + wait * MINUTE, desk.compiled, desk.setting)


def test_what_is_final_is_not_undone(desk):
    before = desk.open()
    case = desk.do("void", "duty_chief", reason="误报")
    with pytest.raises(Refused, match="void cannot be undone"):
        undo(case, before, desk.staff["duty_chief"], desk.now, desk.compiled, desk.setting)


def test_a_case_that_has_moved_on_is_not_undone(desk):
    before = desk.open()
    desk.do("file", "duty_chief")
    case = replace(desk.case, version=desk.case.version + 1)
    with pytest.raises(Refused, match="moved on"):
        undo(case, before, desk.staff["duty_chief"], desk.now, desk.compiled, desk.setting)
