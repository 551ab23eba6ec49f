"""A keyed pattern, "three in a row above 90", over 10,000 devices: rows per second of the judge and of Apache Flink.

Both find the same alerts (number and times are compared): one for every run of at least three rows above 90, at its
third. The rows are seeded: every device reports once a second, in order; one value in ten is above 90. Flink (PyPI
`apache-flink`, its SQL in the JVM, two slots; no Python code sees a row) reads CSV files; what only reading them costs is
measured beside it. Start-up is excluded: the same job over one row per file is subtracted, and rules are compiled
before. The judge takes batches of 100,000 rows as columns, and its marks are made, not stored; Flink makes no
checkpoints.

Needs a Python with apache-flink and a Java for it: `python benchmarks/flink_pattern.py --flink VENV/bin/python`.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

import numpy as np

from hutong.engine.judge import Judge, compile_rules
from hutong.engine.observe import StreamTable, stream_table
from hutong.kernel.base import SECOND, Label
from hutong.kernel.case import Category
from hutong.kernel.definition.rule import Condition, Rule
from hutong.kernel.observation import batch
from hutong.kernel.thing import Datastream, Thing

DEVICES = 10_000
START = 1_784_000_000
BATCH = 100_000
LEVEL = "bench.level"


def values(rows: int) -> np.ndarray:
    """One value per row, device after device, second after second; the first of each device is low."""
    found = np.random.default_rng(7).random(rows) * 100
    found[:DEVICES] *= 0.5
    return found.round(3)


def compiled() -> tuple[Judge, StreamTable]:
    rule = Rule(
        name="bench.three",
        label=Label("three"),
        type="bench.device",
        property=LEVEL,
        when=Condition(above=90),
        hold="3 rows",
        late="0 s",
        colour="blue",
        says=Label("{thing}"),
        category=Category("other", "bench"),
    )
    things = {
        i + 1: Thing(id=i + 1, type="bench.device", code=str(i), name=Label(str(i))) for i in range(DEVICES)
    }
    table = stream_table(
        Datastream(id=i + 1, name="", thing=i + 1, sensor=1, observed_property=1, property_code=LEVEL)
        for i in range(DEVICES)
    )
    return compile_rules([rule], table, things, {}, {}), table


def ours(number: np.ndarray) -> tuple[float, int, int]:
    judge, _ = compiled()
    ids, found, total = count(1), 0, 0
    position = np.arange(len(number))
    stream, at = position % DEVICES + 1, (START + position // DEVICES) * SECOND
    began = time.perf_counter()
    for start in range(0, len(number), BATCH):
        part = slice(start, start + BATCH)
        judged = judge.run(batch("bench", stream[part], at[part], number[part]), ids)
        found += len(judged.raised)
        total += sum(one.at for one in judged.raised) // 1000
    return time.perf_counter() - began, found, total


def write(folder: Path, number: np.ndarray) -> None:
    """Two files, each with half of the devices, in order of time."""
    folder.mkdir()
    position = np.arange(len(number))
    for half in range(2):
        mine = position % DEVICES % 2 == half
        rows = zip(
            (position[mine] % DEVICES).tolist(),
            ((START + position[mine] // DEVICES) * 1000).tolist(),
            number[mine].tolist(),
            strict=True,
        )
        (folder / f"{half}.csv").write_text("".join(f"{d},{t},{v}\n" for d, t, v in rows))


class Flink:
    """The peer process, which stays up."""

    def __init__(self, python: str) -> None:
        script = str(Path(__file__).with_name("flink_pattern_peer.py"))
        self._process = subprocess.Popen(
            [python, script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, job: str, folder: Path) -> tuple[float, int, int]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{job} {folder}\n")
        self._process.stdin.flush()
        seconds, found, total = self._process.stdout.readline().split()
        return float(seconds), int(found), int(total)

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def shown(name: str, speeds: list[float], unit: str) -> None:
    middle, low, high = statistics.median(speeds), min(speeds), max(speeds)
    print(f"  {name:34} {middle:10.2f} {unit}  (min {low:.2f}, max {high:.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flink", required=True, help="a Python that has apache-flink")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--job", choices=("over", "match"), default="over", help="which query Flink runs")
    options = parser.parse_args()
    number = values(options.rows)
    speed: dict[str, list[float]] = {"ours": [], "flink": [], "reading": []}
    with tempfile.TemporaryDirectory() as made:
        big, tiny = Path(made) / "big", Path(made) / "tiny"
        write(big, number)
        write(tiny, number[:2])
        flink = Flink(options.flink)
        flink.run(options.job, tiny)
        for _ in range(options.rounds):
            mine = ours(number)
            start_up = flink.run(options.job, tiny)[0]
            theirs = flink.run(options.job, big)
            reading = flink.run("source", big)[0] - flink.run("source", tiny)[0]
            if mine[1:] != theirs[1:]:
                raise SystemExit(f"the alerts differ: {mine[1:]} {theirs[1:]}")
            speed["ours"].append(options.rows / mine[0])
            speed["flink"].append(options.rows / (theirs[0] - start_up))
            speed["reading"].append(options.rows / reading)
        flink.close()
    print(
        f"{options.rows} rows, {DEVICES} devices, {mine[1]} alerts on both sides, Flink's query: {options.job}"
    )
    for name, key in (("judge", "ours"), ("Flink", "flink"), ("Flink, only reading the rows", "reading")):
        shown(name, [each / 1e6 for each in speed[key]], "M rows/s")
    pairs = list(zip(speed["ours"], speed["flink"], speed["reading"], strict=True))
    shown("ratio", [a / b for a, b, _ in pairs], "×")
    shown("ratio without Flink's reading", [a * (1 / b - 1 / c) for a, b, c in pairs], "×")


if __name__ == "__main__":
    main()
