"""What missing data costs: 100,000 streams under a `missing_for` rule, in a city's store with everything on.

Seconds to start (the judge built from the store: streams, things, latest values, recent rows), a tick with nothing due,
one in which rows have moved all deadlines, and a storm: 1,000 streams fall silent at once; with the raising of their
warnings, commit included. Compared with nothing; the limit is what each warning costs to store.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from hutong.engine.directory import Directory
from hutong.engine.flow.cases import CaseDesk
from hutong.engine.flow.intake import Intake
from hutong.engine.flow.watching import Watching
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import MINUTE, SECOND, Label, Provenance
from hutong.kernel.case import Category, Warning
from hutong.kernel.changes import Record
from hutong.kernel.clock import FixedClock
from hutong.kernel.definition.pack import City, CityHead, Pack, PackHead
from hutong.kernel.definition.rule import Condition, Rule
from hutong.kernel.observation import batch
from hutong.kernel.thing import Datastream, Thing
from hutong.store import open_store

START = 1_784_000_000 * SECOND
SIMULATED = Provenance("simulated", "benchmark")
VALUE = "bench.value"


def city() -> City:
    rule = Rule(
        name="bench.silent",
        label=Label("无数据", "silent"),
        type="bench.sensor",
        property=VALUE,
        when=Condition(missing_for="15 min"),
        colour="blue",
        says=Label("{thing}没有数据", "{thing} is silent"),
        category=Category("other", "bench"),
    )
    pack = Pack(
        head=PackHead(
            name="bench", version="1", label=Label("bench"), problem=Label("none"), effect=Label("none")
        ),
        folder="",
        rules=(rule,),
    )
    head = CityHead(
        name="bench", label=Label("bench"), division="310101", packs=("bench",), box=(0, 0, 1, 1),
        source="benchmark", licence="CC0",
    )  # fmt: skip
    return City(head=head, folder="", packs=(pack,))


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=100_000)
    parser.add_argument("--silent", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), options)


def founded(folder: Path, streams: int, clock: FixedClock) -> tuple[object, np.ndarray]:
    store = open_store(folder, clock=clock)
    ids = store.new_ids(2 * streams)
    record = Record(kind="bench.seed", actor=0, at=START)
    things = [
        Thing(id=ids[i], type="bench.sensor", code=str(i), name=Label(str(i)), provenance=SIMULATED)
        for i in range(streams)
    ]
    store.bulk_load(things, record)
    made = [
        Datastream(
            id=ids[streams + i], name="", thing=ids[i], sensor=1, observed_property=1, property_code=VALUE,
            provenance=SIMULATED,
        )
        for i in range(streams)
    ]  # fmt: skip
    store.bulk_load(made, record)
    return store, np.array(ids[streams:], np.int64)


def run(folder: Path, options: argparse.Namespace) -> None:
    clock = FixedClock(START)
    store, streams = founded(folder, options.streams, clock)
    rulebook = Rulebook(city(), {}, lambda digest: b"")
    with store.reader() as reader:
        directory = Directory(reader, ())
    desk = CaseDesk(store, clock, rulebook, lambda: directory)
    intake = Intake(desk, lambda: directory)
    jitter = np.random.default_rng(3).integers(0, MINUTE, len(streams))

    def report(which: np.ndarray, at: int) -> None:
        intake.submit(batch("bench", streams[which], at + jitter[which], np.ones(len(which)))).result()

    starts = warmed(store, rulebook, directory, clock, report, np.arange(len(streams)), options.rounds)
    print(f"{len(streams)} streams; medians of {options.rounds} (min, max)")
    shown("start, judge from the store", starts, "s", 1)
    ticks(intake, clock, report, np.arange(len(streams)), options)
    with store.reader() as reader:
        print(f"  warnings raised: {reader.count(Warning, at_most=1_000_000)}")
    intake.close()
    store.close()


def warmed(store, rulebook, directory, clock, report, everyone, rounds):  # type: ignore[no-untyped-def]
    """Seconds to build the judge of streams that have reported for three minutes."""
    for minute in range(3):
        clock.move_to(START + (minute + 1) * MINUTE)
        report(everyone, START + minute * MINUTE)
    found = []
    for _ in range(rounds):
        with store.reader() as reader:
            found.append(seconds(lambda: Watching(reader, rulebook, lambda: directory, clock.city_time(), 1)))
    return found


def ticks(intake, clock, report, everyone, options):  # type: ignore[no-untyped-def]
    quiet, moved, storm = [], [], []
    for number in range(options.rounds):
        quiet += [seconds(lambda: intake.tick().result()) for _ in range(20)]
        now = clock.city_time()
        for minute in range(16):
            report(everyone, now + minute * MINUTE)
            clock.move_to(now + (minute + 1) * MINUTE)
            moved.append(seconds(lambda: intake.tick().result()))
        gone = np.arange(number * options.silent, (number + 1) * options.silent)
        now = clock.city_time()
        for minute in range(16):
            report(np.setdiff1d(everyone, gone), now + minute * MINUTE)
            clock.move_to(now + (minute + 1) * MINUTE)
            if minute < 14:
                intake.tick().result()
        storm.append(seconds(lambda: intake.tick().result()) / options.silent)
        report(gone, clock.city_time() - MINUTE)
    shown("tick, nothing due", quiet, "ms", 1e3)
    shown("tick, rows came meanwhile", moved, "ms", 1e3)
    shown(f"a warning in a storm of {options.silent}", storm, "ms", 1e3)


def shown(name: str, found: list[float], unit: str, factor: float) -> None:
    middle, low, high = (factor * each for each in (statistics.median(found), min(found), max(found)))
    print(f"  {name:36} {middle:9.3f} {unit}  ({low:.3f}, {high:.3f})")


if __name__ == "__main__":
    main()
