"""A role held within a place: lists, single rows, map and events show what lies there, and nothing else exists."""

from __future__ import annotations

import time

import pytest
import shapely
from msgspec.structs import replace
from tests.api.conftest import Someone
from tests.api.feed import minutes
from tests.api.people import attach, do, report
from tests.api.town import Town

from hutong.kernel.base import Label
from hutong.kernel.changes import Changes, Record
from hutong.kernel.party import Receipt, Role
from hutong.kernel.query import equals
from hutong.kernel.thing import Thing

HERE, THERE = [121.405, 31.205], [121.415, 31.215]


@pytest.fixture
def local(town: Town, someone: Someone) -> None:
    """李派遣 dispatches in the first grid only."""
    account = someone("paiqian").session["account"]["id"]
    grid = town.directory.place_codes["310101001001001"]
    with town.store.reader() as reader:
        (role,) = reader.find(Role, equals("account", account)).rows
    record = Record(kind="role.narrow", actor=0, at=town.clock.city, subjects=(("role", role.id),))
    town.store.apply(Changes(puts=(replace(role, place=grid),), records=(record,)))
    town.reread()


def test_cases_elsewhere_do_not_exist(local: None, someone: Someone) -> None:
    desk, dispatcher = someone("shouli"), someone("paiqian")
    here, there = report(desk, position=HERE)["id"], report(desk, position=THERE)["id"]
    photo = attach(someone("jiandu"), there, "verify")
    assert [row["id"] for row in dispatcher.get("/cases").json()["rows"]] == [here]
    assert sum(one["n"] for one in dispatcher.get("/cases/counts").json()["states"]) == 1
    assert dispatcher.get(f"/cases/{here}").status_code == 200
    for answer in (
        dispatcher.get(f"/cases/{there}"),
        dispatcher.get(f"/cases/{there}/explanation"),
        do(dispatcher, there, "dispatch", answers={"organisation": 1}),
        dispatcher.post(f"/cases/{there}/take"),
        dispatcher.post(f"/cases/{there}/undo"),
        dispatcher.client.get(photo["url"]),
    ):
        assert answer.status_code == 404, answer.text
    assert dispatcher.get("/search?q=南京西路").json()["cases"][0]["id"] == here
    assert dispatcher.get("/cases/export.csv").text.count("\r\n") == 2


def test_things_and_warnings_elsewhere_do_not_exist(local: None, someone: Someone, town: Town) -> None:
    far = Thing(
        id=town.store.new_ids(1)[0],
        type="drainage.ponding_point",
        code="W9",
        name=Label("九号积水点"),
        place=town.directory.place_codes["310101001001004"],
        geometry=shapely.to_wkb(shapely.Point(THERE)),
    )
    record = Record(kind="thing.create", actor=0, at=town.clock.city, subjects=(("thing", far.id),))
    town.store.apply(Changes(puts=(far,), records=(record,)))
    minutes(town, "W1", "ponding", [0.2, 0.2, 0.2])
    dispatcher = someone("paiqian")
    codes = {row["code"] for row in dispatcher.get("/things?type=drainage.ponding_point").json()["rows"]}
    assert codes == {"W1", "W2", "W3"}
    assert dispatcher.get(f"/things/{far.id}").status_code == 404
    assert far.id not in dispatcher.get("/layers/drainage.ponding/live").json()["id"]
    assert "九号积水点".encode() not in dispatcher.get("/tiles/drainage.ponding/0/0/0.mvt").content
    assert len(dispatcher.get("/warnings").json()["rows"]) == 1
    assert far.id in someone("shouli").get("/layers/drainage.ponding/live").json()["id"]


def test_personal_properties_of_things_are_masked(someone: Someone, town: Town) -> None:
    home = Thing(
        id=town.store.new_ids(1)[0],
        type="base.household",
        code="H1",
        name=Label("某户"),
        place=town.directory.place_codes["310101001001001"],
        properties={"address": "南京西路 1 号 101 室"},
    )
    record = Record(kind="thing.create", actor=0, at=town.clock.city, subjects=(("thing", home.id),))
    town.store.apply(Changes(puts=(home,), records=(record,)))
    assert someone("paiqian").get(f"/things/{home.id}").json()["properties"] == {"address": "***"}
    with town.store.reader() as reader:
        assert reader.count(Receipt) == 0
    assert someone("zhiban").get(f"/things/{home.id}").json()["properties"]["address"].startswith("南京西路")
    with town.store.reader() as reader:
        (kept,) = reader.find(Receipt).rows
    assert (kept.fields, kept.purpose) == (("address",), f"thing/{home.id}")


def test_events_elsewhere_are_not_told(local: None, someone: Someone, town: Town) -> None:
    desk, dispatcher = someone("shouli"), someone("paiqian")
    report(desk, position=THERE)
    here = report(desk, position=HERE)["id"]

    def told() -> list[int]:
        rows = dispatcher.get("/events/recent").json()["rows"]
        return [row["subject"]["id"] for row in rows]

    deadline = time.monotonic() + 5
    while not told() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert told() == [here]
    assert len(desk.get("/events/recent").json()["rows"]) == 2
