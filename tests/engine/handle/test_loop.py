"""The whole loop of a city case, with the worked clocks of GB/T 30428.8 practice (2026 calendar with 调休)."""

import pytest

from hutong.kernel.base import HOUR, Label
from hutong.kernel.case import Category
from hutong.kernel.definition.procedure import LimitRow

WORKED = [
    ("2026-09-18T16:30", 4, "work_hour", "2026-09-20T11:30"),
    ("2026-09-18T16:30", 4, "urgent_hour", "2026-09-18T20:30"),
    ("2026-09-18T12:30", 4, "work_hour", "2026-09-20T09:00"),
    ("2026-09-30T17:00", 7, "work_hour", "2026-10-08T17:00"),
    ("2026-02-13T23:10", 2, "work_hour", "2026-02-14T10:30"),
]


@pytest.mark.parametrize(("start", "amount", "unit", "due"), WORKED)
def test_handling_is_due_as_the_city_says(desk_with_limits, start, amount, unit, due):
    row = LimitRow(kind="matter", code="06", stage="handling", amount=amount, unit=unit)
    desk = desk_with_limits(row).at(start)
    desk.dispatched()
    assert desk.clock("handling").due == desk.local(due)
    assert desk.clock("handling").mark == "running"


def test_from_sensor_to_verified_close(desk):
    desk.open()
    assert (desk.case.state, desk.case.filed) == ("to_file", None)
    assert desk.numbering.template == "31010120260918{seq:05d}"
    desk.wait(5).do("file", "duty_chief")
    assert desk.case.filed == desk.now
    desk.wait(5).do("dispatch", "dispatcher", organisation=200)
    assert desk.case.scope == (1, 2, 3, 200, 199)
    assert desk.clock("handling").due == desk.local("2026-09-20T11:40")
    desk.wait(10).do("take", "handler")
    assert (desk.case.state, desk.case.holder) == ("handling", 16)
    desk.wait(10).fed_back()
    assert desk.case.state == "to_check"
    handling = desk.clock("handling")
    assert (handling.mark, handling.used, handling.overdue) == ("stopped", pytest.approx(20 / 60), False)
    assert desk.clock("checking").due == desk.local("2026-09-20T09:30")
    desk.wait(5).checked()
    assert desk.case.state == "to_close"
    desk.wait(3).do("close", "duty_chief")
    case = desk.case
    assert (case.state, case.ending, case.closed, case.next_due) == ("closed", "closed", desk.now, None)
    assert desk.last.ended
    assert {clock.mark for clock in case.clocks} == {"stopped"}
    assert [deed.action for deed in case.deeds] == [
        "file",
        "dispatch",
        "take",
        "feed_back",
        "check_pass",
        "close",
    ]
    assert desk.records[0].kind == "case.open"


def test_rework_runs_on_with_what_was_used(desk):
    desk.dispatched()
    desk.wait(30).fed_back()
    desk.at("2026-09-20T09:00").checked("check_fail", reason="仍有残留")
    handling = desk.clock("handling")
    assert desk.case.state == "handling"
    assert desk.case.rounds == 1
    assert handling.mark == "running"
    assert handling.used == pytest.approx(0.5)
    assert handling.due == desk.local("2026-09-20T14:30"), "3.5 of 4 working hours are left"
    desk.at("2026-09-20T10:00").fed_back()
    assert desk.clock("handling").used == pytest.approx(1.5)
    desk.wait(10).checked()
    desk.do("close", "duty_chief")
    assert desk.case.ending == "closed"


def test_suspension_pauses_and_the_review_date_resumes(desk):
    desk.dispatched()
    desk.wait(60).do("request_suspension", "handler", reason="需停水", review="2026-09-28")
    assert desk.clock("handling").mark == "running"
    desk.do("approve_suspension", "leader", review="2026-09-28")
    assert desk.case.state == "suspended"
    assert desk.case.suspended == {
        "reason": "需停水",
        "approver": 19,
        "review": desk.local("2026-09-28T00:00"),
    }
    assert desk.case.next_due == desk.local("2026-09-28T00:00")
    assert desk.clock("handling").mark == desk.clock("whole").mark == "paused"
    desk.at("2026-09-22T08:30").do("resume", "dispatcher")
    assert (desk.case.state, desk.case.suspended) == ("handling", {})
    assert desk.clock("handling").due == desk.local("2026-09-22T11:30")


