"""The intake follows what changes in the city: new streams, changed properties, retired streams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from hutong.engine.directory import Directory
from hutong.engine.flow.cases import CaseDesk
from hutong.engine.flow.intake import Intake
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import MINUTE, SECOND, Label, Provenance
from hutong.kernel.case import Category, Warning
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import FixedClock
from hutong.kernel.definition.pack import City, CityHead, Pack, PackHead
from hutong.kernel.definition.rule import Condition, Level, Rule
from hutong.kernel.observation import batch
from hutong.kernel.thing import Datastream, Thing
from hutong.store import CityStore

MADE = Provenance("simulated", "test")


def _rule(name: str, when: Condition) -> Rule:
    return Rule(
        name=name, label=Label("规则", "Rule"), type="test.gauge", property="test.level", when=when,
        colour="blue", says=Label("{thing}", "{thing}"), category=Category("other", "test"),
    )  # fmt: skip


def _city() -> City:
    rules = (
        _rule("test.high", Condition(above=Level(thing="test.crown"))),
        _rule("test.silent", Condition(missing_for="5 min")),
    )
    head = PackHead(
        name="test", version="1", label=Label("test"), problem=Label("none"), effect=Label("none")
    )
    city = CityHead(
        name="test", label=Label("test"), division="310101", packs=("test",), box=(0, 0, 1, 1),
        source="test", licence="CC0",
    )  # fmt: skip
    return City(head=city, folder="", packs=(Pack(head=head, folder="", rules=rules),))


class Town:
    """Gauges and an intake that nobody restarts."""

    def __init__(self, store: CityStore, clock: FixedClock) -> None:
        self.store, self.clock = store, clock
        with store.reader() as reader:
            directory = Directory(reader, ())
        self.intake = Intake(
            CaseDesk(store, clock, Rulebook(_city(), {}, lambda _: b""), lambda: directory), lambda: directory
        )

    def gauge(self, crown: float) -> tuple[Thing, Datastream]:
        id, stream = self.store.new_ids(1)[0], self.store.new_stream_ids(1)[0]
        return (
            Thing(id=id, type="test.gauge", code=str(id), name=Label(str(id)), provenance=MADE,
                  properties={"crown": crown}),
            Datastream(id=stream, name="", thing=id, sensor=1, observed_property=1,
                       property_code="test.level", provenance=MADE),
        )  # fmt: skip

    def changes(self, *puts: Any) -> Changes:
        nouns = {Thing: "thing", Datastream: "datastream"}
        subjects = tuple((nouns[type(put)], put.id) for put in puts)
        return Changes(
            puts=puts,
            records=(Record(kind="test.put", actor=0, at=self.clock.city_time(), subjects=subjects),),
        )

    def put(self, *puts: Any) -> None:
        self.store.apply(self.changes(*puts))
        self.intake.changed()

    def send(self, stream: int, value: float, beside: Changes | None = None) -> None:
        now = self.clock.city_time()
        self.intake.submit(batch("test", [stream], [now], [value]), beside=beside).result()

    def pass_(self, minutes: float) -> None:
        self.clock.move_to(self.clock.city_time() + round(minutes * MINUTE))

    def read(self, noun: type[Any], id: int) -> Any:
        with self.store.reader() as reader:
            return reader.get(noun, id)

    @property
    def warnings(self) -> list[tuple[str, int, str]]:
        """(rule, thing, how it ended or, if it stands, nothing)."""
        with self.store.reader() as reader:
            rows = reader.find(Warning).rows
        return [(one.rule, one.thing, one.ended or "cleared" if one.cleared else "") for one in rows]


@pytest.fixture
def town(store: CityStore, clock: FixedClock) -> Iterator[Town]:
    made = Town(store, clock)
    yield made
    made.intake.close()


def test_a_new_gauge_is_judged_with_its_first_observation(town: Town) -> None:
    first, stream = town.gauge(5)
    town.put(first, stream)
    town.send(stream.id, 1)
    thing, other = town.gauge(2)
    town.send(other.id, 3, town.changes(thing, other))
    assert town.warnings == [("test.high", thing.id, "")]
    town.send(other.id, 1)
    assert town.warnings == [("test.high", thing.id, "cleared")]


def test_a_changed_property_is_what_the_next_row_is_compared_with(town: Town) -> None:
    thing, stream = town.gauge(5)
    town.put(thing, stream)
    town.send(stream.id, 4)
    assert town.warnings == []
    town.put(replace(town.read(Thing, thing.id), properties={"crown": 3}))
    town.pass_(1)
    town.send(stream.id, 4)
    assert town.warnings == [("test.high", thing.id, "")]


def test_silence_that_began_before_a_change_is_told_after_it(town: Town) -> None:
    thing, stream = town.gauge(5)
    town.put(thing, stream)
    town.send(stream.id, 4)
    town.put(replace(town.read(Thing, thing.id), properties={"crown": 7}))
    town.pass_(1)
    town.intake.tick().result()
    town.pass_(5)
    town.intake.tick().result()
    assert town.warnings == [("test.silent", thing.id, "")]


def test_warnings_of_a_retired_stream_end_and_others_stand(town: Town) -> None:
    made = [town.gauge(2) for _ in range(3)]
    town.put(*(row for pair in made for row in pair))
    for _, stream in made:
        town.send(stream.id, 3)
    town.put(replace(town.read(Datastream, made[1][1].id), retired=town.clock.city_time() + SECOND))
    town.pass_(1)
    town.send(made[2][1].id, 1)
    found = {thing: ended for _, thing, ended in town.warnings}
    ids = [thing.id for thing, _ in made]
    assert found == {ids[0]: "", ids[1]: "stream_gone", ids[2]: "cleared"}


def test_a_refused_row_leaves_the_judge_as_it_was(town: Town) -> None:
    first, stream = town.gauge(2)
    town.put(first, stream)
    town.send(stream.id, 3)
    thing, other = town.gauge(2)
    with pytest.raises(Exception, match="finite"):
        town.send(other.id, np.nan, town.changes(thing, other))
    town.pass_(1)
    town.send(stream.id, 1)
    assert town.warnings == [("test.high", first.id, "cleared")]
