"""Triage learns from the cases a city closed, and says what it is worth; without its extra it still serves."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace
from tests.api.conftest import Person, Someone
from tests.api.people import report
from tests.api.town import Town

from hutong.api.house import House
from hutong.app import learning
from hutong.app.learning import Learning
from hutong.engine.flow.triaging import TriageDesk
from hutong.engine.triage import features
from hutong.kernel.base import MINUTE
from hutong.kernel.case import Case
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.triage import Automatic, TriageSetting
from hutong.kernel.model import Model

SAID = {
    "06028": ("楼上天天拉二胡到半夜", "隔壁琴行声音没完没了"),
    "06010": ("墙角一堆烂菜叶没人管", "巷子里馊水味熏人"),
}


def close_many(town: Town, person: Person, times: int) -> None:
    """Cases of words that nobody wrote down, closed as what they were."""
    ids = []
    for n in range(times):
        code = list(SAID)[n % 2]
        text = f"{SAID[code][n // 2 % 2]}，第{n}次说"
        ids.append(report(person, category={"kind": "matter", "code": code}, text=text)["id"])
    now = town.clock.city_time()
    with town.store.reader() as reader:
        rows = reader.many(Case, ids)
    ended = [
        replace(row, state="closed", closed=now + n * MINUTE, ending="closed", next_due=None)
        for n, row in enumerate(rows.values())
    ]
    record = Record(kind="case.close", actor=0, at=now, subjects=tuple(("case", id) for id in ids), facts={})
    town.store.apply(Changes(puts=tuple(ended), records=(record,)))


def test_it_learns_measures_itself_and_keeps_the_version(someone: Someone, town: Town) -> None:
    desk = someone("shouli")
    asked: dict[str, Any] = {"text": "隔壁又在拉二胡，琴行声音大", "kinds": ["matter"]}
    assert desk.post("/triage", json=asked).json()["category"] is None
    close_many(town, desk, 60)
    elsewhere = TriageDesk(town.cases)
    kept = town.triage.learn()
    assert kept is not None
    House(dataclasses.replace(town.context, triage=elsewhere))._noticed(frozenset({"model"}))
    assert elsewhere.digest == town.triage.digest
    found = desk.post("/triage", json=asked).json()
    assert found["choices"][0]["code"] == "06028"
    assert found["model"] == town.triage.digest != ""
    page = desk.get("/triage/model").json()
    assert (page["learnt_from"], page["measured_on"]) == (60, 12)
    assert page["right"] > 0.9
    with town.store.reader() as reader:
        (row,) = reader.find(Model).rows
        records = [one for one in reader.journal(limit=10_000) if one.kind == "model.learn"]
    assert row.digest == town.triage.digest
    assert [one.facts["cases"] for one in records] == [60]
    again = TriageDesk(town.cases)
    assert again.digest == town.triage.digest
    assert again.kept.measured == town.triage.kept.measured


def test_automatic_dispatch_needs_the_citys_word_and_enough_cases(someone: Someone, town: Town) -> None:
    close_many(town, someone("shouli"), 60)
    town.triage.learn()
    assert "未" in town.triage.automatic("matter", "06028").reason_zh
    asked = (Automatic(kind="matter", code="06028", precision=0.6),)
    town.triage.setting = TriageSetting(automatic=asked)
    few = town.triage.automatic("matter", "06028")
    assert not few.allowed
    assert "50" in few.reason_en
    town.triage.setting = TriageSetting(automatic=asked, least_cases=5)
    page = someone("xitong").get("/triage/model").json()
    (row,) = page["enabled"]
    assert row["label"]["zh"]
    assert (row["wanted"], row["automatic"]["allowed"]) == (0.6, True)
    assert row["threshold"] >= town.triage.setting.abstain_below
    town.triage.setting = TriageSetting(automatic=(replace(asked[0], precision=0.99),), least_cases=5)
    (row,) = someone("xitong").get("/triage/model").json()["enabled"]
    assert (row["threshold"], row["automatic"]["allowed"]) == (None, False)
    assert "99.0%" in row["automatic"]["reason"]["en"]


def test_the_thread_learns_only_when_there_is_enough_that_is_new(someone: Someone, town: Town) -> None:
    work = Learning(SimpleNamespace(store=town.store, triage=town.triage))  # type: ignore[arg-type]
    assert work.look() is False
    close_many(town, someone("shouli"), learning.FEWEST + 2)
    assert work.look() is True
    assert work.look() is False


def test_without_the_extra_it_goes_by_words_and_says_so(
    someone: Someone, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hutong.engine.flow.triaging.words_cut", lambda: None)
    bare = TriageDesk(town.cases)
    assert bare.learns is False
    assert bare.learn() is None
    with town.store.reader() as reader:
        found = bare.suggest(reader, "垃圾桶满了没人清，都溢出来了", kinds=("matter",))
    assert found.category is not None
    assert found.category.code == "06042"
    assert features.words_cut() is not None