def test_an_extension_lengthens_the_limit(desk):
    desk.dispatched()
    desk.wait(30).do("request_extension", "handler", reason="下雨", extra=3)
    assert desk.case.state == "extension_pending"
    desk.do("approve_extension", "dispatcher")
    assert desk.clock("handling").amount == 7
    assert desk.clock("handling").due == desk.local("2026-09-20T16:30"), "7 working hours from Friday 16:30"
    assert (desk.case.state, desk.case.extensions) == ("handling", 1)


def test_a_return_goes_back_to_dispatch(desk):
    desk.dispatched()
    desk.do("return", "handler", reason="非我单位管辖", basis="权责清单 3.2", proposed=201)
    assert (desk.case.state, desk.case.returns) == ("return_pending", 1)
    desk.wait(10).do("accept_return", "dispatcher")
    assert (desk.case.state, desk.case.organisation) == ("to_dispatch", None)
    assert desk.clock("dispatch").used == 0
    assert desk.clock("dispatch").mark == "running"
    assert 200 not in desk.case.scope
    desk.wait(5).do("dispatch", "dispatcher", organisation=201)
    assert desk.case.organisation == 201
    assert desk.clock("handling").used == 0, "the new unit has the whole limit"
    assert desk.clock("dispatch").used == pytest.approx(0.25)


def test_a_refused_return_goes_on_where_it_was(desk):
    desk.dispatched()
    desk.do("return", "handler", reason="非我单位管辖", basis="权责清单 3.2", proposed=201)
    desk.wait(30).do("refuse_return", "dispatcher", reason="在权责清单内")
    assert desk.case.state == "handling"
    assert desk.clock("handling").due == desk.local("2026-09-20T11:30"), "nobody gains time by it"


def test_a_collector_fixes_it_and_another_closes(desk):
    desk.open(source="collector", by="collector")
    desk.photo("report", "near")
    before = desk.photo("report", "far")
    desk.photo("handle", "near", same_angle_as=before.id - 1)
    desk.photo("handle", "far", same_angle_as=before.id)
    desk.do("self_handle", "collector")
    assert desk.case.state == "to_close"
    desk.do("close", "duty_chief")
    assert (desk.case.state, desk.case.ending) == ("closed", "self_handled")


def test_a_public_report_is_verified_first(desk):
    desk.open(source="public", by="receptionist")
    assert desk.case.state == "received"
    desk.wait(10).do("accept", "receptionist")
    for role in ("near", "far"):
        desk.photo("verify", role)
    desk.do("verify_exists", "collector")
    assert (desk.case.state, desk.case.facts["verified"]) == ("to_file", "exists")
    assert [clock.name for clock in desk.case.clocks] == ["acceptance", "whole", "verification", "filing"]


def test_a_listed_class_waits_for_dispatch_at_once(desk):
    desk.open(via="listed")
    assert (desk.case.state, desk.case.filed) == ("to_dispatch", desk.now)


def test_forced_closing_and_reopening(desk):
    desk.dispatched()
    desk.fed_back()
    desk.do("check_unable", "collector", reason="现场封闭")
    assert desk.case.state == "to_check"
    desk.wait(30).do("force_close", "duty_chief", reason="工地移交")
    assert desk.case.ending == "forced"
    used = desk.clock("whole").used
    desk.at("2026-09-22T09:00").do("reopen", "leader", reason="问题复发")
    assert (desk.case.state, desk.case.closed, desk.case.ending) == ("to_dispatch", None, "")
    assert desk.clock("whole").mark == "running"
    assert desk.clock("whole").used == used


def test_covers_are_urgent_with_a_guarding_stage(desk):
    desk.open(category=Category("matter", "01003"), title=Label("雨水井盖缺失", "Missing cover"))
    assert desk.case.urgency == "urgent"
    desk.do("file", "duty_chief")
    desk.do("dispatch", "dispatcher", organisation=200)
    assert desk.clock("guarding").due == desk.now + HOUR
    assert desk.clock("handling").due == desk.now + 6 * HOUR
    desk.wait(20).do("arrive", "handler")
    assert desk.clock("guarding").mark == "stopped"
    assert desk.case.facts["arrived"] == desk.now


def test_an_optional_clock_runs_only_where_a_row_names_it(desk):
    desk.dispatched()
    assert "guarding" not in [clock.name for clock in desk.case.clocks]


def test_the_condition_of_filing_chooses_the_row(desk):
    desk.open(category=Category("matter", "01003"))
    desk.do("file", "duty_chief", condition="权属不清或情况复杂")
    desk.do("dispatch", "dispatcher", organisation=200)
    assert (desk.clock("handling").amount, desk.clock("handling").unit) == (36, "urgent_hour")
