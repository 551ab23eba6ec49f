"""The caller's number: hidden from units, shown for one purpose with a receipt, and leaked by no route."""

from __future__ import annotations

import re

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from tests.api.conftest import Person, Someone
from tests.api.hotline.people import NUMBER, act, completed, dispatched, order, visit
from tests.api.town import Town

from hutong.kernel.party import Receipt

NAME = "张三丰"


def receipts(town: Town) -> list[Receipt]:
    with town.store.reader() as reader:
        return list(reader.find(Receipt).rows)


def ask(person: Person, case: int, purpose: str = "first_contact") -> tuple[int, str]:
    answer = person.post(f"/orders/{case}/caller", json={"purpose": purpose})
    return answer.status_code, answer.text


def test_the_unit_has_the_number_for_its_first_contact_only(someone: Someone, town: Town) -> None:
    id = dispatched(someone, town, name=NAME)
    unit = someone("gongdan")
    before = len(receipts(town))
    status, text = ask(unit, id)
    assert status == 200, text
    assert NUMBER in text
    assert "积水" not in text
    kept = receipts(town)
    assert len(kept) == before + 1
    assert kept[-1].purpose == f"first_contact case/{id}"
    assert kept[-1].reader == unit.session["account"]["id"]
    assert ask(unit, id, "visit")[0] == 422
    assert ask(someone("gongdan2"), id)[0] == 404
    act(unit, id, "contact", contacted="reached")
    status, text = ask(unit, id)
    assert status == 422
    assert NUMBER not in text
    assert len(receipts(town)) == before + 1


def test_before_it_signs_the_unit_has_no_number(someone: Someone, town: Town) -> None:
    unit = town.directory.organisation("drainage")
    id = order(someone("zuoxi"), then={"does": "dispatch", "organisation": unit})["id"]
    assert ask(someone("gongdan"), id)[0] == 422


@pytest.mark.parametrize("more", [{"demand": "report"}, {"confidential": True}])
def test_the_unit_never_sees_who_called_confidentially(
    someone: Someone, town: Town, more: dict[str, object]
) -> None:
    id = dispatched(someone, town, name=NAME, **more)
    status, text = ask(someone("gongdan"), id)
    assert status == 403
    assert NUMBER not in text
    reporter = someone("gongdan").get(f"/cases/{id}").json()["reporter"]
    assert (reporter["name"], reporter["phone"]) == (None, None)


def test_the_desk_has_it_to_call_back_and_to_answer(someone: Someone, town: Town) -> None:
    id = completed(someone, town, demand="report", text=f"路口积水，请打 {NUMBER} 找我")
    assert ask(someone("zuoxi"), id, "visit")[0] == 422
    told = someone("huifang").post(f"/orders/{id}/caller", json={"purpose": "visit"})
    assert told.status_code == 200, told.text
    assert told.json()["number"] == NUMBER
    assert told.json()["original"] == f"路口积水，请打 {NUMBER} 找我"
    assert NUMBER not in someone("huifang").get(f"/cases/{id}").text
    visit(someone("huifang"), id, contacted=True, solved=True, satisfaction="satisfied")
    assert ask(someone("huifang"), id, "visit")[0] == 422


def test_an_anonymous_caller_left_nobody(someone: Someone, town: Town) -> None:
    id = dispatched(someone, town, anonymous=True, name=NAME)
    assert someone("zuoxi").get(f"/cases/{id}").json()["reporter"] is None
    status, text = ask(someone("gongdan"), id)
    assert status == 422
    assert NUMBER not in text


@pytest.mark.parametrize("login", ["gongdan", "paidan", "shouli", "xitong"])
def test_no_route_leaks_name_or_number(someone: Someone, app: Litestar, town: Town, login: str) -> None:
    """Every GET there is, as people who have nothing to call about, on a confidential order and an ordinary one."""
    text = f"我叫{NAME}，电话{NUMBER}，路口积水"
    ids = [
        dispatched(someone, town, name=NAME, demand="report", text=text),
        dispatched(someone, town, name=NAME, text=text),
    ]
    person = someone(login)
    for route in app.routes:
        if not isinstance(route, HTTPRoute) or "GET" not in route.methods or "events" in route.path_format:
            continue
        for id in ids:
            path = re.sub(r"\{id(:int)?\}", str(id), route.path_format)
            path = re.sub(r"\{[^}]*\}", "1", path)
            told = person.client.get(path).text
            assert NUMBER not in told, path
            assert NAME not in told, path
    for words in (NUMBER, NAME):
        assert person.get(f"/search?q={words}").json()["cases"] == []
        assert person.get(f"/cases?q={words}").json()["rows"] == []
