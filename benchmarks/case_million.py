"""One million cases and twenty million records of the journal beside ten thousand cases: does anything get slower?

    python -m benchmarks.case_million [--database sqlite|postgresql|both] [--cases 1000000] [--folder DIR] [--verify]
    python -m benchmarks.case_million --folder DIR --stage seed|lists|lifecycles|verify   # DIR keeps what was made

Stages of each database: `seed` stores a small and a large city through the store's bulk path; `lists` asks for lists, search
and counts of the large one; `lifecycles` takes cases through their lives over HTTP in one and the other, in rounds, ABAB (goal:
300 a second, ratio ≥ 0.9); `verify` recomputes the chain and every row's digest. A table of all figures stands at the end. What
was seeded is used again while it is there; a run of all stages removes it at its end (not with `--keep`). No stage begins after
`--minutes` of a database. A million cases need some 20 GB of disk on each database, one after the other.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.case_city import opened
from benchmarks.case_lifecycles import CLIENTS, GOAL, PROCESSES, Worker, processor, run, served
from benchmarks.case_lists import GOALS, measured
from benchmarks.case_seed import RECORDS, seed
from benchmarks.case_server import LEAP
from benchmarks.http_load import ratio
from benchmarks.observe import Server, machine, server

from hutong.engine.flow.deadlines import Deadlines

SMALL = 10_000
STAGES = ("seed", "lists", "lifecycles")
BYTES = 24_000
"""Of disk that must be free for each case: with its records, the database's log and room to build indexes."""
SEEDED = "seeded.json"
Place = tuple[Path, str]
"""A city's folder and the address of its database."""


class Run:
    """All that is measured of one database."""

    def __init__(self, name: str, home: Path, made: Server | None, options: argparse.Namespace) -> None:
        self.name, self.options = name, options
        self.places: dict[int, Place] = {
            cases: (home / f"city{cases}", made.database(f"city{cases}") if made else "")
            for cases in (SMALL, options.cases)
        }
        self.began = time.perf_counter()
        self.figures: list[tuple[str, str, str]] = []

    def say(self, text: str) -> None:
        spent = time.perf_counter() - self.began
        print(f"[{time.strftime('%H:%M:%S')} {spent / 60:5.1f} min] {self.name}: {text}", flush=True)

    def stages(self, wanted: list[str]) -> None:
        for stage in wanted:
            if time.perf_counter() - self.began > self.options.minutes * 60:
                self.figures.append((stage, "", f"left out after {self.options.minutes:.0f} minutes"))
                continue
            self.say(f"{stage} begins")
            getattr(self, stage)()
        self.say("done")

    def seed(self) -> None:
        for cases, (folder, url) in self.places.items():
            if (folder / SEEDED).exists():
                self.say(f"{cases:,} cases are there")
                continue
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            if url:
                _prepare(url)
            self._seed_one(cases, folder, url)

    def _seed_one(self, cases: int, folder: Path, url: str) -> None:
        town = opened(folder, url)

        def tell(done: int, seconds: float) -> None:
            if done % 50_000 == 0:
                rest = seconds / done * (cases - done)
                speed = done * RECORDS / seconds
                self.say(f"{done:,} cases in {seconds:,.0f} s ({speed:,.0f} records/s); {rest:,.0f} s to go")

        seconds = seed(town, cases, tell)
        began = time.perf_counter()
        town.clock.move_to(town.clock.city + LEAP)
        fired = Deadlines(town.cases).tick()
        self.say(f"deadlines of {fired:,} open cases fired in {time.perf_counter() - began:,.0f} s")
        town.close()
        if url:
            _loaded(url)
        (folder / SEEDED).write_text(json.dumps({"cases": cases, "seconds": seconds}))
        told = f"{seconds:,.0f} s, {cases * RECORDS / seconds:,.0f} records/s with indexes and statistics"
        self.say(f"{cases:,} cases, {cases * RECORDS:,} records: {told}")
        if cases == self.options.cases:
            size = _bytes(folder, url) / cases / 1000
            self.figures.append((f"seeding {cases:,} cases", "", f"{told}; {size:.1f} kB a case"))

    def lists(self) -> None:
        folder, url = self.places[self.options.cases]
        for kind, (middle, most, worst) in measured(self.name, folder, url, self.options.asks).items():
            goal = f"p95 ≤ {GOALS[kind]:.0f} ms"
            self.figures.append((kind, goal, f"p50 {middle:.1f}, p95 {most:.1f}, most {worst:.1f} ms"))

    def lifecycles(self) -> None:
        with ExitStack() as stack:
            crews: dict[int, tuple[list[Worker], int]] = {}
            for cases, (folder, url) in self.places.items():
                unit = _unit(folder, url)
                port, process = stack.enter_context(served(folder, url, PROCESSES))
                crews[cases] = ([Worker(port, n, unit, minimal=True) for n in range(CLIENTS)], process)
                run(crews[cases][0], 3.0)
            speeds: dict[int, list[float]] = {cases: [] for cases in crews}
            for number in range(self.options.rounds):
                for cases, (workers, process) in crews.items():
                    before = processor(process)
                    lap = run(workers, self.options.seconds)
                    spent = (processor(process) - before) / len(lap.waits) * 1000
                    speeds[cases].append(lap.requests / lap.seconds)
                    self.say(
                        f"round {number + 1}, {cases:,} cases: {speeds[cases][-1]:,.1f} lifecycles/s, a step p99 "
                        f"{lap.percentile(0.99):.1f} ms, {spent:.2f} ms of the server's processor each"
                    )
        small, large = speeds.values()
        for cases, speed in speeds.items():
            told = f"{statistics.median(speed):,.1f} ({min(speed):,.1f} … {max(speed):,.1f})"
            self.figures.append((f"lifecycles/s, {cases:,} cases", f"{GOAL}", told))
        self.figures.append(("lifecycles, large : small", "≥ 0.9", str(ratio(large, small))))

    def verify(self) -> None:
        folder, url = self.places[self.options.cases]
        town = opened(folder, url)
        began = time.perf_counter()
        report = town.store.verify()
        took = time.perf_counter() - began
        town.close()
        told = f"sound {report.sound}: {report.records:,} records, {report.rows:,} rows in {took:,.0f} s"
        self.figures.append(("chain and rows", "sound", told))

    def table(self) -> str:
        head = f"| {self.name}, {self.options.cases:,} cases | goal | measured |\n|---|---|---|\n"
        return head + "\n".join(f"| {what} | {goal} | {told} |" for what, goal, told in self.figures)


