"""会办, 申诉, 会商: child cases in parallel, what they do to their parent, the list that a consultation amends, and undo."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from tests.api.conftest import Someone
from tests.api.people import attach, do, report
from tests.api.town import Town

from hutong.engine.flow.cases import Act
from hutong.engine.flow.deadlines import Deadlines
from hutong.kernel.base import DAY, HOUR, MINUTE
from hutong.kernel.case import Case, Message
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import Conflict
from hutong.kernel.party import Responsibility
from hutong.kernel.query import equals

Ready = Callable[..., int]


@pytest.fixture
def handling(someone: Someone, town: Town) -> Ready:
    """Opens a case and brings it to the sewers' unit; gives its id."""

    def ready(unit: str = "drainage", code: str = "06010") -> int:
        category = {"kind": "matter", "code": code}
        case: int = report(someone("jiandu"), source="collector", category=category)["id"]
        assert do(someone("zhiban"), case, "file").status_code == 200
        answers = {"organisation": town.directory.organisation(unit)}
        assert do(someone("paiqian"), case, "dispatch", answers=answers).status_code == 200
        return case

    return ready


def assist(someone: Someone, town: Town, case: int) -> list[dict[str, Any]]:
    """Two units are asked to help; gives the parts."""
    units = [town.directory.organisation(one) for one in ("drainage", "roads")]
    page = do(someone("paiqian"), case, "assist", answers={"units": units, "task": "清掏"}).json()
    parts: list[dict[str, Any]] = page["parts"]
    return parts


def finished(someone: Someone, login: str, case: int) -> Any:
    photo = attach(someone(login), case, "handle", "near")["id"]
    return do(someone(login), case, "finish_task", answers={"result": "完成"}, files=[photo])


def test_parts_are_given_to_units_with_numbers_and_clocks_of_their_own(
    someone: Someone, town: Town, handling: Ready
) -> None:
    case = handling()
    parts = assist(someone, town, case)
    assert [one["number"] for one in parts] == ["XB310101202607180001", "XB310101202607180002"]
    assert {one["organisation"]["label"]["zh"] for one in parts} == {"排水所", "道路所"}
    assert {one["title"]["zh"][:3] for one in parts} == {"协办："}
    roads = next(one for one in parts if one["organisation"]["label"]["zh"] == "道路所")
    page = someone("daolu").get(f"/cases/{roads['id']}").json()
    assert (page["parent"]["id"], page["source"], page["text"]) == (case, "parent", "清掏")
    assert page["clock"]["name"] == "assisting"
    assert page["facts"]["main_number"]
    assert someone("daolu").get(f"/cases/{case}").status_code == 404, "it sees its part, not the whole"
    assert [one["action"] for one in page["timeline"]] == ["open_part"]
    timeline = someone("zhiban").get(f"/cases/{case}").json()["timeline"]
    assert [one["action"] for one in timeline][-3:] == ["assist", "open_part", "open_part"]


def test_the_whole_waits_for_every_part(someone: Someone, town: Town, handling: Ready) -> None:
    case = handling()
    parts = assist(someone, town, case)
    photos = [attach(someone("paishui"), case, "handle", role)["id"] for role in ("near", "far")]
    logins = {"排水所": "paishui", "道路所": "daolu"}
    for left in (2, 1):
        refused = do(someone("paishui"), case, "feed_back", answers={"result": "好"}, files=photos)
        assert refused.status_code == 422
        assert refused.json()["facts"]["kind"] == "children"
        assert refused.json()["facts"]["zh"].startswith(f"尚有 {left} 件子案卷未办结")
        part = parts[left - 1]
        login = logins[part["organisation"]["label"]["zh"]]
        assert finished(someone, login, part["id"]).json()["state"] == "done"
    assert (
        do(someone("paishui"), case, "feed_back", answers={"result": "好"}, files=photos).status_code == 200
    )


def test_undo_takes_back_parts_that_nobody_touched(someone: Someone, town: Town, handling: Ready) -> None:
    case = handling()
    parts = assist(someone, town, case)
    page = someone("paiqian").post(f"/cases/{case}/undo", json={}).json()
    assert (page["state"], page["parts"]) == ("handling", [])
    with town.store.reader() as reader:
        gone = reader.get(Case, parts[0]["id"])
    assert (gone.state, gone.ending, gone.retired is not None, gone.next_due) == ("void", "void", True, None)
    again = assist(someone, town, case)
    assert do(someone("daolu"), again[1]["id"], "take").status_code == 200
    refused = someone("paiqian").post(f"/cases/{case}/undo", json={})
    assert refused.status_code == 422
    assert "已有办理" in refused.json()["facts"]["zh"]


