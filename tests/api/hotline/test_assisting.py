"""协办: units that assist have orders of their own without the caller; the leading unit replies when all have ended."""

from __future__ import annotations

import threading
from typing import Any

from tests.api.conftest import Someone
from tests.api.hotline.people import NUMBER, act, order
from tests.api.people import do
from tests.api.town import Town

from hutong.engine.flow.cases import Act
from hutong.engine.flow.deadlines import Deadlines
from hutong.kernel.access import Actor
from hutong.kernel.base import DAY
from hutong.kernel.case import Case
from hutong.kernel.query import equals

NAME = "张三丰"
SAID = f"路口积水，我叫{NAME}，电话{NUMBER}"
REPLY = {"result": "已抽排", "answer": "积水已排干", "solved": "solved"}


def led(someone: Someone, town: Town, note: str = "", **more: Any) -> int:
    """An order that 排水所 leads and 道路所 assists with; the leading unit has reached the caller."""
    id = int(order(someone("zuoxi"), name=NAME, text=SAID, **more)["id"])
    act(someone("zuoxi"), id, "accept")
    units = {"organisation": unit(town, "drainage"), "assisting": [unit(town, "roads")]}
    act(someone("paidan"), id, "dispatch", **units, note=note or f"围挡，联系{NAME} {NUMBER}")
    act(someone("gongdan"), id, "sign")
    act(someone("gongdan"), id, "contact", contacted="reached")
    return id


def unit(town: Town, code: str) -> int:
    return town.directory.organisation(code)


def part_of(someone: Someone, id: int) -> dict[str, Any]:
    parts = someone("paidan").get(f"/cases/{id}").json()["parts"]
    found: dict[str, Any] = parts[-1]
    return found


def test_who_assists_has_an_order_of_its_own_and_never_the_caller(someone: Someone, town: Town) -> None:
    id = led(someone, town)
    part = part_of(someone, id)
    assert (part["state"], part["organisation"]["label"]["zh"]) == ("to_sign", "道路所")
    assert part["number"].startswith("XZ20260718")
    answer = someone("gongdan2").get(f"/cases/{part['id']}")
    page = answer.json()
    assert page["reporter"] is None
    assert (page["parent"]["id"], page["clock"]["name"]) == (id, "signing")
    assert "积水" in page["text"]
    assert page["facts"]["task"].startswith("围挡")
    assert page["facts"]["lead"] == unit(town, "drainage")
    for secret in (NAME, NUMBER, NUMBER[3:]):
        assert secret not in answer.text, secret
    assert someone("gongdan2").get(f"/cases/{id}").status_code == 404, "it sees its part, not the order"
    asked = someone("gongdan2").post(f"/orders/{part['id']}/caller", json={"purpose": "first_contact"})
    assert asked.status_code in (404, 422)
    assert NUMBER not in asked.text
    with town.store.reader() as reader:
        stored, parent = reader.get(Case, part["id"]), reader.get(Case, id)
        found = reader.find(Case, equals("subject", parent.subject)).rows
    assert parent.subject is not None
    assert (stored.subject, stored.contact, stored.original, stored.external) == (None, None, None, "")
    assert [one.id for one in found] == [id]


def test_the_reply_waits_for_all_who_assist_and_knows_what_they_did(someone: Someone, town: Town) -> None:
    id = led(someone, town)
    act(someone("paidan"), id, "add_assisting", assisting=[unit(town, "roads")], note="恢复路面")
    parts = someone("paidan").get(f"/cases/{id}").json()["parts"]
    assert len(parts) == 2
    for left, part in zip((2, 1), parts, strict=True):
        refused = do(someone("gongdan"), id, "reply", answers=REPLY)
        assert (refused.status_code, refused.json()["facts"]["kind"]) == (422, "children")
        assert refused.json()["facts"]["zh"].startswith(f"尚有 {left} 件")
        act(someone("gongdan2"), part["id"], "sign")
        assert act(someone("gongdan2"), part["id"], "finish_task", result=f"完成 {left}")["state"] == "done"
    page = act(someone("gongdan"), id, "reply", **REPLY)
    assert page["state"] == "to_audit"
    told = [one["facts"]["sets"] for one in page["timeline"] if one["action"] == "hear_part"]
    assert told == [{"facts.assist_result": "完成 2"}, {"facts.assist_result": "完成 1"}]


def test_a_return_is_decided_by_the_dispatcher(someone: Someone, town: Town) -> None:
    id = led(someone, town)
    part = part_of(someone, id)["id"]
    why = {"reason": "非本单位职责", "basis": "三定方案"}
    assert act(someone("gongdan2"), part, "return", **why)["state"] == "return_pending"
    assert do(someone("gongdan2"), part, "accept_return").status_code == 403
    assert act(someone("paidan"), part, "refuse_return", reason="权责清单列明")["state"] == "to_sign"
    again = do(someone("gongdan2"), part, "return", answers=why)
    assert again.json()["facts"]["kind"] == "count"
    act(someone("paidan"), part, "withdraw_task", reason="改由主办单位办理")
    assert act(someone("gongdan"), id, "reply", **REPLY)["state"] == "to_audit"


def test_an_order_is_not_given_to_another_while_units_assist(someone: Someone, town: Town) -> None:
    id = int(order(someone("zuoxi"))["id"])
    act(someone("zuoxi"), id, "accept")
    act(
        someone("paidan"),
        id,
        "dispatch",
        organisation=unit(town, "drainage"),
        assisting=[unit(town, "roads")],
    )
    why = {"reason": "不属本单位", "basis": "三定", "proposed": unit(town, "roads")}
    act(someone("gongdan"), id, "return", **why)
    refused = do(someone("paidan"), id, "accept_return")
    assert refused.json()["facts"]["kind"] == "children"
    act(someone("paidan"), part_of(someone, id)["id"], "withdraw_task", reason="改派")
    assert act(someone("paidan"), id, "accept_return")["state"] == "to_dispatch"


def test_its_clocks_run_out_once_also_after_a_stop(someone: Someone, town: Town) -> None:
    id = led(someone, town)
    part = part_of(someone, id)["id"]
    town.clock.move_to(town.clock.city_time() + 30 * DAY)
    deadlines = Deadlines(town.cases)
    while deadlines.tick():
        pass
    with town.store.reader() as reader:
        records = reader.journal(subject=("case", part), limit=1000)
        case = reader.get(Case, part)
    fired = [(one.kind, one.facts.get("clock"), one.facts.get("told")) for one in records if one.actor == 0]
    assert len(fired) == len(set(fired))
    late = {clock for kind, clock, _ in fired if kind == "case.overdue"}
    assert late == {"signing", "assisting"}
    assert all(clock.overdue for clock in case.clocks)


def test_two_who_end_at_once_leave_nothing_waiting(someone: Someone, town: Town) -> None:
    id = led(someone, town)
    act(someone("paidan"), id, "add_assisting", assisting=[unit(town, "roads")], note="恢复路面")
    parts = [one["id"] for one in someone("paidan").get(f"/cases/{id}").json()["parts"]]
    for part in parts:
        act(someone("gongdan2"), part, "sign")
    accounts = town.directory.accounts.values()
    account = next(one.id for one in accounts if one.login == "gongdan2")
    actor: Actor = town.directory.actor(account, town.clock.city_time())
    start, failed = threading.Barrier(2), []

    def finish(part: int) -> None:
        start.wait()
        try:
            town.cases.act(Act(case=part, action="finish_task", answers={"result": "完成"}), actor)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=finish, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert act(someone("gongdan"), id, "reply", **REPLY)["state"] == "to_audit"
