"""Evaluation: counts and scores of people, units and areas, and the very cases behind each number."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Person, Someone
from tests.api.people import attach, do, report
from tests.api.town import Town

from hutong.kernel.base import DAY, HOUR, MINUTE


def step(person: Person, case: int, action: str, **answers: Any) -> None:
    answer = do(person, case, action, answers=answers)
    assert answer.status_code in (200, 201), answer.text


def with_photos(
    person: Person, case: int, action: str, stage: str, roles: tuple[str, ...], **answers: Any
) -> None:
    files = [attach(person, case, stage, role)["id"] for role in roles]
    answer = do(person, case, action, files=files, answers=answers)
    assert answer.status_code in (200, 201), answer.text


def handled(someone: Someone, town: Town, wait: int = MINUTE) -> int:
    """A case reported by the collector and closed by the duty chief; the unit takes `wait`."""
    case = report(someone("jiandu"), source="collector")["id"]
    step(someone("zhiban"), case, "file")
    unit = town.directory.organisation("drainage")
    step(someone("paiqian"), case, "dispatch", organisation=unit)
    town.clock.move_to(town.clock.city_time() + wait)
    with_photos(someone("paishui"), case, "feed_back", "handle", ("near", "far"), result="已清理")
    # The collector who reported it may check it: he neither dispatched nor handled it.
    with_photos(someone("jiandu"), case, "check_pass", "check", ("near",))
    step(someone("zhiban"), case, "close")
    return int(case)


def sheet(person: Person, key: str, **more: Any) -> dict[str, Any]:
    answer = person.get(f"/evaluation/{key}", params=more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def row(person: Person, key: str, name: str, **more: Any) -> dict[str, Any]:
    rows = sheet(person, key, **more)["rows"]
    found: dict[str, Any] = next(one for one in rows if one["name"]["zh"] == name)
    return found


def test_sheets_tell_their_definitions_and_what_is_to_be_confirmed(someone: Someone) -> None:
    answer = someone("lingdao").get("/evaluation").json()
    keys = {one["key"] for one in answer["sheets"]}
    assert {"urban.collector", "urban.dispatcher", "urban.organisation", "urban.area"} <= keys
    units = next(one for one in answer["sheets"] if one["key"] == "urban.organisation")
    rates = {one["name"]: one for one in units["indicators"]}
    assert rates["urban.disposal_rate"]["definition"]["zh"] == "处置数 ÷ 应处置数"
    assert rates["urban.department_score"]["confirmed"] is False
    weights = {one["name"]: one for one in rates["urban.department_score"]["settings"]}
    assert weights["urban.department_in_time"]["value"] == 0.4
    assert (answer["first"], answer["last"]) == ("2026-07-01", "2026-07-18")


def test_a_closed_case_counts_for_everybody_who_worked_on_it(someone: Someone, town: Town) -> None:
    case = handled(someone, town)
    leader = someone("lingdao")
    unit = row(leader, "urban.organisation", "排水所")
    assert unit["counts"]["urban.to_dispose"] == 1
    assert unit["figures"]["urban.disposal_in_time_rate"]["value"] == 100
    assert unit["figures"]["urban.department_score"] == {
        "value": 100.0,
        "grade": "A",
        "parts": unit["figures"]["urban.department_score"]["parts"],
    }
    idle = row(leader, "urban.organisation", "道路所")
    assert idle["figures"]["urban.disposal_rate"]["value"] is None
    assert idle["figures"]["urban.department_score"] == {
        **idle["figures"]["urban.department_score"],
        "value": None,
        "grade": "",
    }
    collector = row(leader, "urban.collector", "孙监督")
    assert collector["counts"]["urban.report"] == collector["counts"]["urban.check_in_time"] == 1
    assert collector["figures"]["urban.collector_score"]["value"] == 100
    assert row(leader, "urban.dispatcher", "李派遣")["counts"]["urban.dispatch_in_time"] == 1
    assert row(leader, "urban.duty_chief", "钱值班")["counts"]["urban.close_in_time"] == 1
    area = row(leader, "urban.area", "全区")
    assert area["figures"]["urban.closing_rate"]["value"] == 100
    behind = leader.get(
        f"/evaluation/urban.organisation/{unit['id']}/cases", params={"count": "urban.dispose_in_time"}
    ).json()
    assert [one["id"] for one in behind["rows"]] == [case]
    assert (behind["total"], behind["after"]) == (1, None)


def test_figures_follow_the_cases_at_once(someone: Someone, town: Town) -> None:
    assert row(someone("lingdao"), "urban.organisation", "排水所")["counts"]["urban.dispose"] == 0
    handled(someone, town)
    assert row(someone("lingdao"), "urban.organisation", "排水所")["counts"]["urban.dispose"] == 1
    handled(someone, town, wait=5 * DAY)
    late = row(someone("lingdao"), "urban.organisation", "排水所")
    assert (late["counts"]["urban.dispose"], late["counts"]["urban.dispose_late"]) == (2, 1)
    assert late["figures"]["urban.disposal_in_time_rate"]["value"] == 50


def test_a_period_is_of_business_days_of_the_city(someone: Someone, town: Town) -> None:
    town.clock.move_to(town.clock.city_time() + 4 * HOUR + 59 * MINUTE)  # 23:59 in Shanghai, 15:59 UTC
    report(someone("jiandu"), source="collector")
    town.clock.move_to(town.clock.city_time() + 2 * MINUTE)
    report(someone("jiandu"), source="collector")

    def reported(first: str, last: str) -> float:
        found = row(someone("lingdao"), "urban.collector", "孙监督", **{"from": first, "to": last})
        return float(found["counts"]["urban.report"])

    assert reported("2026-07-18", "2026-07-18") == 1
    assert reported("2026-07-19", "2026-07-19") == 1
    assert reported("2026-07-18", "2026-07-19") == 2
    assert reported("2026-06-01", "2026-06-30") == 0
    answer = someone("lingdao").get(
        "/evaluation/urban.collector", params={"from": "2026-07-19", "to": "2026-07-18"}
    )
    assert (answer.status_code, answer.json()["field"]) == (400, "to")


def test_people_see_their_own_score_and_those_who_evaluate_all(someone: Someone, town: Town) -> None:
    handled(someone, town)
    own = sheet(someone("jiandu"), "urban.collector")
    assert own["only_own"] is True
    assert [one["name"]["zh"] for one in own["rows"]] == ["孙监督"]
    assert sheet(someone("jiandu"), "urban.dispatcher")["rows"] == []
    other = town.directory.held
    dispatcher = next(id for id, roles in other.items() if roles[0].role == "dispatcher")
    answer = someone("jiandu").get(
        f"/evaluation/urban.dispatcher/{dispatcher}/cases", params={"count": "urban.dispatch"}
    )
    assert answer.status_code == 404


def test_a_unit_sees_its_own_figures_only(someone: Someone, town: Town) -> None:
    handled(someone, town)
    assert [one["name"]["zh"] for one in sheet(someone("paishui"), "urban.organisation")["rows"]] == [
        "排水所"
    ]
    (roads,) = sheet(someone("daolu"), "urban.organisation")["rows"]
    assert (roads["name"]["zh"], roads["counts"]["urban.to_dispose"]) == ("道路所", 0)


def test_rows_are_ordered_by_name_and_ranked_only_when_asked(someone: Someone, town: Town) -> None:
    handled(someone, town)
    leader = someone("lingdao")
    names = [one["name"]["zh"] for one in sheet(leader, "urban.organisation")["rows"]]
    assert names == sorted(names)
    ranked = sheet(leader, "urban.organisation", sort="-urban.disposal_rate")["rows"]
    assert [one["figures"]["urban.disposal_rate"]["value"] for one in ranked] == [100, None]
    assert leader.get("/evaluation/urban.organisation", params={"sort": "best"}).status_code == 400


def test_a_sheet_is_exported(someone: Someone, town: Town) -> None:
    handled(someone, town)
    answer = someone("lingdao").get("/evaluation/urban.organisation/export.csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("名称,所属,")
    assert any(line.startswith("排水所,区政府,1,") for line in lines)


def test_unknown_sheets_rows_and_counts(someone: Someone) -> None:
    leader = someone("lingdao")
    assert leader.get("/evaluation/urban.nothing").status_code == 404
    assert (
        leader.get("/evaluation/urban.organisation/1/cases", params={"count": "urban.dispose"}).status_code
        == 404
    )
    assert leader.get("/evaluation/urban.organisation", params={"place": 999}).status_code == 404
