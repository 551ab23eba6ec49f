"""One million cases and twenty million records of the journal beside ten thousand cases: does anything get slower?

    python -m benchmarks.case_million [--database sqlite|postgresql|both] [--cases 1000000] [--folder DIR] [--verify]

Seeds a small and a large city through the store's bulk path, then in rounds, ABAB, whole lifecycles over HTTP in one and the
other (goal: 300 a second, ratio ≥ 0.9), then lists, search and counters of the large one. A million cases need some 20 GB of
disk on each database (one after the other) and about an hour each on two quiet cores. `--folder` says where;
what was made there is removed at the end.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.case_city import opened
from benchmarks.case_lifecycles import CLIENTS, GOAL, Worker, processor, run, served
from benchmarks.case_lists import measured
from benchmarks.case_seed import RECORDS, seed
from benchmarks.http_load import ratio
from benchmarks.observe import machine, server

SMALL = 10_000


def seeded(folder: Path, url: str, cases: int, *, verify: bool) -> int:
    """A city with its cases; the id of the unit that handles those to come."""
    town = opened(folder, url)
    seconds = seed(town, cases, lambda done, at: None)
    print(f"{cases:,} cases, {cases * RECORDS:,} records in {seconds:,.0f} s", flush=True)
    if verify:
        began = time.perf_counter()
        report = town.store.verify()
        took = time.perf_counter() - began
        print(
            f"chain and rows: sound {report.sound}, {report.records:,} records in {took:,.0f} s", flush=True
        )
    unit = town.directory.organisation("unit00")
    town.close()
    return unit


def lifecycles(name: str, places: dict[int, tuple[Path, str, int]], options: argparse.Namespace) -> None:
    with ExitStack() as stack:
        crews: dict[int, tuple[list[Worker], int]] = {}
        for cases, (folder, url, unit) in places.items():
            port, process = stack.enter_context(served(folder, url))
            crews[cases] = ([Worker(port, n, unit, minimal=True) for n in range(CLIENTS)], process)
            run(crews[cases][0], 3.0)
        speeds: dict[int, list[float]] = {cases: [] for cases in crews}
        for number in range(options.rounds):
            for cases, (workers, process) in crews.items():
                before = processor(process)
                lap = run(workers, options.seconds)
                spent = (processor(process) - before) / len(lap.waits) * 1000
                speeds[cases].append(lap.requests / lap.seconds)
                print(
                    f"{name} round {number + 1}, {cases:,} cases: {speeds[cases][-1]:,.1f} lifecycles/s, a step p99 "
                    f"{lap.percentile(0.99):.1f} ms, {spent:.2f} ms of the server's processor each",
                    flush=True,
                )
    small, large = speeds.values()
    print(f"{name}: median {statistics.median(large):,.1f} lifecycles/s at the large city (goal {GOAL})")
    print(f"{name}: large : small {ratio(large, small)} (goal 0.9)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--verify", action="store_true", help="recompute the chain and every row's digest")
    options = parser.parse_args()
    print(machine())
    for name in ("sqlite", "postgresql") if options.database == "both" else (options.database,):
        with ExitStack() as stack:
            home = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="hutong-million-", dir=options.folder))
            )
            made = stack.enter_context(server(home)) if name == "postgresql" else None
            places: dict[int, tuple[Path, str, int]] = {}
            for cases in (SMALL, options.cases):
                folder, url = home / f"city{cases}", made.database(f"city{cases}") if made else ""
                places[cases] = folder, url, seeded(folder, url, cases, verify=options.verify)
            lifecycles(name, places, options)
            folder, url, _ = places[options.cases]
            measured(name, folder, url, 20)


if __name__ == "__main__":
    main()