def _unit(folder: Path, url: str) -> int:
    """Who handles the cases to come."""
    town = opened(folder, url)
    unit = town.directory.organisation("unit00")
    town.close()
    return unit


def _prepare(url: str) -> None:
    """An empty database; the server may write a longer log between two checkpoints, as is usual for a load, and leaves
    the vacuum to the end of it."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        connection.execute("ALTER SYSTEM SET max_wal_size = '6GB'")
        connection.execute("ALTER SYSTEM SET checkpoint_timeout = '15min'")
        connection.execute("ALTER SYSTEM SET autovacuum = off")
        connection.execute("SELECT pg_reload_conf()")


def _loaded(url: str) -> None:
    """As it is in service."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        connection.execute("ALTER SYSTEM RESET ALL")
        connection.execute("SELECT pg_reload_conf()")


def _bytes(folder: Path, url: str) -> int:
    if not url:
        return sum(one.stat().st_size for one in folder.glob("city.db*"))
    import psycopg

    with psycopg.connect(url) as connection:
        return int(connection.execute("SELECT pg_database_size(current_database())").fetchone()[0])  # type: ignore[index]


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=4, help="of lifecycles")
    parser.add_argument("--seconds", type=float, default=15.0, help="of a round")
    parser.add_argument("--asks", type=int, default=12, help="rounds of lists, search and counts")
    parser.add_argument("--minutes", type=float, default=25.0, help="no stage of a database begins later")
    parser.add_argument("--folder", type=Path, help="where the cities lie (default: the system's)")
    parser.add_argument("--stage", choices=(*STAGES, "verify"), action="append", help="only these")
    parser.add_argument("--keep", action="store_true", help="leave the cities there")
    parser.add_argument("--verify", action="store_true", help="recompute the chain and every row's digest")
    options = parser.parse_args()
    if options.cases <= SMALL:
        parser.error(f"--cases must be more than {SMALL:,}, which the small city has")
    return options


def main() -> int:
    options = parsed()
    if options.stage and not options.folder:
        print("--stage needs --folder, where the cities are kept between two stages", file=sys.stderr)
        return 2
    wanted = options.stage or [*STAGES, *(("verify",) if options.verify else ())]
    above = options.folder or Path(tempfile.gettempdir())
    above.mkdir(parents=True, exist_ok=True)
    print(machine())
    tables = []
    for name in ("sqlite", "postgresql") if options.database == "both" else (options.database,):
        home = above / f"hutong-million-{name}"
        home.mkdir(exist_ok=True)
        if "seed" in wanted and not (home / f"city{options.cases}" / SEEDED).exists():
            free = shutil.disk_usage(home).free
            if free < options.cases * BYTES:
                print(f"{name}: {free / 1e9:.0f} GB are free, {options.cases * BYTES / 1e9:.0f} are needed")
                return 1
        with ExitStack() as stack:
            if not (options.keep or options.stage):
                stack.callback(shutil.rmtree, home, ignore_errors=True)
            made = stack.enter_context(server(home, keep=True)) if name == "postgresql" else None
            measuring = Run(name, home, made, options)
            measuring.stages(wanted)
            tables.append(measuring.table())
            print(f"\n{tables[-1]}\n", flush=True)
    if len(tables) > 1:
        print("\n\n".join(tables))
    return 0


if __name__ == "__main__":
    sys.exit(main())
