"""What time makes happen: once each, in order, at its own instant, also after the platform was down."""

import pytest
from msgspec.structs import replace

from hutong.engine.handle import act_automatically
from hutong.engine.tick import Ticker, tick
from hutong.kernel.base import MINUTE
from hutong.kernel.definition.procedure import LimitRow


@pytest.fixture
def ticker(desk):
    return Ticker(
        desk.compiled.procedure,
        desk.compiled.roles,
        desk.setting.calendar,
        lambda case, name, at: act_automatically(case, name, at, desk.compiled, desk.setting),
    )


def handling(ticked):
    """(kind, local time) of what the handling clock made happen."""
    return [record.kind for record in ticked.records if record.facts.get("clock") == "handling"]


def test_nothing_is_due(desk, ticker):
    case = desk.dispatched()
    ticked = tick(case, desk.now + MINUTE, ticker)
    assert (ticked.fired, ticked.case, ticked.records) == (0, case, ())


def test_a_clock_warns_then_runs_out_then_goes_up_the_line(desk, ticker):
    case = desk.dispatched()
    assert case.next_due == desk.local("2026-09-20T10:30"), "a quarter of 4 working hours before 11:30"
    warned = tick(case, case.next_due, ticker)
    assert [(r.kind, r.at) for r in warned.records] == [("case.warn", case.next_due)]
    assert [(n.kind, n.role, n.organisation) for n in warned.notices] == [("warn", "handler", 200)]
    due = desk.local("2026-09-20T11:30")
    assert warned.case.next_due == due
    over = tick(warned.case, due, ticker)
    assert [r.kind for r in over.records] == ["case.overdue", "case.escalate"]
    assert over.records[1].facts["told"] == "dispatcher"
    clock = next(clock for clock in over.case.clocks if clock.name == "handling")
    assert clock.overdue
    assert clock.fired == ("warn", "overdue", "escalate:dispatcher")
    up = tick(over.case, desk.local("2026-09-20T15:30"), ticker)
    assert [(r.kind, r.facts["told"]) for r in up.records] == [("case.escalate", "leader")]
    assert up.records[0].at == desk.local("2026-09-20T15:30"), "half of the limit, 2 working hours, later"


def test_each_fires_once_however_often_it_is_called(desk, ticker):
    case, total = desk.dispatched(), []
    for hour in range(0, 24 * 14, 3):
        ticked = tick(case, desk.now + hour * 60 * MINUTE, ticker)
        assert tick(ticked.case, desk.now + hour * 60 * MINUTE, ticker).fired == 0
        case = ticked.case
        total.extend((r.kind, r.facts["clock"], r.facts.get("told"), r.at) for r in ticked.records)
    at_once = tick(desk.case, desk.now + 24 * 14 * 60 * MINUTE, ticker)
    assert len(set(total)) == len(total)
    assert total == [(r.kind, r.facts["clock"], r.facts.get("told"), r.at) for r in at_once.records]
    assert at_once.case == case


def test_after_a_stop_everything_fires_with_its_own_time_and_says_so(desk, ticker):
    case = desk.dispatched()
    now = desk.local("2026-09-20T12:00")
    ticked = tick(case, now, ticker)
    assert handling(ticked) == ["case.warn", "case.overdue", "case.escalate"]
    overdue = next(record for record in ticked.records if record.kind == "case.overdue")
    assert overdue.at == desk.local("2026-09-20T11:30")
    assert overdue.explain["found"] == now
    assert overdue.explain["late_by"] == 30 * MINUTE
    assert overdue.explain["definition"] == case.definition


def test_a_punctual_event_is_not_called_late(desk, ticker):
    case = desk.dispatched()
    ticked = tick(case, case.next_due + 30 * 1_000_000, ticker)
    assert "late_by" not in ticked.records[0].explain


def test_the_review_date_resumes_and_the_clock_then_runs_out(desk, ticker):
    desk.dispatched()
    desk.do("request_suspension", "handler", reason="需停水", review="2026-09-22")
    case = desk.do("approve_suspension", "leader", review="2026-09-22")
    assert tick(case, desk.local("2026-09-21T23:59"), ticker).fired == 0
    ticked = tick(case, desk.local("2026-09-23T08:30"), ticker)
    assert [record.kind for record in ticked.records][:3] == ["case.review", "case.warn", "case.overdue"]
    review = ticked.records[0]
    assert (review.actor, review.at) == (0, desk.local("2026-09-22T00:00"))
    assert review.explain["late_by"] == desk.local("2026-09-23T08:30") - review.at
    assert ticked.case.state == "handling"
    clock = next(clock for clock in ticked.case.clocks if clock.name == "handling")
    assert clock.due == desk.local("2026-09-22T14:30"), "4 working hours from the morning of the review date"


def test_an_extension_lets_it_warn_again(desk, ticker):
    case = desk.dispatched()
    desk.case = tick(case, case.next_due, ticker).case
    desk.now = case.next_due
    desk.do("request_extension", "handler", reason="雨", extra=8)
    desk.do("approve_extension", "dispatcher")
    assert desk.clock("handling").fired == ()
    assert desk.clock("handling").due == desk.local("2026-09-21T14:30")
    ticked = tick(desk.case, desk.local("2026-09-21T14:30"), ticker)
    assert handling(ticked) == ["case.warn", "case.overdue", "case.escalate"]


def test_an_ended_case_is_left_alone(desk, ticker):
    desk.open()
    desk.do("void", "duty_chief", reason="误报")
    assert tick(desk.case, desk.now + 10**15, ticker).fired == 0


def test_an_urgent_limit_fires_at_night(desk_with_limits):
    desk = desk_with_limits(
        LimitRow(kind="matter", code="06", stage="handling", amount=2, unit="urgent_hour")
    )
    desk.at("2026-09-18T23:00")
    case = desk.dispatched()
    ticker = Ticker(
        desk.compiled.procedure,
        desk.compiled.roles,
        desk.setting.calendar,
        lambda *_: pytest.fail("nothing automatic is due"),
    )
    ticked = tick(replace(case, number="N"), desk.local("2026-09-19T01:00"), ticker)
    assert handling(ticked) == ["case.warn", "case.overdue", "case.escalate"]
    assert ticked.notices[0].text.zh == "案卷 N 处置即将到期，请抓紧办理（催办）"
