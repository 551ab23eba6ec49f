"""Rules, their figures, and the rows behind each number."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Someone
from tests.api.feed import minutes
from tests.api.town import Town

FLOOD = [0.02, 0.2, 0.21, 0.22, 0.23]


def raised(town: Town, someone: Someone) -> list[int]:
    for code in ("W1", "W2"):
        minutes(town, code, "ponding", FLOOD)
    return [row["id"] for row in someone("shouli").get("/warnings?rule=drainage.flooding").json()["rows"]]


def figure(answer: dict[str, Any], rule: str = "drainage.flooding") -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in answer["rows"] if row["rule"] == rule)
    return found


def test_a_rule_tells_its_version_and_thresholds(someone: Someone) -> None:
    rows = {row["name"]: row for row in someone("shouli").get("/rules").json()["rows"]}
    rule = rows["drainage.flooding"]
    assert rule["label"]["zh"] == "路面积水"
    assert (rule["pack"], rule["type"], rule["unit"]) == ("drainage", "drainage.ponding_point", "m")
    (version,) = rule["versions"]
    assert len(version["digest"]) == 64
    assert version["holds"] is True
    assert version["source"]
    when, clear = version["thresholds"]
    assert (when["part"], when["word"], when["of"], when["name"]) == (
        "when",
        "above",
        "parameter",
        "drainage.passable_depth",
    )
    assert when["value"] > clear["value"] > 0
    crown = rows["drainage.surcharge"]["versions"][0]["thresholds"][0]
    assert (crown["of"], crown["name"], crown["plus"], crown["value"]) == ("thing", "crown", 0.5, None)
    one = someone("shouli").get("/rules/drainage.flooding").json()
    assert one == rule
    assert someone("shouli").get("/rules/drainage.nothing").status_code == 404


def test_figures_follow_what_people_judge(someone: Someone, town: Town) -> None:
    first, second = raised(town, someone)
    desk = someone("shouli")
    before = figure(desk.get("/rules/figures").json())
    assert (before["total"]["raised"], before["total"]["waiting"], before["total"]["rate"]) == (2, 2, None)
    desk.post(f"/warnings/{first}/judge", json={"verdict": "false_alarm", "reason": "探头被遮挡"})
    desk.post(f"/warnings/{second}/judge", json={"verdict": "confirmed"})
    answer = desk.get("/rules/figures?step=hour").json()
    after = figure(answer)
    assert (after["total"]["judged"], after["total"]["rate"]) == (2, 0.5)
    assert 0 < after["total"]["low"] < 0.5 < after["total"]["high"] < 1
    assert sum(after["raised"]) == 2
    assert sum(after["false_alarm"]) == 1
    assert len(after["raised"]) == len(answer["starts"])
    assert after["target"] == 10
    (indicator,) = [one for one in answer["indicators"] if one["name"] == "drainage.false_alarm_rate"]
    assert (indicator["value"], indicator["unit"], indicator["target"]) == (50, "%", 10)
    assert answer["definition"]["zh"].startswith("误报率")


def test_the_rows_behind_a_figure(someone: Someone, town: Town) -> None:
    first, second = raised(town, someone)
    desk = someone("shouli")
    desk.post(f"/warnings/{first}/judge", json={"verdict": "false_alarm", "reason": "探头被遮挡"})
    path = figure(desk.get("/rules/figures").json())["rows"].removeprefix("/api/v1")
    assert {row["id"] for row in desk.get(path).json()["rows"]} == {first, second}
    assert [row["id"] for row in desk.get(f"{path}&state=false_alarm").json()["rows"]] == [first]
    assert desk.get("/rules/drainage.flooding/warnings?until=2020-01-01T00:00:00Z").json()["rows"] == []
    places = desk.get("/rules/drainage.flooding/places").json()
    assert places["complete"] is True
    assert sum(one["figure"]["raised"] for one in places["rows"]) == 2
    assert places["rows"][0]["figure"]["false_alarm"] == 1


def test_who_sees_a_part_of_the_city_gets_figures_of_it(someone: Someone, town: Town) -> None:
    raised(town, someone)
    seen = len(someone("paishui").get("/warnings?rule=drainage.flooding").json()["rows"])
    answer = someone("paishui").get("/rules/figures").json()
    assert figure(answer)["total"]["raised"] == seen
    assert answer["complete"] is True


def test_periods_that_make_no_sense(someone: Someone) -> None:
    desk = someone("shouli")
    assert desk.get("/rules/figures?since=2030-01-01T00:00:00Z&until=2020-01-01T00:00:00Z").status_code == 400
    assert desk.get("/rules/figures?since=2000-01-01T00:00:00Z&step=hour").json()["field"] == "step"
    assert desk.get("/rules/figures?step=month").status_code == 400


def test_nobody_reads_rules_without_signing_in(nobody: Any) -> None:
    for path in ("/rules", "/rules/figures", "/rules/drainage.flooding/warnings"):
        assert nobody.get(f"/api/v1{path}").status_code == 401