def test_what_has_left_the_house_is_not_taken_back(someone: Someone, town: Town, handling: Ready) -> None:
    """A message still waiting is withdrawn with the deed; one that was sent cannot be."""
    case = handling()
    for state, status in (("waiting", 200), ("sent", 422)):
        assert do(someone("paishui"), case, "take").status_code == 200
        message = Message(
            id=town.store.new_ids(1)[0], case=case, to=1, channel="sms", text="您的案卷", state=state,
            at=town.clock.city_time(),
        )  # fmt: skip
        told = Record(kind="message.make", actor=0, at=message.at, subjects=(("message", message.id),))
        town.store.apply(Changes(puts=(message,), records=(told,)))
        answer = someone("paishui").post(f"/cases/{case}/undo", json={})
        assert answer.status_code == status
        with town.store.reader() as reader:
            kept = reader.get(Message, message.id)
        assert (kept.state, kept.error) == (
            ("failed", "taken back before it was sent") if status == 200 else ("sent", "")
        )
    assert "已对外发出" in answer.json()["facts"]["zh"]


def consult(someone: Someone, town: Town, case: int, **more: Any) -> Any:
    """The unit returns it twice; the command side names who leads."""
    roads = town.directory.organisation("roads")
    answers = {"reason": "非本单位管辖", "basis": "3.2", "proposed": roads}
    assert do(someone("paishui"), case, "return", answers=answers).status_code == 200
    assert do(someone("paiqian"), case, "refuse_return", answers={"reason": "在清单内"}).status_code == 200
    third = do(someone("paishui"), case, "return", answers=answers)
    assert third.json()["facts"]["zh"] == "本案已退单一次，再次退单须经会商"
    assert do(someone("paishui"), case, "return_again", answers=answers).json()["state"] == "consultation"
    named = {"organisation": roads, "reason": "道路所先行处置", **more}
    return do(someone("paiqian"), case, "lead_by_consultation", answers=named)


def test_a_second_return_goes_to_a_consultation_that_names_who_leads(
    someone: Someone, town: Town, handling: Ready
) -> None:
    case = handling()
    before = next(
        one for one in someone("zhiban").get(f"/cases/{case}").json()["clocks"] if one["name"] == "handling"
    )
    page = consult(someone, town, case).json()
    clock = next(one for one in page["clocks"] if one["name"] == "handling")
    assert (page["state"], page["returns"], page["organisation"]["label"]["zh"]) == ("handling", 2, "道路所")
    assert (clock["due"], clock["mark"]) == (before["due"], "running"), "the clock keeps what it used"
    answers = {"reason": "又", "basis": "又", "proposed": page["organisation"]["id"]}
    for action in ("return", "return_again"):
        refused = do(someone("daolu"), case, action, answers=answers)
        assert refused.json()["facts"]["zh"] == "本案已退单两次，先行处置单位须先行处置，不得再退单"


def test_a_consultation_may_amend_the_list(someone: Someone, town: Town, handling: Ready) -> None:
    case = handling()
    assert consult(someone, town, case, amend=True).status_code == 200
    roads = town.directory.organisation("roads")
    with town.store.reader() as reader:
        (row,) = reader.find(Responsibility).rows
    number = someone("zhiban").get(f"/cases/{case}").json()["number"]
    assert (row.kind, row.code, row.area, row.organisation) == ("matter", "06010", "310101001001001", roads)
    assert (row.case, row.basis, row.until) == (case, f"道路所先行处置（{number}）", None)
    other = report(someone("jiandu"), source="collector")["id"]
    do(someone("zhiban"), other, "file")
    offers = someone("paiqian").get(f"/cases/{other}").json()["offers"]
    dispatch = next(one for one in offers if one["action"] == "dispatch")
    assert dispatch["asks"][0]["suggested"] == roads
    assert number in dispatch["suggested_because"]["zh"]
    undone = someone("paiqian").post(f"/cases/{case}/undo", json={})
    assert undone.json()["facts"]["zh"] == "权责清单已据此修订，不能撤销"
    consult(someone, town, handling(), amend=True)
    with town.store.reader() as reader:
        rows = sorted(reader.find(Responsibility).rows, key=lambda one: one.id)
    assert [one.until is None for one in rows] == [False, True], "the newer row stands in place of the older"


