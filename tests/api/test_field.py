"""What the field page asks, and deeds that were done before they could be sent."""

from __future__ import annotations

from tests.api.conftest import Someone
from tests.api.town import Town

from hutong.api.field import metres
from hutong.kernel.clock import iso

HERE = [121.405, 31.205]
DEVICE = {"done_at": "2026-07-18T09:30:00Z", "position": HERE, "accuracy": 12}


def test_the_server_keeps_both_times(town: Town, someone: Someone) -> None:
    collector = someone("jiandu")
    body = {
        "category": {"kind": "matter", "code": "06010"},
        "source": "collector",
        "position": HERE,
        "device": DEVICE,
    }
    made = collector.post("/cases", json=body).json()
    assert made["facts"]["device"] == {"done_at": "2026-07-18T09:30:00Z", "position": HERE, "accuracy": 12.0}
    assert made["opened"] == iso(town.clock.city_time())
    assert made["timeline"][0]["facts"]["device"]["accuracy"] == 12.0
    assert all(clock["started"] == made["opened"] for clock in made["clocks"])


def test_an_act_tells_where_it_was_done(someone: Someone) -> None:
    collector, chief = someone("jiandu"), someone("zhiban")
    body = {"category": {"kind": "matter", "code": "06010"}, "source": "collector", "position": HERE}
    id = collector.post("/cases", json=body).json()["id"]
    done = chief.post(f"/cases/{id}/actions/file", json={"answers": {}, "device": DEVICE})
    assert done.status_code == 200, done.text
    entry = next(one for one in done.json()["timeline"] if one["action"] == "file")
    assert entry["facts"]["device"]["position"] == HERE
    wrong = chief.post(f"/cases/{id}/actions/close", json={"answers": {}, "device": {"done_at": "yesterday"}})
    assert wrong.json()["field"] == "device.done_at"


def test_near_me_lists_whose_turn_it_is_with_what_is_asked(someone: Someone) -> None:
    chief, collector = someone("zhiban"), someone("jiandu")
    for position in ([121.416, 31.216], HERE):
        body = {"category": {"kind": "matter", "code": "06010"}, "source": "public", "position": position}
        made = chief.post("/cases", json=body).json()
        accepted = someone("shouli").post(f"/cases/{made['id']}/actions/accept", json={"answers": {}})
        assert accepted.status_code == 200, accepted.text
    answer = collector.get("/field", params={"lon": HERE[0], "lat": HERE[1]}).json()
    assert [task["distance"] for task in answer["tasks"]] == sorted(
        task["distance"] for task in answer["tasks"]
    )
    assert answer["tasks"][0]["distance"] == 0
    verify = next(one for one in answer["tasks"][0]["offers"] if one["action"] == "verify_exists")
    assert verify["allowed"]
    assert [one["role"] for one in verify["proof"]["needs"]] == ["near", "far"]
    assert answer["source"] == "collector"
    assert len(answer["shortcuts"]) == 10
    assert not answer["visits"]
    assert someone("paishui").get("/field").json()["opens"] == []


def test_distance_is_that_of_the_sphere() -> None:
    assert metres((0.0, 0.0), (1.0, 0.0)) is not None
    assert abs((metres((0.0, 0.0), (1.0, 0.0)) or 0) - 111_195.1) < 0.5
    assert metres(None, (0.0, 0.0)) is None
