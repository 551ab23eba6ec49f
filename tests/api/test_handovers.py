"""交接班: the sheet writes itself when the shift changes, is signed by both, and then locked."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Person, Someone
from tests.api.people import do, report
from tests.api.town import Town

from hutong.engine.flow.handovers import HandoverDesk
from hutong.engine.flow.measuring import Measuring
from hutong.kernel.base import DAY, HOUR, MINUTE
from hutong.kernel.party import Account
from hutong.kernel.query import equals


def desk_of(town: Town) -> HandoverDesk:
    measuring = Measuring(town.clock, town.rulebook, lambda: town.directory)
    return HandoverDesk(town.store, town.clock, town.rulebook, lambda: town.directory, measuring)


def sheets(person: Person, desk: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.get("/handovers", params={"desk": desk}).json()["rows"]
    return found


def at_change(someone: Someone, town: Town) -> dict[str, Any]:
    """A case reported at 19:00 waits at 受理; the shift changes at 20:30. The receptionist's sheet."""
    report(someone("shouli"))
    assert desk_of(town).tick() == 0
    town.clock.move_to(town.clock.city_time() + 90 * MINUTE)
    desk = desk_of(town)
    assert desk.tick() == len(desk.desks)
    assert desk.tick() == desk_of(town).tick() == 0
    (row,) = sheets(someone("shouli"), "receptionist")
    return row


def test_the_sheet_says_what_is_open_late_and_done(someone: Someone, town: Town) -> None:
    row = at_change(someone, town)
    assert (row["since"], row["until"]) == ("2026-07-18T00:30:00Z", "2026-07-18T12:30:00Z")
    assert (row["state"], row["open"], row["overdue"]) == ("drafted", 1, 1)
    sheet = someone("shouli").get(f"/handovers/{row['id']}").json()
    assert [(one["label"]["zh"], one["n"]) for one in sheet["open"]] == [("城市管理案卷 · 待受理", 1)]
    overdue = sheet["lists"][0]
    assert (overdue["label"]["zh"], overdue["n"], len(overdue["rows"])) == ("已超期", 1, 1)
    assert sheet["to_judge"] == 0
    done = {one["label"]["zh"]: one["n"] for one in sheet["done"]}
    assert done["本班新增案卷"] == 1
    dispatcher = (
        someone("paiqian").get(f"/handovers/{sheets(someone('paiqian'), 'dispatcher')[0]['id']}").json()
    )
    assert (dispatcher["open"], dispatcher["to_judge"]) == ([], None)


def test_what_waits_for_an_answer_is_on_the_sheet(someone: Someone, town: Town) -> None:
    case = report(someone("jiandu"), source="collector")["id"]
    assert do(someone("zhiban"), case, "file").status_code == 200
    answer = do(someone("lingdao"), case, "supervise", answers={"note": "尽快办理"})
    assert answer.status_code == 200, answer.text
    town.clock.move_to(town.clock.city_time() + 2 * HOUR)
    desk_of(town).tick()
    sheet = someone("paiqian").get(f"/handovers/{sheets(someone('paiqian'), 'dispatcher')[0]['id']}").json()
    waiting = [one for one in sheet["lists"] if "督办" in one["label"]["zh"]]
    assert [(one["n"], one["rows"][0]["id"]) for one in waiting] == [(1, case)]


def second_receptionist(town: Town) -> None:
    """The leader works at the desk of 受理 too."""
    from msgspec.structs import replace

    from hutong.kernel.changes import Changes, Record
    from hutong.kernel.party import Role

    leader = next(id for id, held in town.directory.held.items() if held[0].role == "leader")
    with town.store.reader() as reader:
        account = reader.find(Account, equals("id", leader)).rows[0]
    row = replace(town.directory.held[leader][0], id=town.store.new_ids(1)[0], version=0, role="receptionist")
    assert isinstance(row, Role)
    record = Record(kind="role.give", actor=0, at=0, subjects=(("role", row.id), ("account", account.id)))
    town.store.apply(Changes(puts=(row,), records=(record,)))
    town.reread()


def test_notes_signing_taking_over_and_the_lock(someone: Someone, town: Town) -> None:
    second_receptionist(town)
    id = at_change(someone, town)["id"]
    person = someone("shouli")
    assert person.post(f"/handovers/{id}/take", json={}).status_code == 422
    noted = person.send("PUT", f"/handovers/{id}/notes", json={"notes": "请催办南京西路"})
    assert noted.status_code == 200, noted.text
    stale = person.post(f"/handovers/{id}/sign", {"If-Match": '"1"'}, json={})
    assert stale.status_code in (409, 412)
    signed = person.post(f"/handovers/{id}/sign", {"If-Match": noted.headers["etag"]}, json={}).json()
    assert (signed["row"]["state"], signed["row"]["given_by"]["name"]["zh"]) == ("signed", "沈受理")
    assert person.send("PUT", f"/handovers/{id}/notes", json={"notes": "x"}).status_code == 422
    assert person.post(f"/handovers/{id}/take", json={}).status_code == 422
    taken = someone("lingdao").post(f"/handovers/{id}/take", json={"remark": "收到"}).json()
    assert (taken["row"]["state"], taken["remark"], taken["may"]) == ("taken", "收到", [])
    assert taken["notes"] == "请催办南京西路"
    assert someone("lingdao").post(f"/handovers/{id}/take", json={}).status_code == 422


def test_a_desk_whose_people_may_not_read_sheets_has_none(town: Town) -> None:
    desks = desk_of(town).desks
    assert "receptionist" in desks
    for name in desks:
        assert {"*", "handover"} & {*town.rulebook.roles[name].may["read"]}


def test_only_people_of_the_desk_hand_it_over(someone: Someone, town: Town) -> None:
    id = at_change(someone, town)["id"]
    assert someone("paiqian").post(f"/handovers/{id}/sign", json={}).status_code == 403
    assert someone("paishui").get("/handovers").status_code == 403
    assert someone("paiqian").get(f"/handovers/{id}").json()["may"] == []


def test_somebody_hands_over_before_the_shift_ends(someone: Someone, town: Town) -> None:
    report(someone("shouli"))
    person = someone("shouli")
    made = person.post("/handovers", {"Idempotency-Key": "a"}, json={"desk": "receptionist"})
    again = person.post("/handovers", {"Idempotency-Key": "a"}, json={"desk": "receptionist"})
    assert (made.status_code, made.json()["id"]) == (201, again.json()["id"])
    assert made.json()["row"]["until"] == "2026-07-18T11:00:00Z"
    assert person.post("/handovers", json={"desk": "handler"}).status_code == 422


def test_after_a_stop_the_last_shift_is_drafted_once_and_says_so(someone: Someone, town: Town) -> None:
    report(someone("shouli"))
    town.clock.move_to(town.clock.city_time() + 2 * DAY + 3 * HOUR)
    desk_of(town).tick()
    assert desk_of(town).tick() == 0
    (row,) = sheets(someone("shouli"), "receptionist")
    assert row["until"] == "2026-07-20T12:30:00Z"
    assert someone("shouli").get(f"/handovers/{row['id']}").json()["late"] is True
