"""What people outside do to a case after they reported it, what the desk sees of them, and in which language they are told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from msgspec.structs import replace
from tests.api.conftest import Person, Someone
from tests.api.people import do
from tests.api.test_public_reports import BASE, Nobody, case_of, finish, follow, reported
from tests.api.town import Town, open_town, tiny_city

from hutong.api.application import create_app
from hutong.engine.outbox import Outbox
from hutong.gateways.notices.channels import Channels
from hutong.gateways.notices.posting import Guarded
from hutong.kernel.base import HOUR
from hutong.kernel.case import Message
from hutong.kernel.definition.faces import FacesFile, SmsPort
from hutong.kernel.query import equals

FACES = FacesFile(public_url="https://city.example", sms=SmsPort(url="https://sms.example"))


@pytest.fixture
def texting(seeded: Path, tmp_path: Path) -> Iterator[Town]:
    """A city that sends SMS."""
    shutil.copytree(seeded, tmp_path / "city")
    city, functions = tiny_city()
    town = open_town(tmp_path / "city", replace(city, faces=FACES), functions)
    yield town
    town.close()


def texts(town: Town, case: int) -> list[str]:
    """What is sent by SMS about a case."""
    box = Outbox(
        town.store,
        town.clock,
        Channels(FACES, Guarded(FACES.webhooks), town.clock),
        FACES,
        town.rulebook.category_names.__getitem__,
        lambda one: f"https://city.example/report/{one.number}",
    )
    with town.store.reader() as reader:
        rows = reader.find(Message, equals("case", case)).rows
        return [box.letter(reader, one).text for one in rows if one.channel == "sms"]


@pytest.mark.parametrize(
    ("language", "begins"), [("en", "Your report was received"), ("zh", "您反映的问题已收到")]
)
def test_texts_are_in_the_language_of_the_page(texting: Town, language: str, begins: str) -> None:
    with TestClient(create_app(texting.context)) as client:
        taken = reported(client, phone="13800138000", language=language)
    (text,) = texts(texting, case_of(texting, taken["number"]).id)
    assert text.startswith(begins)
    assert text.endswith(f"https://city.example/report/{taken['number']}")


def test_other_languages_are_refused(texting: Town) -> None:
    with TestClient(create_app(texting.context)) as client:
        answer = client.post(
            f"{BASE}/reports", files={"service": (None, "matter-06010"), "language": (None, "fr")}
        )
    assert answer.status_code == 400


def test_the_case_shows_neighbours_verdicts_and_texts(town: Town, someone: Someone, nobody: Nobody) -> None:
    taken = reported(nobody)
    id = case_of(town, taken["number"]).id
    seen = nobody.post(f"{BASE}/reports/{taken['number']}/support", json={"device": "device-token-0001"})
    assert seen.json()["neighbours"] == 2
    page = someone("shouli").get(f"/cases/{id}").json()["public"]
    assert page == {"also": 1, "verdicts": [], "texts": []}
    finish(town, someone, id)
    path = f"{BASE}/reports/{taken['number']}/rating"
    said = {"code": taken["code"], "solved": False, "satisfaction": 2, "text": "还在，请打13800138000"}
    assert nobody.post(path, json=said).status_code == 200
    (verdict,) = someone("daolu").get(f"/cases/{id}").json()["public"]["verdicts"]
    assert (verdict["solved"], verdict["satisfaction"]) == (False, 2)
    assert verdict["words"].startswith("还在")
    assert "13800138000" not in verdict["words"]


def test_the_case_shows_which_texts_were_sent_without_the_secret_link(texting: Town) -> None:
    with TestClient(create_app(texting.context)) as client:
        taken = reported(client, phone="13800138000")
        id = case_of(texting, taken["number"]).id
        (sent,) = Person(client, "shouli").get(f"/cases/{id}").json()["public"]["texts"]
    assert (sent["channel"], sent["state"], sent["sent"]) == ("sms", "waiting", None)
    assert sent["text"] == f"您反映的问题已收到，编号{taken['number']}。"


def say_unsolved(nobody: Nobody, taken: dict[str, Any]) -> dict[str, Any]:
    path = f"{BASE}/reports/{taken['number']}/rating"
    answer = nobody.post(path, json={"code": taken["code"], "solved": False, "text": "还在"})
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def test_unsolved_brings_the_case_back_to_the_duty_chief_and_to_nobody_else(
    town: Town, someone: Someone, nobody: Nobody
) -> None:
    taken = reported(nobody)
    id = case_of(town, taken["number"]).id
    finish(town, someone, id)
    page = say_unsolved(nobody, taken)
    assert (page["ended"], page["asked"]) == (False, False)
    assert page["rating"] == {"solved": False, "satisfaction": None}
    case = case_of(town, taken["number"])
    assert (case.state, case.closed, case.ending) == ("reopen_pending", None, "")
    assert {one.name for one in case.clocks if one.mark == "running"} == {"reopening"}
    offered = {
        login: {
            one["action"] for one in someone(login).get(f"/cases/{id}").json()["offers"] if one["allowed"]
        }
        for login in ("zhiban", "paiqian", "daolu", "jiandu", "shouli")
    }
    deciding = {"reopen", "keep_closed"}
    assert offered["zhiban"] >= deciding
    assert not any(offered[login] & deciding for login in ("paiqian", "daolu", "jiandu", "shouli"))
    assert do(someone("zhiban"), id, "reopen", answers={"reason": "核实仍有垃圾"}).status_code == 200
    case = case_of(town, taken["number"])
    assert (case.state, case.rounds) == ("to_dispatch", 1)
    assert {one.name for one in case.clocks if one.mark == "running"} == {"dispatch", "whole"}


def test_what_stays_closed_is_told_and_comes_back_by_itself_only_once(
    town: Town, someone: Someone, nobody: Nobody
) -> None:
    taken = reported(nobody)
    id = case_of(town, taken["number"]).id
    finish(town, someone, id)
    say_unsolved(nobody, taken)
    town.clock.move_to(town.clock.city + HOUR)
    kept = do(someone("zhiban"), id, "keep_closed", answers={"reason": "所述为另一处，已另行受理"})
    assert kept.status_code == 200, kept.text
    page = follow(nobody, taken)
    assert (page["ended"], page["asked"]) == (True, True)
    assert "所述为另一处，已另行受理" in [one["text"] for one in page["reasons"]]
    assert case_of(town, taken["number"]).ending == "closed"
    say_unsolved(nobody, taken)
    assert case_of(town, taken["number"]).state == "closed"
    texts = [row["text"] for row in someone("zhiban").get("/messages").json()["rows"]]
    assert any("请研究是否重开" in text for text in texts)


def test_whose_report_was_joined_can_say_it_is_not_solved(
    town: Town, someone: Someone, nobody: Nobody
) -> None:
    main, also = reported(nobody), reported(nobody)
    ids = [case_of(town, one["number"]).id for one in (main, also)]
    assert do(someone("shouli"), ids[1], "join", answers={"main": ids[0]}).status_code == 200
    finish(town, someone, ids[0])
    assert case_of(town, also["number"]).state == "joined"
    say_unsolved(nobody, also)
    assert case_of(town, also["number"]).state == "reopen_pending"
    assert case_of(town, main["number"]).state == "closed"
    assert do(someone("zhiban"), ids[1], "reopen", answers={"reason": "另一处未清"}).status_code == 200
    case = case_of(town, also["number"])
    assert (case.state, case.joined_to) == ("to_dispatch", None)
