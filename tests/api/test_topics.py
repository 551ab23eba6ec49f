"""Hot topics through the API, and the project one leads to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient
from tests.api.conftest import Person, Someone
from tests.api.people import report
from tests.api.town import PACKS, Town, found_town

from hutong.api.application import create_app
from hutong.engine.flow.hot_topics import WINDOW_DAYS, TopicDesk
from hutong.kernel.access import Actor, Grant, Permission
from hutong.kernel.base import DAY
from hutong.kernel.clock import FixedClock
from hutong.kernel.query import EVERYTHING
from hutong.kernel.topic import TopicMember

NOISE = {"kind": "matter", "code": "06028"}
SAID = ("广场舞音响太大，晚上十点还在跳", "楼下广场舞音响扰民，吵得睡不着", "又是广场舞，音响声音很大")


def complain(person: Person, times: int = 3) -> list[int]:
    return [report(person, category=NOISE, text=SAID[n % 3])["id"] for n in range(times)]


def test_like_complaints_make_a_topic_with_words_places_and_days(someone: Someone) -> None:
    desk = someone("shouli")
    cases = complain(desk)
    report(desk, text="路面有大量垃圾")
    answer = desk.get("/topics").json()
    assert len(answer["days"]) == 30
    (row,) = answer["rows"]
    assert row["id"] == cases[0]
    assert row["n"] == 3
    assert {"广场舞", "音响"} <= set(row["words"])
    assert row["daily"][-1] == 3
    assert row["heat"]["week"] == 3
    assert row["heat"]["value"] > 3
    assert len(row["points"]) == 3
    page = desk.get(f"/topics/{cases[0]}").json()
    assert [one["id"] for one in page["cases"]] == sorted(cases, reverse=True)
    assert page["projects"] == []


def test_who_may_read_no_case_of_it_does_not_learn_of_it(someone: Someone) -> None:
    cases = complain(someone("shouli"))
    handler = someone("paishui")
    assert handler.get("/topics").json()["rows"] == []
    assert handler.get(f"/topics/{cases[0]}").status_code == 404


def test_a_city_without_the_pack_opens_no_project(someone: Someone) -> None:
    desk = someone("shouli")
    cases = complain(desk)
    assert desk.get("/topics").json()["can_project"] is False
    assert desk.post(f"/topics/{cases[0]}/project", json={}).status_code == 404


def test_topics_keep_their_names_over_a_restart_and_beyond_the_window(someone: Someone, town: Town) -> None:
    cases = complain(someone("shouli"))
    first = town.topics
    with town.store.reader() as reader:
        assert [view.topic.id for view in first.hot(reader, EVERYTHING)] == [cases[0]]
    with town.store.reader() as reader:
        assert [(one.id, one.topic) for one in reader.find(TopicMember).rows] == [
            (id, cases[0]) for id in cases
        ]
    assert isinstance(town.clock, FixedClock)
    town.clock.move_to(town.clock.city_time() + (WINDOW_DAYS - 1) * DAY)
    again = TopicDesk(town.cases)
    with town.store.reader() as reader:
        assert again.one(reader, cases[0], EVERYTHING).topic.id == cases[0]
    town.clock.move_to(town.clock.city_time() + 30 * DAY)
    later = TopicDesk(town.cases)
    with town.store.reader() as reader:
        assert later.hot(reader, EVERYTHING) == []
        assert len(later.one(reader, cases[0], EVERYTHING).members) == 3
        assert len(reader.find(TopicMember).rows) == 3
        records = [one for one in reader.journal(limit=10_000) if one.kind == "topic.gather"]
    assert [one.facts["topics"] for one in records] == [[cases[0]]]


def test_two_servers_that_look_at_once_agree(someone: Someone, town: Town) -> None:
    cases = complain(someone("shouli"))
    one, other = TopicDesk(town.cases), TopicDesk(town.cases)
    with town.store.reader() as early:
        with town.store.reader() as reader:
            one.refresh(reader)
        assert [view.topic.id for view in other.hot(early, EVERYTHING)] == [cases[0]]
    with town.store.reader() as reader:
        assert [view.topic.id for view in other.hot(reader, EVERYTHING)] == [cases[0]]
        assert len(reader.find(TopicMember).rows) == 3


def test_what_nobody_complained_of_is_no_topic(someone: Someone) -> None:
    desk = someone("shouli")
    for n in range(3):
        report(desk, category=NOISE, text=SAID[n], source="collector")
    assert desk.get("/topics").json()["rows"] == []


@pytest.fixture
def projecting(tmp_path: Path) -> Iterator[Town]:
    town = found_town(tmp_path / "city", packs=(*PACKS, "project"))
    yield town
    town.close()


def test_a_project_keeps_its_base_line_and_follows_the_effect(projecting: Town) -> None:
    sponsor = Actor(
        account=1,
        roles=("project_sponsor",),
        grants=(Grant("project_sponsor", Permission("open", "project.root_cause")),),
    )
    with TestClient(create_app(projecting.context)) as client:
        desk = Person(client, "shouli")
        cases = complain(desk, 6)
        assert desk.post(f"/topics/{cases[0]}/project", json={}).status_code == 403
        with projecting.store.reader() as reader:
            view = projecting.topics.one(reader, cases[0], EVERYTHING)
        projecting.clock.move_to(projecting.clock.city_time() + DAY)
        project = projecting.topics.open_project(view, sponsor, note="反复投诉", key=None, digest="")
        assert project.state == "selected"
        assert project.facts["topic"]["id"] == cases[0]
        assert project.facts["topic"]["before"] == 6
        projecting.clock.move_to(projecting.clock.city_time() + 14 * DAY)
        desk = Person(client, "shouli")
        complain(desk, 1)
        (row,) = desk.get("/topics/projects").json()["rows"]
        assert row["topic"] == cases[0]
        assert (row["effect"]["before"], row["effect"]["after"], row["effect"]["weeks_after"]) == (6, 1, 2.0)
        assert row["effect"]["ratio"] < 1
        assert row["effect"]["high"] > row["effect"]["ratio"]
        assert desk.get(f"/topics/{cases[0]}").json()["projects"] == [project.id]
        projecting.clock.move_to(projecting.clock.city_time() + 200 * DAY)
        later = TopicDesk(projecting.cases)
        with projecting.store.reader() as reader:
            found = later.followed(reader, project)
        assert (found.before, found.after) == (6, 1), "its complaints are older than what is held in memory"
