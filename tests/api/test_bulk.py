"""One action on many cases: each its own deed, each its own answer, the whole only once."""

from __future__ import annotations

from tests.api.conftest import Someone
from tests.api.people import do, report
from tests.api.town import Town

from hutong.kernel.case import Case
from hutong.kernel.query import In, field


def reported(someone: Someone, number: int) -> list[dict[str, object]]:
    return [report(someone("shouli")) for _ in range(number)]


def test_each_case_has_its_own_result(someone: Someone, town: Town) -> None:
    first, second, third = (page["id"] for page in reported(someone, 3))
    assert do(someone("shouli"), second, "accept").status_code == 200
    cases = [{"id": first, "version": 1}, {"id": second, "version": 1}, {"id": third}, {"id": 999999}]
    answer = someone("shouli").post("/cases/actions/accept", json={"cases": cases}).json()
    assert (answer["done"], answer["refused"]) == (2, 2)
    assert [one["id"] for one in answer["results"]] == [first, second, third, 999999]
    done, stale, free, none = answer["results"]
    assert (done["state"], done["version"], free["state_label"]["zh"]) == ("to_verify", 2, "待核实")
    assert (stale["problem"]["status"], stale["problem"]["facts"]["by"]) == (409, "沈受理")
    assert none["problem"]["status"] == 404
    with town.store.reader() as reader:
        deeds = [one.deeds[-1].action for one in reader.find(Case, In(field("id"), (first, third))).rows]
        records = [reader.journal(subject=("case", one))[-1].kind for one in (first, third)]
    assert deeds == ["accept", "accept"]
    assert records == ["case.accept", "case.accept"]


def test_the_refusal_of_one_is_the_refusal_it_would_have_had_alone(someone: Someone) -> None:
    case = report(someone("shouli"))["id"]
    alone = do(someone("paiqian"), case, "accept")
    (one,) = (
        someone("paiqian").post("/cases/actions/accept", json={"cases": [{"id": case}]}).json()["results"]
    )
    assert one["problem"] == alone.json()


def test_a_repeat_gives_the_first_answer(someone: Someone, town: Town) -> None:
    person = someone("shouli")
    cases = [{"id": page["id"]} for page in reported(someone, 2)]
    headers = {"Idempotency-Key": "bulk-1"}
    first = person.post("/cases/actions/accept", headers, json={"cases": cases})
    again = person.post("/cases/actions/accept", headers, json={"cases": cases})
    assert (first.status_code, again.json()) == (200, first.json())
    assert first.json()["done"] == 2
    other = person.post("/cases/actions/accept", headers, json={"cases": cases[:1]})
    assert other.status_code == 409
    with town.store.reader() as reader:
        assert {len(reader.get(Case, one["id"]).deeds) for one in cases} == {1}


def test_one_that_broke_off_goes_on_where_it_stopped(someone: Someone, town: Town) -> None:
    """The first case was done, the answer never kept: the repeat does the rest, and nothing twice."""
    person = someone("shouli")
    cases = [{"id": page["id"]} for page in reported(someone, 2)]
    headers = {"Idempotency-Key": "bulk-2"}
    apply, calls = town.store.apply, []

    def breaks(changes):  # type: ignore[no-untyped-def]
        calls.append(changes)
        if len(calls) == 2:
            raise ConnectionError("the line is cut")
        return apply(changes)

    town.store.apply = breaks  # type: ignore[method-assign]
    try:
        assert person.post("/cases/actions/accept", headers, json={"cases": cases}).status_code == 500
    finally:
        town.store.apply = apply  # type: ignore[method-assign]
    answer = person.post("/cases/actions/accept", headers, json={"cases": cases}).json()
    assert [one["done"] for one in answer["results"]] == [True, True]
    with town.store.reader() as reader:
        assert [len(reader.get(Case, one["id"]).deeds) for one in cases] == [1, 1]


def test_what_many_cases_have_in_common(someone: Someone) -> None:
    pages = reported(someone, 3)
    do(someone("shouli"), pages[0]["id"], "accept")
    ids = ",".join(str(page["id"]) for page in pages)
    actions = someone("shouli").get(f"/cases/actions?ids={ids}").json()
    by_name = {one["action"]: one for one in actions}
    assert by_name["accept"]["possible"] == [pages[1]["id"], pages[2]["id"]]
    assert [ask["name"] for ask in by_name["reject"]["asks"]] == ["reason"]
    assert someone("daolu").get(f"/cases/actions?ids={ids}").status_code == 404
    assert someone("shouli").get("/cases/actions?ids=1;2").json()["field"] == "ids"


def test_there_is_a_most(someone: Someone) -> None:
    cases = [{"id": one} for one in range(1, 202)]
    assert someone("shouli").post("/cases/actions/accept", json={"cases": cases}).status_code == 400
