"""Every refusal says exactly why, and the greyed button says the same."""

import dataclasses

import pytest
from msgspec.structs import replace

from hutong.engine.handle import Command, OpenCase, act, allowed, open_case
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import DAY, Label
from hutong.kernel.case import Category
from hutong.kernel.errors import Forbidden, Invalid, Refused


def offers(desk, by):
    actor = desk.staff[by] if isinstance(by, str) else by
    found = allowed(desk.case, actor, desk.now, desk.compiled, desk.setting, desk.files, desk.warnings)
    return {offer.action: offer for offer in found}


def refused(desk, action, by, error=Refused, **answers):
    """The error, after making sure that the offer says the same."""
    actor = desk.staff[by] if isinstance(by, str) else by
    with pytest.raises(error) as caught:
        desk.do(action, actor, **answers)
    offer = offers(desk, actor).get(action)
    if offer is not None:
        assert not offer.allowed
        assert offer.reason.text("en") == caught.value.reason
        assert offer.reason.zh == caught.value.facts["zh"]
    return caught.value


def wearing(desk, name, role, side=None):
    """The account of one person in the role of another."""
    other = desk.staff[role]
    return replace(desk.staff[name], roles=other.roles, grants=other.grants, side=side or other.side)


def test_the_wrong_state(desk):
    desk.open()
    error = refused(desk, "close", "duty_chief")
    assert error.facts["kind"] == "state"
    assert error.reason == "the case is awaiting filing; close is not possible there"
    assert error.facts["zh"] == "案卷处于「待立案」，不能结案"


def test_a_role_that_may_not(desk):
    desk.open()
    error = refused(desk, "file", "collector", Forbidden)
    assert error.reason == "this is done by: duty chief"
    assert "may act.file urban.case" in error.facts["decision"]
    assert error.facts["zh"] == "只能由值班长办理"


def test_a_role_held_elsewhere(desk):
    desk.open()
    chief = desk.staff["duty_chief"]
    far = replace(chief, grants=tuple(replace(grant, place=77) for grant in chief.grants))
    error = refused(desk, "file", far, Forbidden)
    assert error.reason == "this is done by: duty chief within whose area or unit the case lies"
    assert "not in this place or organisation" in error.facts["decision"]
    assert not offers(desk, far)["file"].mine


def test_the_platform_does_no_persons_work(desk):
    desk.open()
    error = refused(desk, "file", SYSTEM, Forbidden)
    assert error.reason == "a person must do this (duty chief)"


def test_people_do_not_the_platforms_work(desk):
    desk.dispatched()
    desk.do("request_suspension", "handler", reason="需停水", review="2026-09-28")
    desk.do("approve_suspension", "leader", review="2026-09-28")
    assert refused(desk, "review", "dispatcher").facts["kind"] == "automatic"
    assert "review" not in offers(desk, "dispatcher")


def test_an_account_of_the_wrong_side(desk):
    """A handling unit cannot be made its own inspector by giving its people the collector's role."""
    desk.dispatched(organisation=201)
    for role in ("near", "far"):
        desk.photo("handle", role)
    desk.do("feed_back", "handler_roads", result="完成")
    error = refused(desk, "check_pass", wearing(desk, "handler", "collector", side="handling"))
    assert error.facts["kind"] == "side"
    assert "监督员须属于监督方" in error.facts["zh"]


def test_who_dispatched_may_not_check_or_close(desk):
    desk.dispatched()
    dispatched_at = desk.now
    desk.wait(10).fed_back()
    turned = wearing(desk, "dispatcher", "collector")
    error = refused(desk, "check_pass", turned)
    assert (error.facts["kind"], error.facts["deed"], error.facts["at"]) == (
        "separation",
        "dispatch",
        dispatched_at,
    )
    assert error.reason == "no. 15 did dispatch at 2026-09-18 16:30 and may not pass too"
    desk.checked()
    error = refused(desk, "close", wearing(desk, "dispatcher", "duty_chief"))
    assert error.facts["deed"] == "dispatch"


def test_a_colleague_of_the_handling_unit_may_not_check(desk):
    desk.dispatched()
    desk.fed_back()
    colleague = replace(wearing(desk, "handler_team", "collector"), account=77)
    error = refused(desk, "check_pass", colleague)
    assert (error.facts["kind"], error.facts["organisation"]) == ("separation", 200)


def test_a_unit_that_handled_before_may_not_check_either(desk):
    desk.dispatched(organisation=201)
    desk.do("return", "handler_roads", reason="非我单位管辖", basis="3.2", proposed=200)
    desk.do("accept_return", "dispatcher")
    desk.do("dispatch", "dispatcher", organisation=200)
    desk.fed_back()
    error = refused(desk, "check_pass", replace(wearing(desk, "handler_roads", "collector"), account=78))
    assert error.facts["organisation"] == 201


def test_who_closed_may_not_dispatch_after_reopening(desk):
    desk.dispatched()
    desk.fed_back()
    desk.checked()
    desk.do("close", "duty_chief")
    desk.do("reopen", "leader", reason="复发")
    error = refused(desk, "dispatch", wearing(desk, "duty_chief", "dispatcher"), organisation=200)
    assert error.facts["deed"] == "close"


