"""The 权责清单: shown, what a table would change, taken in, and what it was before."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Person, Someone
from tests.api.people import report
from tests.api.town import Town

from hutong.kernel.base import DAY

LIST = "kind,code,place,organisation,basis\nmatter,06,*,roads,第一条\nmatter,06010,310101001001001,drainage,第二条\n"


def take_in(person: Person, text: str, **more: Any) -> dict[str, Any]:
    answer = person.post("/responsibilities/import", json={"text": text, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_preview_writes_nothing_and_names_every_refused_line(someone: Someone) -> None:
    lines = (
        "matter,99,*,roads",
        "matter,07,*,nobody",
        "matter,07,999,roads",
        "matter,06,*,roads",
        ",07,*,roads",
    )
    bad = LIST + "".join(f"{line},x\n" for line in (*lines, "matter,07,*,command"))
    found = take_in(someone("xitong"), bad)
    assert found["counts"] == {"new": 2, "refused": 6}
    refused = {
        one["line"]: (one["field"], one["remedy"]) for one in found["rows"] if one["change"] == "refused"
    }
    assert {line: field for line, (field, _) in refused.items()} == {
        4: "code", 5: "organisation", 6: "place", 7: "line", 8: "kind", 9: "organisation",
    }  # fmt: skip
    assert all(remedy for _, remedy in refused.values())
    rows = someone("xitong").get("/responsibilities").json()
    assert (rows["total"], rows["stored"]) == (0, False)


def test_a_list_is_taken_in_and_routes_cases(someone: Someone, town: Town) -> None:
    found = take_in(someone("xitong"), LIST, apply=True)
    assert (found["counts"], found["applied"]) == ({"new": 2}, True)
    rows = (
        someone("xitong").get("/responsibilities", params={"kind": "matter", "code": "06010"}).json()["rows"]
    )
    assert [(one["code"], one["organisation"]["label"]["zh"]) for one in rows] == [
        ("06", "道路所"),
        ("06010", "排水所"),
    ]
    assert rows[1]["place_name"]["zh"] == "一网格"
    case = report(someone("shouli"))["id"]
    with town.store.reader() as reader:
        from hutong.kernel.case import Case

        responsible = town.cases.setting(reader).responsible(reader.get(Case, case))
    assert responsible is not None
    assert responsible[0] == town.directory.organisation("drainage")
    again = take_in(someone("xitong"), LIST, apply=True)
    assert again["counts"] == {"same": 2}


def test_what_changes_ends_the_row_before_and_its_history_stays(someone: Someone, town: Town) -> None:
    take_in(someone("xitong"), LIST, apply=True)
    town.clock.move_to(town.clock.city_time() + DAY)
    found = take_in(
        someone("xitong"), LIST.splitlines()[0] + "\nmatter,06,*,drainage,第一条\n", apply=True, whole=True
    )
    assert found["counts"] == {"changed": 1, "ended": 1}
    (row,) = someone("xitong").get("/responsibilities").json()["rows"]
    assert row["organisation"]["label"]["zh"] == "排水所"
    history = someone("xitong").get(f"/responsibilities/{row['id']}/history").json()["rows"]
    assert [one["organisation"]["label"]["zh"] for one in history] == ["排水所", "道路所"]
    assert history[1]["until"] == row["since"]
    assert someone("xitong").get("/responsibilities", params={"past": "true"}).json()["total"] == 3


def test_chinese_heads_and_a_missing_column(someone: Someone) -> None:
    found = take_in(someone("xitong"), "类型,类别代码,处置部门\nmatter,06010,roads\n")
    assert [(one["change"], one["place"]) for one in found["rows"]] == [("new", "*")]
    answer = someone("xitong").post("/responsibilities/import", json={"text": "kind,code\nmatter,06\n"})
    assert answer.status_code == 400
    assert "organisation" in answer.json()["reason"]


def test_what_is_exported_can_be_taken_in(someone: Someone) -> None:
    take_in(someone("xitong"), LIST, apply=True)
    text = someone("xitong").get("/responsibilities/export.csv").content.decode("utf-8-sig")
    assert take_in(someone("xitong"), text, whole=True)["counts"] == {"same": 2}


def test_only_those_who_manage_it_take_a_list_in(someone: Someone) -> None:
    assert someone("shouli").post("/responsibilities/import", json={"text": LIST}).status_code == 403
    assert someone("shouli").get("/responsibilities").status_code == 200


def test_a_list_is_searched(someone: Someone) -> None:
    take_in(someone("xitong"), LIST, apply=True)
    for q, n in (("第二条", 1), ("道路", 1), ("一网格", 1), ("nothing", 0)):
        assert someone("xitong").get("/responsibilities", params={"q": q}).json()["total"] == n
