"""Rules of a running city: what they prove, and what becomes of it when rows come late, rules change or things go."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.api.town import START, Town, open_town, seed, tiny_city

from hutong.engine.directory import everything
from hutong.engine.flow import intake as intake_module
from hutong.kernel.base import DAY, HOUR, MINUTE, SECOND
from hutong.kernel.case import Warning
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.pack import City
from hutong.kernel.definition.rule import Condition, Rule
from hutong.kernel.errors import Unavailable
from hutong.kernel.observation import Outcome, batch
from hutong.kernel.query import equals
from hutong.kernel.thing import Datastream, Thing

PONDING = "drainage.ponding"
NAME = "drainage.test"


def edition(**more: Any) -> Rule:
    first = next(rule for pack in tiny_city()[0].packs for rule in pack.rules if rule.property == PONDING)
    given = {"when": Condition(above=0.3), "hold": "2 rows", "clear": None, "clear_for": "0 s", "name": NAME}
    return replace(first, **{**given, **more})


def city_with(*rules: Rule) -> City:
    city, _ = tiny_city()
    packs = tuple(
        replace(
            pack,
            rules=rules if pack.head.name == "drainage" else (),
            digests={**pack.digests, **{f"rule {one.edition}": str(hash(repr(one))) for one in rules}},
        )
        for pack in city.packs
    )
    return replace(city, packs=packs)


class Running:
    """A town that can be closed and opened with other rules."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.town: Town | None = None

    def open(self, *rules: Rule) -> Town:
        if self.town is not None:
            now = self.town.clock.city_time()
            self.town.close()
            self.town = None
        else:
            now = START
        self.town = open_town(self.folder, city_with(*rules), tiny_city()[1])
        self.town.clock.move_to(now)
        return self.town


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded") / "city"
    seed(folder, tiny_city()[0])
    return folder


@pytest.fixture
def running(founded: Path, tmp_path: Path) -> Iterator[Running]:
    shutil.copytree(founded, tmp_path / "city")
    made = Running(tmp_path / "city")
    yield made
    if made.town is not None:
        made.town.close()


def stream_of(town: Town) -> Datastream:
    with town.store.reader() as reader:
        return reader.find(Datastream, equals("property_code", PONDING)).rows[0]


def send(town: Town, *rows: tuple[int, float]) -> Outcome:
    stream = stream_of(town).id
    made = batch("test", [stream] * len(rows), [START + s * SECOND for s, _ in rows], [v for _, v in rows])
    return town.intake.submit(made).result()


def warnings(town: Town) -> list[Warning]:
    with town.store.reader() as reader:
        return everything(reader, Warning)


def kinds(town: Town) -> list[str]:
    with town.store.reader() as reader:
        return [record.kind for record in reader.journal(limit=10_000)]


def marks(town: Town) -> int:
    with town.store.reader() as reader:
        return len(reader.rule_state()[1])


def test_proof_names_the_observations_in_the_warning_the_journal_and_what_comes_later(
    running: Running,
) -> None:
    town = running.open(edition(clear=Condition(below=0.1), clear_for="1 min"))
    send(town, (-90, 0.4))
    send(town, (-60, 0.9), (-30, 0.5))
    (warning,) = warnings(town)
    send(town, (-20, 0.05))
    send(town, (40, 0.04))
    (cleared,) = warnings(town)
    assert warning.cleared is None
    assert cleared.cleared == START + 40 * SECOND
    with town.store.reader() as reader:
        for row in (*cleared.evidence, *cleared.clearing):
            stored = reader.observation(row.observation)
            assert (int(stored.time[0]), float(stored.number[0])) == (row.time, row.number)
        (record,) = (one for one in reader.journal(limit=10_000) if one.kind == "warning.raise")
    assert [row[1] for row in record.explain["evidence"]] == [row.observation for row in warning.evidence]
    assert len({row.observation for row in warning.evidence}) == len(warning.evidence) >= 2


def test_a_late_row_withdraws_a_warning_and_the_journal_tells_what_it_was(running: Running) -> None:
    town = running.open(edition(hold="1 min"))
    send(town, (-120, 0.5), (-60, 0.5))
    send(town, (-90, 0.0))
    (warning,) = warnings(town)
    assert (warning.ended, warning.cleared, warning.state) == ("withdrawn", warning.raised, "to_judge")
    with town.store.reader() as reader:
        (record,) = (one for one in reader.journal(limit=10_000) if one.kind == "warning.withdraw")
    assert record.facts["before"] == {"began": warning.began, "raised": warning.raised, "cleared": None}


def test_a_rule_that_ends_clears_its_warning_and_says_so(running: Running) -> None:
    town = running.open(edition(until="2026-07-19"))
    send(town, (-60, 0.5), (-30, 0.5))
    town.intake.tick().result()
    assert warnings(town)[0].cleared is None
    town.clock.move_to(START + 6 * HOUR)
    town.intake.tick().result()
    (warning,) = warnings(town)
    assert (warning.ended, warning.cleared) == ("rule_ended", START + 5 * HOUR)
    assert marks(town) == 0