def test_only_the_unit_in_charge_handles(desk):
    desk.dispatched()
    error = refused(desk, "feed_back", "handler_roads", result="完成")
    assert (error.facts["kind"], error.facts["organisation"]) == ("unit", 200)
    for role in ("near", "far"):
        desk.photo("handle", role)
    assert desk.do("feed_back", "handler_team", result="班组完成").state == "to_check"


def test_an_extension_is_asked_before_the_deadline(desk):
    desk.dispatched()
    due = desk.clock("handling").due
    desk.now = due
    error = refused(desk, "request_extension", "handler", reason="雨", extra=1)
    assert (error.facts["kind"], error.facts["due"]) == ("clock", due)
    assert "2026-09-20 11:30" in error.reason


def test_extensions_are_limited_in_number(desk):
    desk.dispatched()
    desk.do("request_extension", "handler", reason="雨", extra=1)
    desk.do("approve_extension", "dispatcher")
    again = refused(desk, "request_extension", "handler", reason="雨", extra=1)
    assert again.facts["zh"] == "已延期一次，再次延期由领导批准"
    desk.do("request_second_extension", "handler", reason="雨", extra=1)
    with pytest.raises(Forbidden):
        desk.do("approve_second_extension", "dispatcher")
    desk.do("approve_second_extension", "leader")
    assert (desk.case.extensions, desk.clock("handling").amount) == (2, 6)
    third = refused(desk, "request_second_extension", "handler", reason="雨", extra=1)
    assert third.facts["kind"] == "count"


def test_missing_proof_is_named(desk):
    desk.dispatched()
    desk.photo("handle", "near")
    with pytest.raises(Refused) as caught:
        desk.do("feed_back", "handler", result="完成")
    assert caught.value.reason == "the far photo of the handling is missing"
    assert caught.value.facts["zh"] == "缺处置远景照片"
    assert caught.value.facts["missing"] == ["far"]
    assert [need.met for need in offers(desk, "handler")["feed_back"].proof] == [True, False]


@pytest.mark.parametrize(
    ("answers", "field", "reason"),
    [
        ({"reason": "雨"}, "answers.extra", "is missing"),
        ({"reason": "雨", "extra": "3"}, "answers.extra", "is not a number"),
        ({"reason": "雨", "extra": 0}, "answers.extra", "0 is out of range"),
        ({"reason": "  ", "extra": 1}, "answers.reason", "is not a text"),
        ({"reason": "雨", "extra": 1, "speed": 2}, "answers.speed", "does not ask for it"),
    ],
)
def test_wrong_answers_name_the_ask(desk, answers, field, reason):
    desk.dispatched()
    with pytest.raises(Invalid) as caught:
        desk.do("request_extension", "handler", **answers)
    assert caught.value.field == field
    assert reason in caught.value.reason


def test_a_review_date_lies_ahead(desk):
    desk.dispatched()
    with pytest.raises(Invalid, match="not in the future"):
        desk.do("request_suspension", "handler", reason="需停水", review="2026-09-18")
    with pytest.raises(Invalid, match="is not a date"):
        desk.do("request_suspension", "handler", reason="需停水", review="next week")


def test_an_unknown_action(desk):
    desk.open()
    with pytest.raises(Invalid, match="no action 'fly'"):
        desk.do("fly", "leader")


def test_nobody_opens_cases_without_the_right(desk):
    command = OpenCase(id=1, category=Category("matter", "06010"), title=Label("x"), source="public")
    with pytest.raises(Forbidden):
        open_case(command, desk.staff["handler"], desk.now, desk.compiled, desk.setting)


def test_a_refused_command_changes_nothing(desk):
    case = desk.open()
    with pytest.raises(Forbidden):
        act(case, Command(action="file"), desk.staff["leader"], desk.now, desk.compiled, desk.setting)
    assert desk.case == case


def test_offers_tell_what_will_happen(desk):
    desk.dispatched()
    offer = offers(desk, "handler")["feed_back"]
    assert offer.allowed
    assert offer.mine
    assert [effect.zh for effect in offer.effects] == [
        "案卷变为「待核查」",
        "处置停止计时",
        "核查开始计时（1.5 工作时）",
    ]
    assert [role.zh for role in offer.seen_by] == ["监督员"]
    assert offers(desk, "dispatcher")["urge"].allowed


def test_dispatch_suggests_the_responsible_unit(desk):
    from hutong.engine.handle import find_unit
    from hutong.kernel.definition.pack import ResponsibilityRow

    row = ResponsibilityRow(kind="matter", code="06", organisation="sewers", basis="环卫条例第 9 条")

    def responsible(case):
        return 200, find_unit([row], case.category, ["310101"])

    desk.setting = dataclasses.replace(desk.setting, responsible=responsible)
    desk.open()
    desk.do("file", "duty_chief")
    offer = offers(desk, "dispatcher")["dispatch"]
    assert offer.suggested == 200
    assert "环卫条例第 9 条" in offer.suggested_because.zh
    desk.do("dispatch", "dispatcher", organisation=200)
    why = desk.records[-1].explain["responsibility"]
    assert why["as_suggested"] is True
    assert why["row"]["basis"] == "环卫条例第 9 条"
    assert desk.now + DAY > desk.case.opened
