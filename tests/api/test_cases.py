"""Cases through the API: opened, listed, acted on by the right people, taken back, exported."""

from __future__ import annotations

import csv
import io
import threading

from tests.api.conftest import Someone
from tests.api.people import CATEGORY, attach, do, report
from tests.api.town import Town

from hutong.kernel.base import HOUR, MINUTE


def test_a_report_becomes_a_case_with_number_place_and_clocks(someone: Someone) -> None:
    page = report(someone("shouli"))
    assert page["number"] == "3101012026071800001"
    assert page["state"] == "received"
    assert page["state_label"] == {"zh": "待受理", "en": "awaiting acceptance"}
    assert page["place"]["code"] == "310101001001001"
    assert page["title"]["zh"].startswith("南京西路 100 号 ")
    assert {clock["name"] for clock in page["clocks"]} == {"acceptance", "whole"}
    assert page["clock"]["name"] == "acceptance"
    assert page["clock"]["tone"] == "calm"
    assert page["clock"]["left"]["unit_label"]["zh"]
    assert [entry["action"] for entry in page["timeline"]] == ["open"]
    assert page["timeline"][0]["by"]["name"]["zh"] == "沈受理"
    assert page["definition"]["current"] is True


def test_wrong_reports_name_the_field(someone: Someone) -> None:
    person = someone("shouli")
    body = {"category": CATEGORY, "source": "public", "position": [121.405, 31.205]}
    for change, field in (
        ({"source": "sensor"}, "source"),
        ({"category": {"kind": "matter", "code": "99999"}}, "category"),
        ({"position": [10.0, 10.0]}, "position"),
        ({"position": None}, "position"),
        ({"files": [4711]}, "files"),
    ):
        answer = person.post("/cases", json={**body, **change})
        assert answer.status_code == 400, change
        assert answer.json()["field"] == field
        assert answer.json()["remedy"]
    assert person.get("/cases").json()["rows"] == []


def test_offers_tell_who_may_do_what_and_why_not(someone: Someone) -> None:
    case = report(someone("shouli"))["id"]
    offers = {one["action"]: one for one in someone("paiqian").get(f"/cases/{case}").json()["offers"]}
    assert offers["accept"]["allowed"] is False
    assert "受理员" in offers["accept"]["reason"]["zh"]
    assert offers["accept"]["effects"][0]["zh"] == "案卷变为「待核实」"
    mine = {one["action"]: one for one in someone("shouli").get(f"/cases/{case}").json()["offers"]}
    assert mine["accept"]["allowed"] is True
    assert mine["reject"]["asks"][0]["required"] is True


def test_actions_move_the_case_and_refusals_say_why(someone: Someone) -> None:
    desk, collector, chief = someone("shouli"), someone("jiandu"), someone("zhiban")
    case = report(desk)["id"]
    assert do(someone("jiandu"), case, "accept").status_code == 403
    assert do(desk, case, "accept").json()["state"] == "to_verify"
    missing = do(collector, case, "verify_exists")
    assert missing.status_code == 422
    assert missing.json()["facts"]["missing"] == ["near", "far"]
    assert missing.json()["facts"]["zh"]
    ids = [attach(collector, case, "verify", role)["id"] for role in ("near", "far")]
    page = do(collector, case, "verify_exists", files=ids).json()
    assert page["state"] == "to_file"
    assert page["timeline"][-1]["files"] == ids
    assert do(chief, case, "accept").status_code == 422
    assert do(chief, case, "file", answers={"urgency": "often"}).json()["field"] == "answers.urgency"
    assert do(chief, case, "nonsense").status_code == 400
    assert do(chief, case, "file").json()["state"] == "to_dispatch"


