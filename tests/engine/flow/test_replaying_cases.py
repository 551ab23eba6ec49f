"""Cases of the past under other limits, units and people, against times worked out by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from tests.api.town import tiny_city

from hutong.engine.flow.past_cases import ClockMove, Past, Stay, past_of
from hutong.engine.flow.replaying_cases import Arrangement, replayed, run_clocks
from hutong.engine.handle.procedure import compile_procedure
from hutong.kernel.base import Instant, Label
from hutong.kernel.case import Case, Category
from hutong.kernel.clock import instant
from hutong.kernel.definition.procedure import ClockDefinition, LimitRow
from hutong.kernel.ports import JournalRecord
from hutong.kernel.worktime import WorkCalendar

OFFICE = WorkCalendar()
HANDLING = ClockDefinition(name="handling", label=Label("处置"), amount=1, unit="work_day")


def at(text: str) -> Instant:
    return instant(datetime.fromisoformat(f"2026-07-{text}").replace(tzinfo=ZoneInfo("Asia/Shanghai")))


UNTIL = at("31 17:30")


def a_case(id: int = 1, code: str = "06010") -> Case:
    return Case(
        id=id, number=f"A{id}", procedure="urban.case", definition="", state="handling", source="public",
        category=Category("matter", code), title=Label("-"), opened=at("20 08:00"),
    )  # fmt: skip


def move(when: str, effect: str, *, by: float = 0.0, amount: float = 4, unit: str = "work_hour") -> ClockMove:
    return ClockMove(at(when), "handling", effect, amount, unit, by)


def arrangement(*limits: LimitRow, people: dict[int, int] | None = None, unit: Any = None) -> Arrangement:
    known = people or {}
    return Arrangement(
        OFFICE,
        lambda id: (OFFICE,) * known.get(id, 1),
        limits,
        unit or (lambda case, id: None),
    )


def limit(amount: float, code: str = "", condition: str = "") -> LimitRow:
    return LimitRow(
        kind="matter",
        code=code,
        condition=condition,
        stage="handling",
        amount=amount,
        unit="work_hour",
        source="试行",
    )


def definitions(case: Case) -> dict[str, ClockDefinition]:
    return {"handling": HANDLING}


def test_a_clock_runs_again_as_it_did() -> None:
    """Started Monday 09:00 with 4 h, stopped 14:30: 3 h before noon and half an hour after."""
    past = Past(a_case(), (move("20 09:00", "start"), move("20 14:30", "stop")), ())
    worked = run_clocks(past, arrangement(), definitions(past.case))["handling"]
    assert (worked.clock.due, worked.clock.used, worked.late(UNTIL)) == (at("20 15:00"), 3.5, False)


def test_a_shorter_limit_makes_it_late_and_says_by_which_clause() -> None:
    past = Past(a_case(), (move("20 09:00", "start"), move("20 14:30", "stop")), ())
    found = replayed([past], arrangement(), arrangement(limit(3, "06")), definitions, UNTIL)
    [difference] = found.clocks
    assert (difference.was_late, difference.was_due, difference.due) == (
        False,
        at("20 15:00"),
        at("20 12:00"),
    )
    assert difference.ended == at("20 14:30")
    assert (difference.was_by, difference.by) == ("4 work_hour", "3 work_hour (matter 06: 试行)")
    [rate] = found.rates
    assert (rate.ran, rate.was_late, rate.late) == (1, 0, 1)


def test_stops_and_extensions_count_as_they_happened() -> None:
    """挂账 10:00 to Tuesday 10:00, then 延期 by 2 h: 4 h + 2 h, of which one ran before. Due Tuesday 15:00 + 2 h = 17:00."""
    moves = (
        move("20 09:00", "start"), move("20 10:00", "pause"), move("21 10:00", "resume"),
        move("21 11:00", "extend", by=2, amount=6), move("21 16:00", "stop"),
    )  # fmt: skip
    past = Past(a_case(), moves, ())
    present = run_clocks(past, arrangement(), definitions(past.case))["handling"]
    assert (present.clock.due, present.late(UNTIL)) == (at("21 17:00"), False)
    changed = run_clocks(past, arrangement(limit(3)), definitions(past.case))["handling"]
    assert (changed.clock.due, changed.late(UNTIL)) == (at("21 16:00"), False)
    assert run_clocks(past, arrangement(limit(2)), definitions(past.case))["handling"].late(UNTIL)


def test_one_that_runs_still_is_looked_at_as_of_the_end() -> None:
    past = Past(a_case(), (move("20 09:00", "start"),), ())
    worked = run_clocks(past, arrangement(), definitions(past.case))["handling"]
    assert (worked.late(at("20 15:00")), worked.late(at("20 15:01"))) == (False, True)


def test_the_longest_code_and_the_own_condition_come_first() -> None:
    case = replace(a_case(), facts={"condition": "停工"})
    past = Past(case, (move("20 09:00", "start"),), ())
    rows = (limit(1, "06"), limit(2, "0601"), limit(3, "0601", "停工"), limit(0.5, "0601", "处罚"))
    worked = run_clocks(past, arrangement(*rows), definitions(case))["handling"]
    assert worked.clock.amount == 3


def stayed(id: int, since: str, until: str, unit: int = 7) -> Past:
    moves = (move(since, "start"), move(until, "stop"))
    return Past(a_case(id), moves, (Stay(unit, at(since), None, at(until)),))


def test_other_units_carry_the_load() -> None:
    """Three cases of 3 h each come to one person at once; by the changed list the third goes to another unit."""
    pasts = [stayed(id, "20 08:30", "20 11:30") for id in (1, 2, 3)]
    why = Label("权责清单")
    changed = arrangement(unit=lambda case, unit: (8, why) if case.id == 3 else None)
    found = replayed(pasts, arrangement(), changed, definitions, UNTIL)
    assert [(one.case, one.was, one.would) for one in found.routes] == [(3, 7, 8)]
    assert [(one.unit, one.cases, one.hours, one.queue) for one in found.present] == [(7, 3, 9.0, 2)]
    assert [(one.unit, one.cases, one.hours, one.queue) for one in found.changed] == [
        (7, 2, 6.0, 1),
        (8, 1, 3.0, 0),
    ]


def test_more_people_finish_in_time() -> None:
    """Due 4 h after 08:30: 14:30. One person finishes at 11:30, 16:30 and, on Tuesday, 10:30; three people at 11:30."""
    pasts = [stayed(id, "20 08:30", "20 11:30") for id in (1, 2, 3)]
    found = replayed(pasts, arrangement(), arrangement(people={7: 3}), definitions, UNTIL)
    assert {one.case: (one.was_finished, one.finished, one.was_late) for one in found.queues} == {
        2: (at("20 16:30"), at("20 11:30"), True),
        3: (at("21 10:30"), at("20 11:30"), True),
    }
    assert [(one.people, one.wait, one.queue) for one in found.present] == [(1, 3.0, 2)]
    assert [(one.people, one.wait, one.queue) for one in found.changed] == [(3, 0.0, 0)]


def record(
    position: int, when: str, action: str, clocks: list[dict[str, Any]], **changes: Any
) -> JournalRecord:
    return JournalRecord(
        lane=1, position=position, kind=f"case.{action}", actor=1, at=at(when), recorded_at=0,
        facts={"action": action, "undone": "dispatch"} if action == "undo" else {"action": action},
        explain={"clocks": clocks}, changes={"case/1": changes} if changes else {},
    )  # fmt: skip


def test_the_journal_tells_of_clocks_and_units_and_what_was_undone_is_gone() -> None:
    city, _ = tiny_city()
    pack = next(one for one in city.packs if one.procedures)
    roles = [role for each in city.packs for role in each.roles]
    compiled = compile_procedure(pack.procedures[0], roles)
    start = {"clock": "handling", "effect": "start", "amount": 4.0, "unit": "work_hour"}
    records = [
        record(1, "20 08:30", "open", [], state="to_dispatch"),
        record(2, "20 08:40", "dispatch", [start], state="handling", organisation=7),
        record(3, "20 08:42", "undo", [], state="to_dispatch", organisation=None),
        record(4, "20 09:00", "dispatch", [start], state="handling", organisation=8),
        record(5, "20 09:30", "take", [], holder=5),
        record(6, "20 10:00", "overdue", [{**start, "effect": "overdue"}], next_due=None),
        record(7, "20 11:00", "feed_back", [{**start, "effect": "stop"}], state="to_check"),
    ]
    past = past_of(a_case(), records, compiled)
    assert [(one.effect, one.at) for one in past.moves] == [
        ("start", at("20 09:00")),
        ("stop", at("20 11:00")),
    ]
    assert past.stays == (
        Stay(7, at("20 08:40"), None, at("20 08:42")),
        Stay(8, at("20 09:00"), at("20 09:30"), at("20 11:00")),
    )
