"""Calls: who it is that calls, what is missed and returned, and that every look at a caller leaves a receipt."""

from __future__ import annotations

from tests.api.conftest import Someone
from tests.api.hotline.people import NUMBER, act, order, ring
from tests.api.town import Town

from hutong.kernel.party import Party, Receipt
from hutong.kernel.query import equals


def receipts(town: Town) -> list[Receipt]:
    with town.store.reader() as reader:
        return list(reader.find(Receipt).rows)


def test_a_first_call_is_of_nobody_known_and_a_second_shows_the_orders(someone: Someone, town: Town) -> None:
    seat = someone("zuoxi")
    first = ring(seat)
    assert first["caller"]["open"] == []
    assert first["number"] == NUMBER
    assert first["call"]["number"] == "139****5678"
    made = order(seat, call=first["call"]["id"], name="张三丰")
    over = order(seat, call=first["call"]["id"], then={"does": "direct_answer", "answer": "已告知绕行"})
    before = len(receipts(town))
    caller = someone("zuoxi2").post("/callers/lookup", json={"number": "+86 139-1234-5678"}).json()
    assert caller["known"] is True
    assert caller["names"] == ["张三丰"]
    assert [one["id"] for one in caller["open"]] == [made["id"]]
    assert [one["id"] for one in caller["past"]] == [over["id"]]
    assert caller["total"] == 2
    kept = receipts(town)
    assert len(kept) == before + 1
    assert kept[-1].purpose == "call desk"
    assert kept[-1].subjects


def test_nobody_known_leaves_no_receipt(someone: Someone, town: Town) -> None:
    before = len(receipts(town))
    caller = someone("zuoxi").post("/callers/lookup", json={"number": "02112345678"}).json()
    assert caller == {
        "known": False, "names": [], "open": [], "past": [], "total": 0, "calls": [], "missed": 0,
    }  # fmt: skip
    assert len(receipts(town)) == before


def test_what_is_no_number_is_told(someone: Someone) -> None:
    answer = someone("zuoxi").post("/calls", json={"number": "abc-123-x"})
    assert answer.status_code == 400
    assert answer.json()["field"] == "number"


def test_a_missed_call_waits_until_it_is_returned_once(someone: Someone, town: Town) -> None:
    seat, other = someone("zuoxi"), someone("zuoxi2")
    missed = ring(seat, missed=True)["call"]
    assert missed["state"] == "missed"
    waiting = other.get("/calls?state=missed").json()["rows"]
    assert [one["id"] for one in waiting] == [missed["id"]]
    assert NUMBER not in other.get("/calls").text
    back = other.post(f"/calls/{missed['id']}/return")
    assert back.status_code == 201, back.text
    assert back.json()["number"] == NUMBER
    assert back.json()["call"]["returns"] == missed["id"]
    assert seat.post(f"/calls/{missed['id']}/return").status_code == 422
    assert seat.get("/calls?state=missed").json()["rows"] == []


def test_a_call_ends_with_its_order_and_only_for_whoever_is_in_it(someone: Someone) -> None:
    seat = someone("zuoxi")
    call = ring(seat)["call"]["id"]
    made = order(seat, call=call)
    assert someone("zuoxi2").post(f"/calls/{call}/end", json={}).status_code == 400
    ended = seat.post(f"/calls/{call}/end", json={})
    assert ended.status_code == 200, ended.text
    assert ended.json()["state"] == "ended"
    assert ended.json()["order"]["id"] == made["id"]
    assert seat.post(f"/calls/{call}/end", json={}).status_code == 422
    assert (
        someone("zuoxi2").post("/orders", json={"demand": "help", "code": "010601", "call": call}).status_code
        == 400
    )


def test_the_same_request_twice_is_one_call(someone: Someone) -> None:
    seat = someone("zuoxi")
    headers = {"Idempotency-Key": "one-call"}
    first = seat.post("/calls", headers, json={"number": NUMBER})
    again = seat.post("/calls", headers, json={"number": NUMBER})
    assert first.json()["call"]["id"] == again.json()["call"]["id"]
    assert len(seat.get("/calls").json()["rows"]) == 1


def test_only_the_desk_has_a_telephone(someone: Someone) -> None:
    for login in ("gongdan", "paidan", "paishui", "jiandu"):
        assert someone(login).post("/callers/lookup", json={"number": NUMBER}).status_code == 403
        assert someone(login).get("/calls").status_code == 403


def test_urging_is_noted_on_the_open_order_and_makes_no_new_one(someone: Someone, town: Town) -> None:
    seat = someone("zuoxi")
    made = order(seat)["id"]
    desk = seat.get("/orders/desks").json()["rows"][0]
    urge = next(one["action"] for one in desk["actions"] if one["does"] == "urge")
    page = act(someone("zuoxi2"), made, urge, note="第二次来电催办")
    assert page["facts"]["urge_note"] == "第二次来电催办"
    caller = seat.post("/callers/lookup", json={"number": NUMBER}).json()
    assert caller["total"] == 1


def test_two_of_one_household_share_the_number(someone: Someone, town: Town) -> None:
    seat = someone("zuoxi")
    order(seat, name="张三丰")
    order(seat, name="李四光")
    caller = seat.post("/callers/lookup", json={"number": NUMBER}).json()
    assert sorted(caller["names"]) == ["张三丰", "李四光"]
    assert len(caller["open"]) == 2
    with town.store.reader() as reader:
        people = reader.search_hash(Party, "phone", NUMBER)
        assert len(people) == 2
        assert reader.find(Party, equals("kind", "person")).rows