def test_dispatch_suggests_the_unit_and_shows_the_case_to_it(someone: Someone, town: Town) -> None:
    desk, collector, chief, dispatcher = (someone(one) for one in ("shouli", "jiandu", "zhiban", "paiqian"))
    category = {"kind": "other", "code": "drainage.flooding"}
    case = report(desk, category=category)["id"]
    do(desk, case, "accept")
    ids = [attach(collector, case, "verify", role)["id"] for role in ("near", "far")]
    do(collector, case, "verify_exists", files=ids)
    do(chief, case, "file")
    offer = next(
        one for one in dispatcher.get(f"/cases/{case}").json()["offers"] if one["action"] == "dispatch"
    )
    ask = next(one for one in offer["asks"] if one["kind"] == "organisation")
    unit = town.directory.organisation("drainage")
    assert ask["suggested"] == unit
    assert {choice["label"]["zh"] for choice in ask["choices"]} == {"排水所", "道路所"}
    assert "权责清单" in offer["suggested_because"]["zh"]
    handler = someone("paishui")
    assert handler.get(f"/cases/{case}").status_code == 404
    page = do(dispatcher, case, "dispatch", answers={"organisation": unit}).json()
    assert page["state"] == "handling"
    assert [row["id"] for row in handler.get("/cases?mine=true").json()["rows"]] == [case]
    assert someone("daolu").get("/cases?mine=true").json()["rows"] == []
    assert do(someone("daolu"), case, "take").status_code == 404, "another unit may not know of it"
    assert do(handler, case, "take").json()["holder"]["label"]["zh"] == "周排水"


def test_stale_decisions_are_refused_and_say_who_was_first(someone: Someone) -> None:
    desk = someone("shouli")
    page = report(desk)
    seen = desk.get(f"/cases/{page['id']}").headers["ETag"]
    assert seen == f'"{page["version"]}"'
    assert do(desk, page["id"], "accept", headers={"If-Match": seen}).status_code == 200
    late = do(someone("zhiban"), page["id"], "void", answers={"reason": "重复"}, headers={"If-Match": seen})
    assert late.status_code == 409
    assert late.json()["facts"]["by"] == "沈受理"
    assert late.json()["facts"]["found"] == page["version"] + 1
    assert do(desk, page["id"], "accept", headers={"If-Match": "x"}).status_code == 400


