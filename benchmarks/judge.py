"""Rows per second through `check` and `judge`, beside one numpy pass that compares every row with its stream's level.

The pass is the physical limit of any rule engine on columns: it finds rows, and remembers nothing.
10,000 streams (5,000 things with two properties), six rules, runs of 50,000 rows; `quiet`: no value comes near a level;
`storm`: one gauge in twenty swings over its level and back.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from itertools import count

import numpy as np

from hutong.engine.judge import Judge, compile_rules
from hutong.engine.observe import StreamTable, check, no_rows_yet, stream_table
from hutong.kernel.base import MINUTE, SECOND, Label
from hutong.kernel.case import Category
from hutong.kernel.definition.rule import Condition, Level, Rise, Rule
from hutong.kernel.lateness import advance
from hutong.kernel.observation import ObservationBatch, batch
from hutong.kernel.thing import Datastream, Thing

START = 1_784_000_000 * SECOND
LEVEL, FLOW = "bench.level", "bench.flow"
THINGS = 5_000
INTERVAL = MINUTE


def rules() -> list[Rule]:
    def rule(name: str, of: str, when: Condition, **more: str | Condition) -> Rule:
        return Rule(
            name=f"bench.{name}",
            label=Label(name),
            type="bench.gauge",
            property=of,
            when=when,
            colour="blue",
            says=Label("{thing} {value}"),
            category=Category("other", "bench"),
            **more,
        )

    crown = Level(thing="crown")
    return [
        rule("surcharge", LEVEL, Condition(above=crown), hold="3 min", clear_for="5 min"),
        rule("flooding", LEVEL, Condition(above=Level(thing="crown", plus=0.5)), hold="1 min"),
        rule("dry", LEVEL, Condition(below=0.01), hold="30 min"),
        rule("fast", LEVEL, Condition(rises_faster_than=Rise(by=1.5, within="10 min")), clear_for="15 min"),
        rule("silent", LEVEL, Condition(missing_for="15 min")),
        rule("backflow", FLOW, Condition(outside=(-0.2, 9)), hold="2 min", clear=Condition(above=0)),
    ]


def city() -> tuple[StreamTable, dict[int, Thing]]:
    things = {
        i + 1: Thing(
            id=i + 1,
            type="bench.gauge",
            code=str(i),
            name=Label(str(i)),
            properties={"crown": 2 + i % 7 / 10},
        )
        for i in range(THINGS)
    }
    streams = (
        Datastream(
            id=100_000 + 2 * i + k,
            name="",
            thing=i + 1,
            sensor=1,
            observed_property=1,
            property_code=code,
            unit="m",
        )
        for i in range(THINGS)
        for k, code in enumerate((LEVEL, FLOW))
    )
    return stream_table(streams), things


def feed(runs: int, rows: int, storm: bool, seed: int) -> list[ObservationBatch]:
    """Each stream reports once a minute; a run is a shuffled slice of `rows` rows of that, in order of time."""
    random = np.random.default_rng(seed)
    streams = 2 * THINGS
    made = []
    for number in range(runs):
        position = number * rows + np.arange(rows)
        minute, stream = position // streams, position % streams
        at = START + minute * INTERVAL + stream * (INTERVAL // streams)
        value = 1.0 + random.random(rows) * 0.2
        if storm:
            value += ((stream % 40 == 0) & (minute % 20 < 10)) * 2.5
        made.append(batch("bench", 100_000 + stream, at, value))
    return made


def ours(judge: Judge, table: StreamTable) -> Callable[[ObservationBatch], int]:
    newest, latest, ids = no_rows_yet(table), np.zeros(len(table)), count(1)

    def run(given: ObservationBatch) -> int:
        taken = check(given, table, int(given.time[-1]), newest=newest).batch
        advance(table.position(taken.stream), taken.time, taken.number, newest, latest)
        judged = judge.run(taken, ids)
        return len(judged.raised) + len(judged.cleared)

    return run


def only_judge(judge: Judge) -> Callable[[ObservationBatch], int]:
    ids = count(1)

    def run(given: ObservationBatch) -> int:
        judged = judge.run(given, ids)
        return len(judged.raised) + len(judged.cleared)

    return run


def limit(table: StreamTable) -> Callable[[ObservationBatch], int]:
    high = np.full(len(table), 2.0)

    def run(given: ObservationBatch) -> int:
        return int(np.count_nonzero(given.number > high[table.position(given.stream)]))

    return run


def timed(work: Callable[[ObservationBatch], int], batches: Sequence[ObservationBatch]) -> tuple[float, int]:
    began = time.perf_counter()
    found = sum(work(each) for each in batches)
    return sum(len(each) for each in batches) / (time.perf_counter() - began), found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--rows", type=int, default=50_000)
    options = parser.parse_args()
    table, things = city()
    for storm in (False, True):
        batches = feed(options.runs, options.rows, storm, seed=1)
        speeds: dict[str, list[float]] = {"judge": [], "check + judge": [], "one numpy pass": []}
        found = 0
        for _ in range(options.rounds):
            fresh = [compile_rules(rules(), table, things, {}, {}) for _ in range(2)]
            works = (only_judge(fresh[0]), ours(fresh[1], table), limit(table))
            for name, work in zip(speeds, works, strict=True):
                speed, said = timed(work, batches)
                speeds[name].append(speed)
                found = said if name == "judge" else found
        print(
            f"{'storm' if storm else 'quiet'}: {options.rows} rows a run, {len(table)} streams, {found} findings"
        )
        for name, each in speeds.items():
            middle = statistics.median(each)
            print(
                f"  {name:15} {middle / 1e6:8.2f} M rows/s  (min {min(each) / 1e6:.2f}, max {max(each) / 1e6:.2f})"
            )


if __name__ == "__main__":
    main()
