"""Orders come down with number and deadlines; what becomes of them goes up once, whatever breaks on the way."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.gateways.upper.conftest import Below
from tests.gateways.upper.platform import Platform

from hutong.engine.flow.cases import Act
from hutong.engine.upper import external
from hutong.kernel.base import HOUR, MINUTE
from hutong.kernel.case import Case
from hutong.kernel.party import Party
from hutong.kernel.query import equals
from hutong.kernel.upper import UpperReport

DEADLINE = "2026-07-25T17:30:00+08:00"


def order_of(city: Below, number: str) -> Case:
    with city.store.reader() as reader:
        (case,) = reader.find(Case, equals("external", external("city12345", number))).rows
        return case


def orders(city: Below) -> int:
    with city.store.reader() as reader:
        return reader.count(Case)


def do(city: Below, number: str, login: str, action: str, **answers: Any) -> Case:
    return city.town.cases.act(
        Act(case=order_of(city, number).id, action=action, answers=answers), city.actor(login)
    )


def dispatched(city: Below, number: str) -> Case:
    unit = city.town.directory.organisation("drainage")
    return do(city, number, "paidan", "dispatch", organisation=unit)


def test_an_order_keeps_number_caller_and_deadline(city: Below, platform: Platform) -> None:
    platform.order("SJ1", deadlines={"办结": DEADLINE, "首次联系": "2026-07-18T21:00:00+08:00"})
    city.exchange.step()
    case = order_of(city, "SJ1")
    assert (case.procedure, case.state, case.source) == ("hotline.order", "to_dispatch", "upper")
    assert case.facts["upper"]["number"] == "SJ1"
    assert case.facts["condition"] == "complaint"
    case = dispatched(city, "SJ1")
    due = {clock.name: clock.due for clock in case.clocks}
    assert due["handling"] == 1_784_971_800_000_000  # 2026-07-25 17:30 in Shanghai
    assert due["contact"] == 1_784_379_600_000_000  # 2026-07-18 21:00
    with city.store.reader() as reader:
        party = reader.get(Party, case.subject or 0)
    assert (party.person_name, party.phone) == ("王小明", "13800138000")
    assert platform.told("SJ1") == ["taken"]


def test_the_whole_way_is_told_in_order(city: Below, platform: Platform) -> None:
    platform.order("SJ2")
    city.exchange.step()
    dispatched(city, "SJ2")
    do(city, "SJ2", "chengban", "sign")
    do(city, "SJ2", "chengban", "contact", contacted="reached", note="已通话")
    do(city, "SJ2", "chengban", "reply", result="已疏通", answer="积水已排除", solved="solved")
    city.exchange.step()
    assert platform.told("SJ2") == ["taken"]  # the deeds can still be undone
    city.pass_time(6 * MINUTE)
    do(city, "SJ2", "banzhang", "audit_pass")
    city.exchange.step()
    assert platform.told("SJ2") == ["taken", "signed", "contacted", "answered"]
    city.pass_time(6 * MINUTE)
    city.exchange.step()
    city.exchange.step()
    assert platform.told("SJ2") == ["taken", "signed", "contacted", "answered", "finished"]
    answered = next(one for one in platform.reports if one["event"] == "answered")
    assert answered["facts"] == {"办理结果": "已疏通", "答复": "积水已排除", "承办单位": "排水所"}
    assert answered["at"] == "2026-07-18T11:00:00Z"


def test_what_was_undone_is_not_told(city: Below, platform: Platform) -> None:
    platform.order("SJ3")
    city.exchange.step()
    dispatched(city, "SJ3")
    do(city, "SJ3", "chengban", "sign")
    city.exchange.step()
    city.town.cases.undo(order_of(city, "SJ3").id, city.actor("chengban"))
    city.pass_time(10 * MINUTE)
    city.exchange.step()
    assert platform.told("SJ3") == ["taken"]
    do(city, "SJ3", "chengban", "sign")
    city.pass_time(10 * MINUTE)
    city.exchange.step()
    assert platform.told("SJ3") == ["taken", "signed"]


def test_a_report_whose_answer_was_lost_is_not_told_twice(city: Below, platform: Platform) -> None:
    platform.order("SJ4")
    platform.troubles = ["lose", "busy"]
    city.exchange.step()
    assert "cannot be reached" in city.exchange.state.trouble
    for _ in range(3):
        city.pass_time(HOUR)
        city.exchange.step()
    assert platform.told("SJ4") == ["taken"]
    assert platform.repeats == 1
    assert city.exchange.state.trouble == ""


def test_what_the_platform_refuses_is_kept_and_can_be_told_again(city: Below, platform: Platform) -> None:
    platform.order("SJ5")
    platform.troubles = ["refuse"]
    city.exchange.step()
    with city.store.reader() as reader:
        (report,) = reader.find(UpperReport, equals("number", "SJ5")).rows
    assert (report.state, report.attempts) == ("failed", 1)
    assert "422" in report.error
    city.desk.retry(report.id, city.actor("xitong"))
    city.exchange.step()
    assert platform.told("SJ5") == ["taken"]


def test_an_order_that_comes_again_is_known(city: Below, platform: Platform) -> None:
    platform.order("SJ6")
    platform.order("SJ6")
    platform.order("SJ6", text="另一段文字")
    city.exchange.step()
    assert orders(city) == 1
    assert platform.told("SJ6") == ["taken"]


def test_an_order_that_cannot_be_taken_is_told_why(city: Below, platform: Platform) -> None:
    platform.order("SJ7", received="yesterday")
    city.exchange.step()
    (report,) = platform.reports
    assert (report["event"], report["facts"]["field"]) == ("not_taken", "received")
    assert orders(city) == 0


def test_words_are_followed_once_or_answered_with_the_reason(city: Below, platform: Platform) -> None:
    platform.order("SJ8")
    platform.word("w1", "SJ8", "催办", "群众再次来电")
    platform.word("w1", "SJ8", "催办", "群众再次来电")
    platform.word("w2", "SJ8", "退回重办", "请核实")
    platform.word("w3", "NONE", "催办")
    platform.word("w4", "SJ8", "不认识的话")
    city.exchange.step()
    case = order_of(city, "SJ8")
    assert [deed.action for deed in case.deeds] == ["urge"]
    refused = [one["facts"]["field"] for one in platform.reports if one["event"] == "word_refused"]
    assert sorted(refused) == ["kind", "kind", "number"]
    city.exchange.step()
    assert len(order_of(city, "SJ8").deeds) == 1


def test_an_order_that_a_case_led_is_finished_too(city: Below, platform: Platform) -> None:
    platform.order("SJ11")
    city.exchange.step()
    led = do(city, "SJ11", "paidan", "raise_case", raised="matter:01003").joined_to
    assert led is not None
    reject = Act(case=led, action="reject", answers={"reason": "重复反映"})
    city.town.cases.act(reject, city.actor("shouli"))
    do(city, "SJ11", "banzhang", "answer_joined", answer="井盖已更换")
    city.pass_time(6 * MINUTE)
    city.exchange.step()
    assert platform.told("SJ11") == ["taken", "finished"]
    assert platform.reports[-1]["facts"] == {"答复": "井盖已更换"}


def test_a_platform_that_goes_on_without_orders_does_not_hold_the_line(
    city: Below, platform: Platform
) -> None:
    platform.runs_on = True
    city.exchange.step()
    assert city.exchange.state.trouble == ""


def test_an_extension_is_asked_and_granted_above(city: Below, platform: Platform) -> None:
    platform.order("SJ9")
    city.exchange.step()
    dispatched(city, "SJ9")
    do(city, "SJ9", "chengban", "sign")
    do(city, "SJ9", "chengban", "contact", contacted="reached")
    before = do(city, "SJ9", "chengban", "request_extension", reason="需开挖", extra=2)
    city.pass_time(6 * MINUTE)
    platform.word("w1", "SJ9", "同意延期")
    city.pass_time(2 * MINUTE)
    city.exchange.step()
    after = order_of(city, "SJ9")
    assert platform.told("SJ9")[-1] == "extension_asked"
    assert after.state == "handling"
    due = {one.name: one.due for one in before.clocks}["handling"]
    longer = {one.name: one.due for one in after.clocks}["handling"]
    assert longer is not None
    assert due is not None
    assert longer > due


def test_nothing_is_answered_without_the_secret(city: Below, platform: Platform) -> None:
    city.exchange.link.secret = b"another"
    platform.order("SJ10")
    city.exchange.step()
    assert orders(city) == 0
    assert "401" in city.exchange.state.trouble


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(troubles=st.lists(st.sampled_from(["", "lose", "busy"]), max_size=8), seed=st.integers(0, 10_000))
def test_whatever_breaks_each_thing_is_told_once(
    city: Below, platform: Platform, troubles: list[str], seed: int
) -> None:
    numbers = [f"P{seed}-{len(platform.feed)}-{n}" for n in range(2)]
    for number in numbers:
        platform.order(number)
    platform.troubles = list(troubles)
    for _ in range(len(troubles) + 3):
        city.exchange.step()
        city.pass_time(2 * HOUR)
    for number in numbers:
        assert platform.told(number) == ["taken"]
        assert order_of(city, number).external == f"city12345:{number}"