def test_repeats_do_nothing_twice(someone: Someone) -> None:
    desk = someone("shouli")
    key = {"Idempotency-Key": "one"}
    body = {"category": CATEGORY, "source": "public", "position": [121.405, 31.205]}
    first, again = (desk.post("/cases", key, json=body) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json()["id"] == again.json()["id"]
    other = desk.post("/cases", key, json={**body, "text": "another"})
    assert other.status_code == 409
    assert other.json()["field"] == "Idempotency-Key"
    case = first.json()["id"]
    acted = [do(desk, case, "accept", headers={"Idempotency-Key": "two"}) for _ in range(2)]
    assert [one.status_code for one in acted] == [200, 200]
    assert len(acted[1].json()["timeline"]) == 2
    assert someone("zhiban").post("/cases", key, json=body).json()["id"] != case, (
        "keys are kept apart by account"
    )
    assert desk.post("/cases", {"Idempotency-Key": "a b"}, json=body).status_code == 400


def test_of_many_at_once_one_accepts(someone: Someone) -> None:
    desk = someone("shouli")
    case = report(desk)["id"]
    codes: list[int] = []
    threads = [
        threading.Thread(target=lambda: codes.append(do(desk, case, "accept").status_code)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 422, 422, 422]


def test_undo_takes_back_within_the_grace_time(someone: Someone, town: Town) -> None:
    desk = someone("shouli")
    case = report(desk)["id"]
    assert desk.post(f"/cases/{case}/undo").status_code == 422
    assert do(desk, case, "accept").json()["can_undo"] is True
    assert someone("zhiban").post(f"/cases/{case}/undo").status_code == 422
    back = desk.post(f"/cases/{case}/undo").json()
    assert back["state"] == "received"
    assert back["timeline"][-1]["action"] == "undo"
    do(desk, case, "accept")
    town.clock.move_to(town.clock.city + 10 * MINUTE)
    assert desk.get(f"/cases/{case}").json()["can_undo"] is False
    assert desk.post(f"/cases/{case}/undo").status_code == 422


def test_a_person_takes_a_case_from_the_simulated_posts(someone: Someone) -> None:
    desk = someone("shouli")
    case = report(desk)["id"]
    assert desk.get(f"/cases/{case}").json()["can_take"] is True
    taken = desk.post(f"/cases/{case}/take", json={}).json()
    assert taken["taken_over"] is True
    assert taken["can_take"] is False
    assert taken["timeline"][-1]["label"]["zh"] == "人工接管"


def test_lists_filter_sort_page_and_count(someone: Someone, town: Town) -> None:
    desk = someone("shouli")
    ids = []
    for n in range(5):
        ids.append(report(desk, position_text=f"测试路{n}号", source="public" if n % 2 else "media")["id"])
        town.clock.move_to(town.clock.city + MINUTE)
    do(desk, ids[0], "reject", answers={"reason": "不属于本城区"})

    def listed(query: str) -> list[int]:
        return [row["id"] for row in desk.get(f"/cases?{query}").json()["rows"]]

    assert listed("sort=opened") == ids
    assert listed("sort=-opened") == ids[::-1]
    assert set(listed("state=received")) == set(ids[1:])
    assert listed("state=rejected,void") == [ids[0]]
    assert set(listed("open=true")) == set(ids[1:])
    assert listed("open=false") == [ids[0]]
    assert set(listed("source=media")) == {ids[0], ids[2], ids[4]}
    assert set(listed("mine=true")) == set(ids[1:])
    assert listed("q=测试路3号") == [ids[3]]
    assert listed("q=3101012026071800002") == [ids[1]]
    assert len(listed("category=matter:0601")) == 5
    assert listed("category=component:0601") == []
    assert desk.get("/cases?category=06010").status_code == 400
    assert desk.get("/cases?sort=colour").status_code == 400
    first = desk.get("/cases?sort=opened&limit=2").json()
    rest = desk.get(f"/cases?sort=opened&limit=9&after={first['after']}").json()
    assert [row["id"] for row in first["rows"] + rest["rows"]] == ids
    assert rest["after"] is None
    counts = desk.get("/cases/counts").json()
    assert {one["state"]: one["n"] for one in counts["states"]} == {"received": 4, "rejected": 1}
    assert counts["mine"] == 4


def test_overdue_cases_are_red_and_can_be_listed(someone: Someone, town: Town) -> None:
    desk = someone("shouli")
    case = report(desk)["id"]
    assert desk.get("/cases?overdue=true").json()["rows"] == []
    town.clock.move_to(town.clock.city + 1 * HOUR)
    rows = desk.get("/cases?overdue=true").json()["rows"]
    assert [row["id"] for row in rows] == [case]
    assert rows[0]["clock"]["tone"] == "red"
    assert rows[0]["clock"]["left"]["amount"] < 0
    assert desk.get("/cases/counts").json()["overdue"] == 1


def test_export_opens_in_excel_and_runs_no_formula(someone: Someone) -> None:
    desk = someone("shouli")
    report(desk, title="=1+1", position_text="@SUM(A1)")
    report(desk, title="另一件", contact={"name": "张三", "phone": "13812348888"})
    answer = desk.get("/cases/export.csv?state=received")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "13812348888" not in answer.text
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][:2] == ["案卷编号", "标题"]
    assert len(rows) == 3
    cells = [cell for row in rows for cell in row]
    assert "'=1+1" in cells
    assert "'@SUM(A1)" in cells
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)


def test_unknown_cases_are_not_found(someone: Someone) -> None:
    desk = someone("shouli")
    for path in ("/cases/4711", "/cases/4711/explanation"):
        assert desk.get(path).status_code == 404
    assert do(desk, 4711, "accept").status_code == 404


def test_explanation_tells_the_whole_course(someone: Someone, town: Town) -> None:
    desk, collector = someone("shouli"), someone("jiandu")
    case = report(desk)["id"]
    do(desk, case, "accept")
    ids = [attach(collector, case, "verify", role)["id"] for role in ("near", "far")]
    do(collector, case, "verify_exists", files=ids)
    told = desk.get(f"/cases/{case}/explanation").json()
    assert [one["zh"] for one in told["who"]] == ["沈受理", "孙监督"]
    actions = [step["action"]["zh"] for step in told["what"]]
    assert "受理" in actions
    assert "沈受理" in told["text"]["zh"]
    assert {photo["id"] for photo in told["evidence"]["photos"]} == set(ids)
    assert told["positions"][0] < told["positions"][1]
    assert len(told["definition"]) == 1
    assert told["verified"] is True
    with town.store.database.write() as tx:
        if tx.dialect == "postgresql":
            tx.execute('ALTER TABLE journal DISABLE TRIGGER "journal_no_change"')
        else:
            tx.execute("DROP TRIGGER journal_no_update")
        tx.execute("UPDATE journal SET actor = 1 WHERE position = ?", (told["positions"][1],))
    assert desk.get(f"/cases/{case}/explanation").json()["verified"] is False