def test_a_return_is_asked_for_soon(someone: Someone, town: Town, handling: Ready) -> None:
    town.clock.move_to(town.clock.city_time() + 38 * HOUR)  # Monday 09:00
    case = handling(code="06011")
    town.clock.move_to(town.clock.city_time() + 7 * HOUR)  # 16:00
    answers = {"reason": "非本单位管辖", "basis": "3.2", "proposed": town.directory.organisation("roads")}
    refused = do(someone("paishui"), case, "return", answers=answers)
    assert refused.json()["facts"]["kind"] == "window"
    assert refused.json()["facts"]["zh"] == "须在退单期限内提出，已于 2026-07-20 15:00 截止"


def closed(someone: Someone, town: Town, case: int) -> None:
    photos = [attach(someone("paishui"), case, "handle", role)["id"] for role in ("near", "far")]
    do(someone("paishui"), case, "feed_back", answers={"result": "好"}, files=photos)
    photo = attach(someone("jiandu"), case, "check")["id"]
    do(someone("jiandu"), case, "check_pass", files=[photo])
    assert do(someone("zhiban"), case, "close").json()["state"] == "closed"


APPEAL = {"against": "timing", "reason": "暴雨", "basis": "第五条"}


def test_an_accepted_appeal_excuses_the_closed_case(someone: Someone, town: Town, handling: Ready) -> None:
    case = handling()
    closed(someone, town, case)
    assert do(someone("daolu"), case, "appeal", answers=APPEAL).status_code == 404
    page = do(someone("paishui"), case, "appeal", answers=APPEAL).json()
    (part,) = page["parts"]
    assert (part["number"], part["state"]) == ("SS310101202607180001", "prereview")
    assert someone("paishui").get(f"/cases/{part['id']}").status_code == 200, "the unit follows its appeal"
    assert do(someone("zhiban"), part["id"], "prereview_pass").json()["state"] == "opinion"
    opinion = {"opinion": "情况属实"}
    assert do(someone("paiqian"), part["id"], "give_opinion", answers=opinion).json()["state"] == "to_decide"
    decided = do(someone("lingdao"), part["id"], "accept_appeal", answers={"reason": "成立"})
    assert decided.json()["state"] == "accepted"
    page = someone("zhiban").get(f"/cases/{case}").json()
    assert (page["state"], page["facts"]["excused"], page["facts"]["appeal"]) == (
        "closed",
        "timing",
        "accepted",
    )
    heard, ended = page["timeline"][-2:]
    assert (ended["action"], ended["facts"]["ending"]) == ("part_ended", "accepted")
    assert (heard["action"], heard["facts"]["deed"], heard["by"]["name"]["zh"]) == (
        "hear_part", "accept_appeal", "郑领导",
    )  # fmt: skip
    assert do(someone("paishui"), case, "appeal", answers=APPEAL).json()["facts"]["kind"] == "count"


def test_an_appeal_comes_in_time(someone: Someone, town: Town, handling: Ready) -> None:
    case = handling()
    closed(someone, town, case)
    town.clock.move_to(town.clock.city_time() + 8 * DAY)
    refused = do(someone("paishui"), case, "appeal", answers=APPEAL)
    assert refused.json()["facts"]["window"] == "appealing"


