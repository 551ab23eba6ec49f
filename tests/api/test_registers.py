"""One visit fills every register; people's homes are seen only by those of the same grid, and never without a receipt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from msgspec.structs import replace
from tests.api.conftest import Person, Serving
from tests.api.town import PACKS, Town, open_town, seed, tiny_city
from tests.conftest import Databases

from hutong.engine.flow.registers import RegisterDesk
from hutong.engine.flow.rounds import Rounds
from hutong.kernel.base import DAY, Label
from hutong.kernel.case import Case
from hutong.kernel.definition.pack import AccountEntry, OrganisationEntry
from hutong.kernel.party import Party, Receipt
from hutong.kernel.query import equals
from hutong.kernel.register import RegisterEntry

GRID, OTHER = "310101001001001", "310101001001002"
HERE, THERE = [121.405, 31.205], [121.405, 31.215]
HOME = {"address": "演示里1号101室", "dwelling_use": "own"}
OLD = {
    "full_name": "沈桂兰", "relation": "head", "residence": "registered", "born": "1944-05-06",
    "lives_alone": True, "phone": "021-00001111",
}  # fmt: skip

Enter = Any


@pytest.fixture(params=["sqlite", "postgresql"])
def grid(request: pytest.FixtureRequest, tmp_path: Path, serving: Serving) -> Iterator[tuple[Town, Enter]]:
    """The tiny city with the community pack, two grid workers of a grid each, and an officer of the whole."""
    city, functions = tiny_city((*PACKS, "community"))
    people = [("he", "grid_worker", GRID), ("shi", "grid_worker", OTHER), ("lu", "community_officer", None)]
    units = (
        OrganisationEntry(
            code="grids", label=Label("网格员", "grids"), side="supervision", parent="district"
        ),
        OrganisationEntry(code="office", label=Label("社区", "office"), side="command", parent="district"),
    )
    accounts = tuple(
        AccountEntry(
            login=login,
            name=login,
            organisation="office" if place is None else "grids",
            roles=(role,),
            place=place,
        )
        for login, role, place in people
    )
    city = replace(city, organisations=(*city.organisations, *units), accounts=(*city.accounts, *accounts))
    if request.param == "sqlite":
        seed(tmp_path / "city", city)
        town = open_town(tmp_path / "city", city, functions)
        yield from _entered(town, serving)
    else:
        databases: Databases = request.getfixturevalue("postgres_databases")
        with databases() as place:
            seed(tmp_path / "city", city, place=place)
            yield from _entered(open_town(tmp_path / "city", city, functions, place), serving)


def _entered(town: Town, serving: Serving) -> Iterator[tuple[Town, Enter]]:
    app = serving(town.context)
    with TestClient(app) as first:

        def enter(login: str) -> Person:
            client: TestClient[Any] = TestClient(app)
            client.blocking_portal = first.blocking_portal
            return Person(client, login)

        yield town, enter
    town.close()


def settle(worker: Person, code: str = "A-101", at: list[float] | None = None, **more: Any) -> dict[str, Any]:
    told = {"code": code, "position": at or HERE, "values": HOME, "members": [{"values": OLD}], **more}
    answer = worker.post("/households", json=told)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def registers_of(saved: dict[str, Any]) -> set[str]:
    return {one["name"].partition(".")[2] for one in saved["filled"]}


def test_entered_once_it_fills_every_register(grid: tuple[Town, Enter]) -> None:
    _, enter = grid
    worker = enter("he")
    saved = settle(worker)
    assert registers_of(saved) == {"addresses", "dwellings", "population", "living_alone"}
    page = worker.get(f"/households/{saved['id']}").json()
    assert page["people"][0]["values"]["phone"] == "021-00001111"
    party = page["people"][0]["party"]
    told = {
        "values": {"dwelling_use": "let", "tenants": 1},
        "members": [{"party": party, "values": {"phone": "021-00002222"}}],
    }
    again = worker.post(f"/households/{saved['id']}/visits", json=told).json()
    assert registers_of(again) == {"dwellings", "let_dwellings", "population", "living_alone"}
    row = worker.get("/registers/community.living_alone/entries").json()["rows"][0]
    assert row["values"]["phone"] == "021-00002222"
    assert row["values"]["full_name"] == "沈桂兰"
    moved = worker.post(
        f"/households/{saved['id']}/visits",
        json={"members": [{"party": party, "values": {"lives_alone": False}}]},
    ).json()
    assert registers_of(moved) == {"living_alone"}
    assert worker.get("/registers/community.living_alone/entries").json()["rows"] == []
    assert len(worker.get(f"/households/{saved['id']}").json()["visits"]) == 3


def test_a_visit_sent_twice_is_one(grid: tuple[Town, Enter]) -> None:
    _, enter = grid
    worker = enter("he")
    home = settle(worker)["id"]
    key = {"Idempotency-Key": "visit-1"}
    device = {"done_at": "2026-07-18T10:00:00Z", "position": HERE, "accuracy": 8}
    told = {"values": {"structure": "mixed"}, "device": device}
    first = worker.post(f"/households/{home}/visits", headers=key, json=told).json()
    second = worker.post(f"/households/{home}/visits", headers=key, json=told).json()
    assert first["visit"] == second["visit"]
    visits = worker.get(f"/households/{home}").json()["visits"]
    assert len(visits) == 2
    assert visits[0]["device"]["done_at"] == "2026-07-18T10:00:00Z"
    assert visits[0]["at"] != visits[0]["device"]["done_at"]


def test_a_grid_worker_sees_his_own_grid_only(grid: tuple[Town, Enter]) -> None:
    _, enter = grid
    mine, other, officer = enter("he"), enter("shi"), enter("lu")
    here = settle(mine)["id"]
    there = settle(other, "B-101", THERE)["id"]
    assert [one["id"] for one in mine.get("/households").json()["rows"]] == [here]
    assert [one["id"] for one in other.get("/households").json()["rows"]] == [there]
    assert len(officer.get("/households").json()["rows"]) == 2
    assert mine.get(f"/households/{there}").status_code == 404
    assert mine.post(f"/households/{there}/visits", json={"values": {}}).status_code == 404
    assert mine.get("/households", params={"q": "沈桂兰"}).json()["rows"][0]["id"] == here
    assert (
        len(mine.get("/registers/community.population/entries", params={"q": "沈桂兰"}).json()["rows"]) == 1
    )
    assert mine.post("/households", json={"code": "C", "position": THERE, "values": HOME}).status_code == 403
    for login in ("shouli", "xitong", "jiandu"):
        assert enter(login).get("/households").status_code == 403


def test_reading_leaves_a_receipt_and_personal_values_are_ciphertext(grid: tuple[Town, Enter]) -> None:
    town, enter = grid
    worker = enter("he")
    home = settle(worker)["id"]
    worker.get(f"/households/{home}")
    with town.store.reader() as reader:
        receipts = reader.find(Receipt).rows
        party = next(
            one
            for one in reader.find(Party, equals("kind", "person"), limit=500).rows
            if one.person_name == "沈桂兰"
        )
        entries = reader.find(RegisterEntry, equals("household", home)).rows
        journal = b"".join(repr(one).encode() for one in reader.journal(limit=5000))
    mine = [one for one in receipts if party.id in one.subjects]
    assert mine
    assert {"full_name", "phone", "born"} <= set(mine[-1].fields)
    assert "沈桂兰".encode() not in journal
    assert b"1944-05-06" not in journal
    assert all(not {"born", "lives_alone"} & set(one.values) for one in entries)
    database = town.store.database
    with database.read() as tx:
        stored = repr(tx.rows("SELECT * FROM register_entry"))
    assert "1944-05-06" not in stored


def test_what_is_wrong_is_named_and_nothing_is_half_done(grid: tuple[Town, Enter]) -> None:
    _, enter = grid
    worker = enter("he")
    home = settle(worker)["id"]
    wrong = [
        ({"values": {"tenants": "many"}}, "values.tenants"),
        ({"values": {"nonsense": 1}}, "values.nonsense"),
        ({"values": {"dwelling_use": ""}}, "values.dwelling_use"),
        ({"members": [{"values": {"full_name": "无关系"}}]}, "members.0.relation"),
        (
            {"members": [{"values": {**OLD, "citizen_number": "310101194405060014"}}]},
            "members.0.citizen_number",
        ),
        ({"members": [{"party": 1, "values": {}}]}, "members.0.party"),
    ]
    for told, field in wrong:
        answer = worker.post(f"/households/{home}/visits", json={**told, "note": "x"})
        assert answer.status_code == 400, answer.text
        assert answer.json()["field"] == field
    assert len(worker.get(f"/households/{home}").json()["visits"]) == 1


def test_the_citizen_number_tells_birth_and_sex(grid: tuple[Town, Enter]) -> None:
    _, enter = grid
    worker = enter("he")
    number = "11010519491231002X"
    person = {"full_name": "钱立新", "relation": "other", "residence": "floating", "citizen_number": number}
    home = settle(worker, members=[{"values": person}])["id"]
    values = worker.get(f"/households/{home}").json()["people"][0]["values"]
    assert (values["born"], values["sex"]) == ("1949-12-31", "female")
    clash = {**person, "born": "1950-01-01"}
    answer = worker.post(
        "/households", json={"code": "A-2", "position": HERE, "values": HOME, "members": [{"values": clash}]}
    )
    assert answer.json()["field"] == "members.0.born"
    second = settle(worker, "A-3", members=[{"values": person}])["id"]
    first_party = worker.get(f"/households/{home}").json()["people"][0]["party"]
    assert worker.get(f"/households/{second}").json()["people"][0]["party"] == first_party


def test_an_entry_keeps_its_history(grid: tuple[Town, Enter]) -> None:
    _, enter = grid
    worker = enter("he")
    home = settle(worker)["id"]
    worker.post(f"/households/{home}/visits", json={"values": {"structure": "brick"}})
    row = worker.get("/registers/community.dwellings/entries").json()["rows"][0]
    page = worker.get(f"/registers/community.dwellings/entries/{row['id']}").json()
    assert [one["values"].get("structure") for one in page["versions"]] == [None, "brick"]
    assert worker.get(f"/registers/community.units/entries/{row['id']}").status_code == 404


def test_export_wants_a_purpose_and_import_shows_first(grid: tuple[Town, Enter]) -> None:
    town, enter = grid
    worker, officer = enter("he"), enter("lu")
    home = settle(worker)["id"]
    path = "/registers/community.population/export.csv"
    assert worker.get(path, params={"purpose": "检查"}).status_code == 403
    assert officer.get(path).json()["field"] == "purpose"
    text = officer.get(path, params={"purpose": "年度核对"}).text
    assert "沈桂兰" in text
    assert text.splitlines()[0].endswith("工作单位或就读学校")
    with town.store.reader() as reader:
        assert any("年度核对" in one.purpose for one in reader.find(Receipt).rows)
    table = "code,房屋用途,place,产权人\nA-101,出租,,吴建国\nA-102,自住,310101001001001,\nA-103,自住,,\n"
    shown = officer.post("/registers/community.dwellings/import", json={"csv": table}).json()
    assert [one["state"] for one in shown["rows"]] == ["changed", "wrong", "wrong"]
    assert not officer.post(
        "/registers/community.dwellings/import", json={"csv": table, "preview": False}
    ).json()["saved"]
    right = "code,房屋用途,place,标准地址,产权人\nA-101,出租,,,吴建国\nA-102,自住,310101001001001,演示里1号102室,\n"
    saved = officer.post(
        "/registers/community.dwellings/import", json={"csv": right, "preview": False}
    ).json()
    assert saved["saved"]
    assert [one["state"] for one in saved["rows"]] == ["changed", "new"]
    assert worker.get(f"/households/{home}").json()["values"]["owner_name"] == "吴建国"
    assert len(worker.get("/households").json()["rows"]) == 2


def test_whoever_was_not_seen_is_visited(grid: tuple[Town, Enter]) -> None:
    town, enter = grid
    worker = enter("he")
    home = settle(worker)["id"]
    rounds = Rounds(RegisterDesk(town.cases))
    assert rounds.tick() == 0
    town.clock.move_to(town.clock.city_time() + 8 * DAY)
    assert rounds.tick() == 1
    town.clock.move_to(town.clock.city_time() + DAY)
    assert rounds.tick() == 0
    worker = enter("he")
    answer = worker.get("/field")
    assert answer.status_code == 200, answer.text
    task = answer.json()["tasks"][0]
    assert task["household"] == home
    assert "沈" not in str(task["case"])
    assert enter("shi").get("/field").json()["tasks"] == []
    saved = worker.post(f"/households/{home}/visits", json={"values": {}, "note": "身体好"}).json()
    assert saved["ended"] == [task["case"]["id"]]
    with town.store.reader() as reader:
        assert reader.get(Case, task["case"]["id"]).state == "done"