def test_the_version_of_the_rows_time_judges_and_an_open_warning_is_handed_on(running: Running) -> None:
    first, second = (
        edition(until="2026-07-19"),
        edition(since="2026-07-19", when=Condition(above=2), clear=Condition(below=1)),
    )
    town = running.open(first, second)
    send(town, (-60, 0.5), (-30, 0.5))
    town.clock.move_to(START + 6 * HOUR)
    town.intake.tick().result()
    night = 5 * 3600
    send(town, (night + 60, 1.5))
    (warning,) = warnings(town)
    assert (warning.cleared, warning.rule_version) == (None, str(hash(repr(first))))
    send(town, (night + 120, 0.5), (night + 180, 1.5), (night + 240, 1.5))
    assert warnings(town)[0].cleared == START + (night + 120) * SECOND
    send(town, (night + 300, 2.5), (night + 360, 2.5))
    assert [one.rule_version for one in warnings(town)] == [str(hash(repr(one))) for one in (first, second)]


def test_a_rule_that_is_gone_ends_its_warnings(running: Running) -> None:
    send(running.open(edition()), (-60, 0.5), (-30, 0.5))
    town = running.open(edition(name="drainage.other"))
    town.intake.tick().result()
    (warning,) = warnings(town)
    assert (warning.ended, warning.cleared) == ("rule_removed", START)
    assert (kinds(town).count("warning.end"), marks(town)) == (1, 0)


def test_a_changed_definition_takes_over_open_warnings_only(running: Running) -> None:
    send(running.open(edition(late="1 h")), (-60, 0.5), (-30, 0.5))
    town = running.open(edition(when=Condition(above=0.8), clear=Condition(below=0.1)))
    town.intake.tick().result()
    with town.store.reader() as reader:
        (record,) = (one for one in reader.journal(limit=10_000) if one.kind == "rule.change")
    assert (record.facts["carried"], record.facts["dropped"]) == (1, 0)
    send(town, (30, 0.2))
    assert warnings(town)[0].cleared is None
    send(town, (60, 0.05))
    assert warnings(town)[0].cleared == START + 60 * SECOND


@pytest.mark.parametrize("gone", ["thing", "stream"])
def test_what_nobody_watches_any_more_ends(running: Running, gone: str) -> None:
    town = running.open(edition())
    send(town, (-60, 0.5), (-30, 0.5))
    stream = stream_of(town)
    with town.store.reader() as reader:
        row = reader.get(Thing, stream.thing) if gone == "thing" else reader.get(Datastream, stream.id)
    noun = "thing" if gone == "thing" else "datastream"
    record = Record(kind=f"{noun}.retire", actor=0, at=START, subjects=((noun, row.id),))
    town.store.apply(Changes(puts=(replace(row, retired=START),), records=(record,)))
    town.intake.changed()
    town.clock.move_to(START + MINUTE)
    town.intake.tick().result()
    (warning,) = warnings(town)
    assert warning.ended == ("thing_retired" if gone == "thing" else "stream_gone")
    assert (warning.cleared, marks(town)) == (START + MINUTE, 0)


def test_a_full_queue_turns_senders_away_and_takes_them_again(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = running.open(edition())
    monkeypatch.setattr(intake_module, "MOST_WAITING", 100)
    stream, held, go = stream_of(town).id, threading.Event(), threading.Event()
    apply = town.store.apply

    def slow(changes: Changes) -> Any:
        held.set()
        go.wait(10)
        return apply(changes)

    monkeypatch.setattr(town.store, "apply", slow)

    def one(second: int) -> Future[Outcome]:
        return town.intake.submit(batch("test", [stream], [START - second * SECOND], [0.0]))

    first = one(60)
    assert held.wait(10)
    refused = one(50)
    with pytest.raises(Unavailable) as error:
        refused.result(0)
    assert error.value.facts["retry_after"] > 0
    go.set()
    assert first.result(10).taken == 1
    assert one(40).result(10).taken == 1


def test_after_a_long_silence_of_some_streams_a_restart_finds_the_same_rows(running: Running) -> None:
    """Streams that fell silent at different times are read in several passes."""
    town = running.open(edition(hold="10 min", late="20 min"))
    with town.store.reader() as reader:
        streams = [one.id for one in reader.find(Datastream, equals("property_code", PONDING)).rows]
    ages = [0, 3 * DAY, 200 * DAY]
    for stream, age in zip(streams, ages, strict=True):
        at = [START - age - back * MINUTE for back in (30, 9, 5, 1)]
        town.intake.submit(batch("test", [stream] * 4, at, [0.0, 0.5, 0.5, 0.5])).result()
    town = running.open(edition(hold="10 min", late="20 min"))
    at = [START - age - 3 * MINUTE for age in ages]
    town.intake.submit(batch("test", streams, at, [0.0] * 3)).result()
    later = [START - age + 2 * MINUTE for age in ages]
    town.intake.submit(batch("test", streams, later, [0.5] * 3)).result()
    assert warnings(town) == []
