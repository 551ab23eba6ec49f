"""Orders from the call to the archive: every way out of a call, refusals, joined orders, the second handling."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import Someone
from tests.api.hotline.people import NUMBER, act, completed, dispatched, order, visit
from tests.api.people import attach, do, report
from tests.api.town import Town

from hutong.kernel.base import HOUR
from hutong.kernel.case import Case


def stored(town: Town, id: int) -> Case:
    with town.store.reader() as reader:
        return reader.get(Case, id)


def test_the_desk_tells_how_orders_are_opened(someone: Someone) -> None:
    (desk,) = someone("zuoxi").get("/orders/desks").json()["rows"]
    assert desk["procedure"] == "hotline.order"
    assert desk["kinds"] == ["hotline"]
    assert [one["name"] for one in desk["demands"]] == [
        "consult", "help", "complaint", "report", "suggestion", "praise",
    ]  # fmt: skip
    assert {one["number"] for one in desk["channels"] if one["kind"] == "transfer"} == {
        "110",
        "119",
        "120",
        "122",
    }
    declined = {one["name"] for one in desk["channels"] if one["kind"] == "decline"}
    assert {
        "litigation",
        "arbitration",
        "discipline",
        "reconsideration",
        "disclosure",
        "petition",
    } <= declined


def test_an_order_keeps_its_caller_type_and_number(someone: Someone, town: Town) -> None:
    page = order(someone("zuoxi"), name="张三丰")
    assert page["number"].startswith("RX20260718")
    assert page["source"] == "hotline"
    assert page["facts"]["demand"] == "help"
    assert page["state"] == "received"
    assert page["reporter"]["shown"] is False
    assert page["reporter"]["phone"] == "139****5678"
    assert page["urgency"] == "urgent"


def test_the_same_request_twice_is_one_order(someone: Someone) -> None:
    seat, headers = someone("zuoxi"), {"Idempotency-Key": "one-order"}
    body = {"demand": "consult", "code": "130301", "text": "建议", "number": NUMBER}
    first = seat.post("/orders", headers, json=body)
    again = seat.post("/orders", headers, json=body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]


@pytest.mark.parametrize(
    ("then", "state", "ending", "facts"),
    [
        ({"does": "direct_answer", "answer": "请绕行"}, "answered", "answered", {"answer": "请绕行"}),
        ({"does": "transfer", "channel": "fire"}, "transferred", "transferred", {"channel": "fire"}),
        ({"does": "decline", "channel": "litigation"}, "declined", "rejected", {"channel": "litigation"}),
        ({"does": "pass_on"}, "to_dispatch", "", {}),
    ],
)
def test_what_is_done_at_the_call(
    someone: Someone, town: Town, then: dict[str, Any], state: str, ending: str, facts: dict[str, Any]
) -> None:
    page = order(someone("zuoxi"), then=then)
    assert (page["state"], page["ending"]) == (state, ending)
    assert facts.items() <= page["facts"].items()
    assert (page["closed"] is not None) == bool(ending)
    assert page["timeline"][0]["action"] == "open"
    assert len(page["timeline"]) == 2


def test_a_declined_matter_records_what_the_caller_was_told(someone: Someone) -> None:
    page = order(someone("zuoxi"), then={"does": "decline", "channel": "disclosure"})
    assert "二十个工作日" in page["facts"]["told"]


def test_dispatch_at_the_call(someone: Someone, town: Town) -> None:
    unit = town.directory.organisation("drainage")
    page = order(someone("zuoxi"), then={"does": "dispatch", "organisation": unit})
    assert page["state"] == "to_sign"
    assert page["organisation"]["id"] == unit
    clocks = {one["name"]: one for one in page["clocks"]}
    assert (clocks["contact"]["amount"], clocks["handling"]["amount"]) == (2, 5)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"demand": "urging"}, "demand"),
        ({"code": "999999"}, "code"),
        ({"code": "06010"}, "code"),
        ({"position": [10.0, 10.0]}, "position"),
        ({"then": {"does": "transfer", "channel": "litigation"}}, "then.channel"),
        ({"then": {"does": "decline", "channel": "110"}}, "then.channel"),
        ({"then": {"does": "dispatch"}}, "then.organisation"),
        ({"then": {"does": "direct_answer"}}, "answers.answer"),
        ({"number": "12"}, "number"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_kept(
    someone: Someone, town: Town, more: dict[str, Any], field: str
) -> None:
    body = {"demand": "help", "code": "010601", "text": "积水", "number": NUMBER, **more}
    answer = someone("zuoxi").post("/orders", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["field"] == field
    with town.store.reader() as reader:
        assert reader.find(Case).rows == ()


def test_units_and_strangers_open_no_orders(someone: Someone) -> None:
    for login in ("gongdan", "huifang", "paishui"):
        answer = someone(login).post("/orders", json={"demand": "help", "code": "010601"})
        assert answer.status_code == 403, login
    answer = someone("shouli").post("/orders", json={"demand": "help", "code": "010601"})
    assert answer.status_code == 403


def test_the_whole_way_to_the_archive(someone: Someone, town: Town) -> None:
    id = completed(someone, town)
    answer = visit(someone("huifang"), id, contacted=True, solved=True, satisfaction="basic", words="还可以")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["state"] == "to_archive"
    told = {"contacted": True, "solved": "yes", "satisfaction": "basic", "visit_words": "还可以"}
    assert told.items() <= page["facts"].items()
    page = act(someone("banzhang"), id, "archive")
    assert (page["state"], page["ending"]) == ("archived", "closed")


@pytest.mark.parametrize(
    "said",
    [
        {"solved": False, "satisfaction": "dissatisfied"},
        {"solved": False, "satisfaction": "satisfied"},
        {"solved": True, "satisfaction": "dissatisfied"},
    ],
)
def test_unsolved_or_dissatisfied_is_handled_again(
    someone: Someone, town: Town, said: dict[str, Any]
) -> None:
    id = completed(someone, town)
    page = visit(someone("huifang"), id, contacted=True, **said).json()
    assert (page["state"], page["rounds"]) == ("to_dispatch", 1)


def test_a_caller_nobody_reaches_stays_to_be_called(someone: Someone, town: Town) -> None:
    id = completed(someone, town)
    officer = someone("huifang")
    for _ in range(3):
        page = visit(officer, id, reached=False).json()
        assert page["state"] == "to_visit"
    page = act(officer, id, "visit_given_up")
    assert page["state"] == "to_archive"


def test_an_unreasonable_demand_is_recorded_as_said(someone: Someone, town: Town) -> None:
    id = dispatched(someone, town)
    act(someone("gongdan"), id, "contact", contacted="reached")
    act(someone("gongdan"), id, "claim_unreasonable", reason="要求赔偿全楼", basis="无法律依据")
    act(someone("banzhang"), id, "find_unreasonable")
    act(someone("gongdan"), id, "reply", result="已解释", answer="已解释政策", solved="explained")
    act(someone("banzhang"), id, "audit_pass")
    page = visit(someone("huifang"), id, contacted=True, solved=False, satisfaction="dissatisfied").json()
    assert (page["state"], page["rounds"]) == ("to_archive", 0)
    assert page["facts"]["solved"] == "no"


def test_nobody_calls_back_about_what_he_handled(someone: Someone, town: Town) -> None:
    id = completed(someone, town)
    for login in ("gongdan", "gongdan2", "zuoxi", "paidan", "banzhang"):
        answer = visit(someone(login), id, contacted=True, solved=True, satisfaction="satisfied")
        assert answer.status_code in (403, 404), login


def test_a_wrong_visit_is_told(someone: Someone, town: Town) -> None:
    id = completed(someone, town)
    answer = visit(someone("huifang"), id, contacted=True, solved=True)
    assert (answer.status_code, answer.json()["field"]) == (400, "satisfaction")
    stale = someone("huifang").post(
        f"/orders/{id}/visit",
        {"If-Match": '"1"'},
        json={"reached": True, "solved": True, "satisfaction": "satisfied"},
    )
    assert stale.status_code == 409
    case = report(someone("shouli"))["id"]
    answer = visit(someone("huifang"), case, contacted=True, solved=True, satisfaction="satisfied")
    assert answer.status_code == 422


def close_urban(someone: Someone, town: Town, case: int) -> None:
    """The 案卷 of the same water, from acceptance to 结案."""
    collector, unit = someone("jiandu"), town.directory.organisation("drainage")

    def photos(stage: str, roles: tuple[str, ...], whose: str) -> list[int]:
        return [attach(someone(whose), case, stage, role)["id"] for role in roles]

    do(someone("shouli"), case, "accept")
    do(collector, case, "verify_exists", files=photos("verify", ("near", "far"), "jiandu"))
    do(someone("zhiban"), case, "file")
    do(someone("paiqian"), case, "dispatch", answers={"organisation": unit})
    before = {one.role: one.id for one in _files(town, case)}
    given = [
        attach(someone("paishui"), case, "handle", role, same_angle_as=before[role])["id"]
        for role in ("near", "far")
    ]
    answer = do(someone("paishui"), case, "feed_back", answers={"result": "已抽排"}, files=given)
    assert answer.status_code == 200, answer.text
    answer = do(collector, case, "check_pass", files=photos("check", ("near",), "jiandu"))
    assert answer.status_code == 200, answer.text
    assert do(someone("zhiban"), case, "close").json()["state"] == "closed"


def _files(town: Town, case: int) -> Any:
    from hutong.engine.flow.cases import files_of

    with town.store.reader() as reader:
        return files_of(reader, case)


def test_a_joined_order_keeps_number_clock_answer_and_call_back(someone: Someone, town: Town) -> None:
    seat = someone("zuoxi")
    main = report(someone("shouli"))["id"]
    one, two = order(seat), order(seat, number="13700001111")
    for each in (one, two):
        page = act(seat, each["id"], "join", main=main)
        assert page["state"] == "joining"
        assert page["number"] == each["number"]
        clocks = {clock["name"]: clock["mark"] for clock in page["clocks"]}
        assert clocks["handling"] == "running"
    close_urban(someone, town, main)
    for each in (one, two):
        page = seat.get(f"/cases/{each['id']}").json()
        assert page["state"] == "to_answer"
        assert page["closed"] is None
        assert page["facts"]["main_ending"] == "closed"
    page = act(seat, one["id"], "answer_joined", answer="积水已排干，感谢来电")
    assert page["state"] == "to_visit"
    assert seat.get(f"/cases/{two['id']}").json()["state"] == "to_answer"
    page = visit(
        someone("huifang"), one["id"], contacted=False, solved=False, satisfaction="dissatisfied"
    ).json()
    assert (page["state"], page["rounds"], page["main"]) == ("to_dispatch", 1, None)
    assert seat.get(f"/cases/{main}").json()["state"] == "closed"
    page = act(someone("paidan"), one["id"], "dispatch", organisation=town.directory.organisation("drainage"))
    assert page["state"] == "to_sign"


def test_clocks_follow_type_urgency_and_the_law(someone: Someone, town: Town) -> None:
    unit = town.directory.organisation("drainage")
    amounts = {"consult": 2, "help": 5, "suggestion": 5, "complaint": 12, "report": 12}
    for demand, amount in amounts.items():
        page = order(
            someone("zuoxi"), demand=demand, code="130301", then={"does": "dispatch", "organisation": unit}
        )
        clocks = {one["name"]: one for one in page["clocks"]}
        assert clocks["handling"]["amount"] == amount, demand
        assert (clocks["contact"]["amount"], clocks["contact"]["unit"]) == (24, "urgent_hour")
        assert "decision" not in clocks
    id = order(someone("zuoxi"), demand="complaint", code="100101", then={"does": "pass_on"})["id"]
    page = act(
        someone("paidan"), id, "dispatch", organisation=unit, statutory="market_complaint", urgency="critical"
    )
    clocks = {one["name"]: (one["amount"], one["unit"]) for one in page["clocks"]}
    assert clocks["handling"] == (45, "work_day")
    assert clocks["decision"] == (7, "work_day")
    assert clocks["contact"] == (2, "urgent_hour")
    assert page["facts"]["demand"] == "complaint"


def test_an_overdue_first_contact_is_told_up_the_line_once(someone: Someone, town: Town) -> None:
    from hutong.engine.flow.deadlines import Deadlines

    id = dispatched(someone, town)
    town.clock.move_to(town.clock.city_time() + 3 * HOUR)
    deadlines = Deadlines(town.cases)
    assert deadlines.tick() >= 1
    assert deadlines.tick() == 0
    contact = next(one for one in stored(town, id).clocks if one.name == "contact")
    assert contact.overdue
    assert act(someone("gongdan"), id, "contact", contacted="reached")["state"] == "handling"


def test_three_rates_come_from_the_last_call_back_and_show_their_orders(someone: Someone, town: Town) -> None:
    officer = someone("huifang")
    said = (("satisfied", True), ("basic", True), ("dissatisfied", False))
    for satisfaction, solved in said:
        id = completed(someone, town)
        answer = visit(officer, id, contacted=True, solved=solved, satisfaction=satisfaction)
        assert answer.status_code == 200, answer.text
    chief = someone("banzhang")
    sheet = next(
        one
        for one in chief.get("/evaluation").json()["sheets"]
        if one["key"].startswith("hotline") and one["object"] == "city"
    )
    page = chief.get(f"/evaluation/{sheet['key']}?from=2026-07-18&to=2026-07-18").json()
    figures = page["rows"][0]["figures"]
    assert figures["hotline.response_rate"]["value"] == pytest.approx(100)
    assert figures["hotline.solution_rate"]["value"] == pytest.approx(100 * 2 / 3, abs=0.05)
    assert figures["hotline.satisfaction_rate"]["value"] == pytest.approx(100 * 1.9 / 3, abs=0.05)
    assert figures["hotline.three_rates"]["value"] == pytest.approx(10 + 50 * 2 / 3 + 40 * 1.9 / 3, abs=0.05)
    by_type = next(
        one["key"]
        for one in chief.get("/evaluation").json()["sheets"]
        if one["key"].startswith("hotline") and one["object"] == "value"
    )
    rows = chief.get(f"/evaluation/{by_type}?from=2026-07-18&to=2026-07-18").json()["rows"]
    rates = {row["name"]["zh"]: row["figures"]["hotline.three_rates_of_type"]["value"] for row in rows}
    assert rates["求助"] == pytest.approx(figures["hotline.three_rates"]["value"])
    assert rates["咨询"] is None