def test_two_people_at_once_one_wins_and_the_other_is_told(
    someone: Someone, town: Town, handling: Ready
) -> None:
    """Two dispatchers decide the same 退单: one way or the other, never both."""
    case = handling()
    roads = town.directory.organisation("roads")
    do(someone("paishui"), case, "return", answers={"reason": "非管辖", "basis": "3", "proposed": roads})
    seen = someone("paiqian").get(f"/cases/{case}").json()["version"]
    actor = town.directory.actor(
        next(a.id for a in town.directory.accounts.values() if a.login == "paiqian"), town.clock.city_time()
    )
    told: list[Any] = []
    start = threading.Barrier(2)

    def decide(action: str, answers: dict[str, Any]) -> None:
        start.wait()
        try:
            told.append(
                town.cases.act(Act(case=case, action=action, answers=answers, version=seen), actor).state
            )
        except Conflict as error:
            told.append(error)

    ways = [("accept_return", {}), ("refuse_return", {"reason": "在清单内"})]
    threads = [threading.Thread(target=decide, args=way) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (conflict,) = [one for one in told if isinstance(one, Conflict)]
    (won,) = [one for one in told if isinstance(one, str)]
    assert conflict.facts["by"] == "李派遣"
    assert conflict.facts["action"] == {"to_dispatch": "accept_return", "handling": "refuse_return"}[won]
    assert someone("zhiban").get(f"/cases/{case}").json()["state"] == won


def test_supervision_is_answered_before_the_work_is_fed_back(
    someone: Someone, town: Town, handling: Ready
) -> None:
    case = handling()
    page = do(someone("lingdao"), case, "supervise", answers={"note": "今日办结"}).json()
    assert (page["supervised"]["by"]["label"]["zh"], page["supervised"]["awaiting"]) == ("郑领导", True)
    rows = someone("zhiban").get("/cases?supervised=true").json()["rows"]
    assert [one["id"] for one in rows] == [case]
    photos = [attach(someone("paishui"), case, "handle", role)["id"] for role in ("near", "far")]
    refused = do(someone("paishui"), case, "feed_back", answers={"result": "好"}, files=photos)
    assert refused.json()["facts"]["zh"] == "督办尚未答复，请先答复督办"
    page = do(someone("paishui"), case, "answer_supervision", answers={"answer": "正在清掏"}).json()
    assert page["supervised"]["awaiting"] is False
    assert (
        do(someone("paishui"), case, "feed_back", answers={"result": "好"}, files=photos).status_code == 200
    )


def test_what_is_overdue_goes_up_the_line_once_also_after_a_stop(
    someone: Someone, town: Town, handling: Ready
) -> None:
    """Many cases at once, and every step of each: nothing twice, everything at its own instant."""
    cases = [handling() for _ in range(3)]
    town.clock.move_to(town.clock.city_time() + 30 * DAY)
    deadlines = Deadlines(town.cases)
    assert deadlines.tick() == 3
    assert deadlines.tick() == 0
    for case in cases:
        with town.store.reader() as reader:
            records = reader.journal(subject=("case", case), limit=1000)
            stored = reader.get(Case, case)
        steps = [
            (one.kind, one.facts.get("clock"), one.facts.get("told")) for one in records if one.actor == 0
        ]
        handled = [(kind, told) for kind, clock, told in steps if clock == "handling"]
        assert handled == [
            ("case.warn", None), ("case.overdue", None),
            ("case.escalate", "dispatcher"), ("case.escalate", "leader"),
        ]  # fmt: skip
        assert len(set(steps)) == len(steps)
        mark = stored.facts["supervised"]
        assert (mark["by"], mark["level"]) == (0, 2)
        assert stored.facts["urged"]["times"] == 2
        assert [one.at for one in records if one.actor == 0] == sorted(
            one.at for one in records if one.actor == 0
        )


def test_undo_restores_what_was_there(someone: Someone, town: Town, handling: Ready) -> None:
    case = handling()
    with town.store.reader() as reader:
        before = reader.get(Case, case)
    do(someone("paishui"), case, "request_extension", answers={"reason": "雨", "extra": 2})
    town.clock.move_to(town.clock.city_time() + 2 * MINUTE)
    assert someone("paishui").post(f"/cases/{case}/undo", json={}).status_code == 200
    with town.store.reader() as reader:
        after = reader.get(Case, case)
    assert after == replace(before, version=before.version + 2)


def test_an_unknown_unit_is_no_answer(someone: Someone, town: Town, handling: Ready) -> None:
    case = handling()
    for units in ([4711], [], "x", [True]):
        answer = do(someone("paiqian"), case, "assist", answers={"units": units, "task": "清掏"})
        assert (answer.status_code, answer.json()["field"]) == (400, "answers.units"), units
    with town.store.reader() as reader:
        assert reader.find(Case, equals("parent", case)).rows == ()


def test_a_reopened_case_does_not_wait_for_its_appeal(someone: Someone, town: Town, handling: Ready) -> None:
    """An objection goes its own way: the work is fed back while it is open, but not while a part of it is."""
    case = handling()
    closed(someone, town, case)
    (appeal,) = do(someone("paishui"), case, "appeal", answers=APPEAL).json()["parts"]
    assert (
        do(someone("zhiban"), case, "reopen", answers={"reason": "仍有积水"}).json()["state"] == "to_dispatch"
    )
    answers = {"organisation": town.directory.organisation("drainage")}
    assert do(someone("paiqian"), case, "dispatch", answers=answers).status_code == 200
    helpers = {"units": [town.directory.organisation("roads")], "task": "围挡"}
    parts = do(someone("paiqian"), case, "assist", answers=helpers).json()["parts"]
    part = next(one for one in parts if one["id"] != appeal["id"])
    photos = [attach(someone("paishui"), case, "handle", role)["id"] for role in ("near", "far")]
    result = {"answers": {"result": "好"}, "files": photos}
    refused = do(someone("paishui"), case, "feed_back", **result).json()["facts"]
    assert (refused["kind"], refused["children"]) == ("children", [part["id"]])
    assert finished(someone, "daolu", part["id"]).status_code == 200
    assert do(someone("paishui"), case, "feed_back", **result).json()["state"] == "to_check"
    assert someone("zhiban").get(f"/cases/{appeal['id']}").json()["state"] == "prereview"
