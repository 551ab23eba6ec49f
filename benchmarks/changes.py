"""What a change of the city costs those who send: one deep insert and one PATCH beside 10,000 and 100,000 streams.

Milliseconds from the change until the next batch of observations is stored and judged: a thing with a datastream is
created with its first observation in one command; a thing's property, with which a rule compares, is changed and a batch
of another stream follows; a datastream is retired. Beside them the same batch with nothing changed, and the judge built
anew from the store: what every change cost before, and what a start costs.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace

from hutong.engine.directory import Directory
from hutong.engine.flow.cases import CaseDesk
from hutong.engine.flow.intake import Intake
from hutong.engine.flow.watching import Watching
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import MINUTE, SECOND, Label
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import FixedClock
from hutong.kernel.definition.pack import City
from hutong.kernel.definition.rule import Condition, Level
from hutong.kernel.observation import batch
from hutong.kernel.thing import Datastream, Thing
from missing import SIMULATED, START, VALUE, city, founded, seconds, shown


def ruled() -> City:
    """One rule about missing data, one about a level that each thing has."""
    given = city()
    silent = given.packs[0].rules[0]
    high = replace(
        silent, name="bench.high", label=Label("高", "high"), when=Condition(above=Level(thing="bench.level"))
    )
    return replace(given, packs=(replace(given.packs[0], rules=(silent, high)),))


class Bench:
    """A city whose streams reported for three minutes."""

    def __init__(self, folder: Path, count: int) -> None:
        self.clock = FixedClock(START)
        store, self.streams = founded(folder, count, self.clock)
        self.store: Any = store
        self.book = Rulebook(ruled(), {}, lambda digest: b"")
        with self.store.reader() as reader:
            self.directory = Directory(reader, ())
        desk = CaseDesk(self.store, self.clock, self.book, lambda: self.directory)
        self.intake = Intake(desk, lambda: self.directory)
        for _ in range(3):
            self.sent(self.streams)

    def sent(self, streams: np.ndarray) -> None:
        now = self.clock.city_time() + MINUTE
        self.clock.move_to(now)
        rows = batch("bench", streams, np.full(len(streams), now - SECOND), np.ones(len(streams)))
        self.intake.submit(rows).result()

    def one(self) -> None:
        self.sent(self.streams[:1])

    def anew(self) -> None:
        with self.store.reader() as reader:
            Watching(reader, self.book, lambda: self.directory, self.clock.city_time(), 1)

    def insert(self) -> None:
        """As one POST of a thing with its datastream and an observation."""
        id, now = self.store.new_ids(1)[0], self.clock.city_time()
        stream = max(int(self.streams[-1]), int(self.store.new_ids(1)[0]))
        thing = Thing(
            id=id, type="bench.sensor", code=str(id), name=Label(str(id)), provenance=SIMULATED,
            properties={"level": 5},
        )  # fmt: skip
        made = Datastream(
            id=stream, name="", thing=id, sensor=1, observed_property=1, property_code=VALUE,
            provenance=SIMULATED,
        )  # fmt: skip
        record = Record(
            kind="thing.create", actor=0, at=now, subjects=(("thing", id), ("datastream", stream))
        )
        rows = batch("bench", [stream], [now - SECOND], [1.0])
        self.intake.submit(rows, beside=Changes(puts=(thing, made), records=(record,))).result()

    def changed(self, noun: type[Any], name: str, id: int, **fields: Any) -> None:
        with self.store.reader() as reader:
            row = replace(reader.get(noun, id), **fields)
        record = Record(kind=f"{name}.change", actor=0, at=self.clock.city_time(), subjects=((name, row.id),))
        self.store.apply(Changes(puts=(row,), records=(record,)))
        self.intake.changed()
        self.one()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    for count in options.streams:
        with tempfile.TemporaryDirectory() as folder:
            measured(Bench(Path(folder), count), options.rounds)


def measured(bench: Bench, rounds: int) -> None:
    with bench.store.reader() as reader:
        things = [one.thing for one in reader.many(Datastream, bench.streams[:rounds].tolist()).values()]
    level = iter(range(10, 10 + rounds))

    def patch() -> None:
        number = next(level)
        bench.changed(Thing, "thing", things[number - 10], properties={"level": number})

    last = iter(bench.streams[::-1].tolist())

    def retire() -> None:
        bench.changed(Datastream, "datastream", next(last), retired=bench.clock.city_time())

    works: dict[str, Callable[[], None]] = {
        "a batch, nothing changed": bench.one,
        "deep insert with an observation": bench.insert,
        "a property changed, then a batch": patch,
        "a stream retired, then a batch": retire,
        "the judge built anew": bench.anew,
    }
    print(f"{len(bench.streams)} streams; medians of {rounds} (min, max)")
    for name, work in works.items():
        work_rounds = rounds if work != bench.anew else 3
        shown(name, [seconds(work) for _ in range(work_rounds)], "ms", 1e3)
    bench.intake.close()
    bench.store.close()


if __name__ == "__main__":
    main()
