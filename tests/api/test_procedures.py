"""Procedures through the API: the graph with its rules, counts of what stands where, and versions that cases keep."""

from __future__ import annotations

from msgspec.structs import replace
from tests.api.conftest import Someone
from tests.api.people import do, report
from tests.api.town import Town

from hutong.engine.handle.differences import affected, differences
from hutong.engine.handle.procedure import compile_procedure
from hutong.loader.digest import canonical


def test_every_procedure_can_be_looked_at(someone: Someone) -> None:
    person = someone("zhiban")
    names = [one["name"] for one in person.get("/procedures").json()]
    assert {"urban.case", "urban.appeal", "urban.assist"} <= set(names)
    for name in names:
        page = person.get(f"/procedures/{name}").json()
        states = {one["name"] for one in page["state_list"]}
        assert page["start"] in states
        for action in page["action_list"]:
            assert set(action["to"]) == set(action["of"]) <= states
            assert {target for found in action["to"].values() for target in found} <= states
    assert person.get("/procedures/urban.nothing").status_code == 404


def test_a_page_says_who_when_and_where_cases_stand(someone: Someone) -> None:
    case = report(someone("shouli"))["id"]
    report(someone("shouli"))
    do(someone("shouli"), case, "accept")
    page = someone("zhiban").get("/procedures/urban.case").json()
    standing = {one["name"]: one["open"] for one in page["state_list"] if one["open"]}
    assert standing == {"received": 1, "to_verify": 1}
    actions = {one["name"]: one for one in page["action_list"]}
    feed_back = actions["feed_back"]
    assert [one["label"]["zh"] for one in feed_back["roles"]] == ["处置部门"]
    assert [one["side"]["zh"] for one in feed_back["roles"]] == ["处置方"]
    assert "须全部子案卷办结" in [one["zh"] for one in feed_back["notes"]]
    assert {one["clock"]: one["effect"] for one in feed_back["clocks"]}["handling"] == "stop"
    assert set(actions["refuse_return"]["to"]["return_pending"]) == {"handling"}
    assert any(one["window"] for one in page["clocks"])
    assert [len(one["codes"]) for one in page["limits"]][:1] == [13]
    assert page["versions"][0]["current"] is True


def test_who_may_see_less_counts_less(someone: Someone) -> None:
    report(someone("shouli"))
    rows = {one["name"]: one for one in someone("daolu").get("/procedures").json()}
    assert rows["urban.case"]["open"] == 0


def test_a_version_that_cases_keep_is_told(someone: Someone, town: Town) -> None:
    """The procedure changes while a case runs: it keeps its states, and the page says what new cases have."""
    report(someone("shouli"))
    book = town.rulebook
    old = book.procedures["urban.case"]
    assert town.store.keep_definition(canonical(old.procedure)) == old.digest
    states = tuple(one for one in old.procedure.states if one.name != "consultation")
    changed = replace(old.procedure, states=states)
    book.procedures["urban.case"] = compile_procedure(changed, book.roles.values(), "f" * 64)
    try:
        page = someone("zhiban").get("/procedures/urban.case").json()
    finally:
        book.procedures["urban.case"] = old
    (version,) = page["versions"]
    assert (version["current"], version["open"], page["older"]) == (False, {"received": 1}, 1)
    assert {"part": "state", "name": "consultation", "change": "gone", "fields": {}} in version["differences"]


def test_rights_are_of_no_version(town: Town) -> None:
    """A right that is taken from a role is taken from running cases too, which is what gets them stuck."""
    book = town.rulebook
    old = book.procedures["urban.case"]
    chief = book.roles["duty_chief"]
    roles = {**book.roles, "duty_chief": replace(chief, may={"read": ("*",)})}
    del roles["collector"]
    found = affected(old.digest, old, old, {"to_close": 2, "to_check": 1}, roles)
    assert found.cases == 3
    assert found.differences == ()
    assert "close: no role holds the right" in found.lost
    assert "check_pass: role collector is gone" in found.lost


def test_what_only_reads_differently_is_no_difference(town: Town) -> None:
    procedure = town.rulebook.procedures["urban.case"].procedure
    clocks = tuple(
        replace(one, source="another", amount=2) if one.name == "handling" else one
        for one in procedure.clocks
    )
    (one,) = differences(procedure, replace(procedure, clocks=clocks, label=procedure.noun))
    assert (one.part, one.name, one.fields) == ("clock", "handling", {"amount": (1.0, 2)})
