"""Observations per second over HTTP: data arrays of 1,000, rules on, durable and judged when answered.

    python -m benchmarks.data_arrays [--database sqlite|postgresql|both] [--rounds 5] [--seconds 12] [--connections 8]

The server is a process of its own (the tiny city of the tests; every fifth of the streams is a ponding depth that rules
watch; its packer runs all the time). This process is the load generator, on the same machine. Phases in rounds, ABAB:

- arrays: POST CreateObservations with data arrays of 1,000 rows over ten datastreams, 8 kept connections, closed loop;
- bare: the same rows in batches of 1,000, one commit each, into one plain table: executemany (SQLite, synchronous=FULL) or
  binary COPY (PostgreSQL). No HTTP, no JSON, nothing checked, judged, journalled or packed.

Goals: 200,000 observations/s on SQLite, 60,000 on PostgreSQL, arrays : bare 0.5.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import apsw
from benchmarks.http_load import Lap, Load, instant, ratio, request, served, streams
from benchmarks.observe import machine, server

ROWS = 1000
SHARE = 10
STREAMS = 200
BODIES = 1500
GOALS = {"sqlite": 200_000, "postgresql": 60_000}
Row = tuple[int, int, float]
Commit = Callable[[list[Row]], None]


def bare_sqlite(folder: Path) -> Commit:
    connection = apsw.Connection(str(folder / "bare.db"))
    connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE row (stream INTEGER, time INTEGER, number REAL)")

    def commit(rows: list[Row]) -> None:
        with connection:
            connection.executemany("INSERT INTO row VALUES (?, ?, ?)", rows)

    return commit


def bare_postgresql(url: str) -> Commit:
    import psycopg

    connection = psycopg.connect(url)
    connection.execute("CREATE TABLE row (stream BIGINT, time BIGINT, number DOUBLE PRECISION)")
    connection.commit()

    def commit(rows: list[Row]) -> None:
        with connection.cursor() as cursor, cursor.copy("COPY row FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int8", "int8", "float8"])
            for row in rows:
                copy.write_row(row)
        connection.commit()

    return commit


def rows_of(streams: list[int], start: int, turn: int) -> list[Row]:
    """The rows of one request: ten streams, a hundred seconds each; every turn of a stream is later than its last."""
    lap, first = divmod(turn * SHARE, len(streams))
    each = ROWS // SHARE
    return [
        (streams[first + at], start + lap * each + second, (second + turn) % 7 / 100)
        for at in range(SHARE)
        for second in range(each)
    ]


def body_of(rows: list[Row]) -> bytes:
    arrays = [
        {
            "Datastream": {"@iot.id": stream},
            "components": ["phenomenonTime", "result"],
            "dataArray": [[instant(time), number] for _, time, number in some],
        }
        for stream, some in itertools.groupby(rows, key=lambda row: row[0])
    ]
    return request("CreateObservations", json.dumps(arrays).encode())


def look(body: bytes) -> None:
    if b'"error"' in body:
        raise RuntimeError(body[:300])


def bare(commit: Commit, batches: list[list[Row]], seconds: float) -> Lap:
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        commit(batches[done % len(batches)])
        done += 1
    return Lap(done, time.perf_counter() - began)


def measured(name: str, options: argparse.Namespace) -> bool:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hutong-arrays-")))
        (home / "city").mkdir()
        url = ""
        if name == "postgresql":
            made = stack.enter_context(server(home))
            url, commit = made.database("city"), bare_postgresql(made.database("bare"))
        else:
            commit = bare_sqlite(home)
        port = stack.enter_context(served(home / "city", url))
        load = Load(port, options.connections)
        known = streams(port, STREAMS)
        start = int(time.time()) - 40 * 86_400
        batches = [rows_of(known, start, turn) for turn in range(BODIES)]
        bodies = [body_of(rows) for rows in batches]
        turn = itertools.count()
        return rounds(name, load, lambda: bodies[next(turn) % BODIES], commit, batches, options)


def rounds(
    name: str,
    load: Load,
    following: Callable[[], bytes],
    commit: Commit,
    batches: list[list[Row]],
    options: argparse.Namespace,
) -> bool:
    load.closed(following, 1.0, look)
    ours: list[float] = []
    plain: list[float] = []
    seconds = 0.0
    for number in range(options.rounds):
        lap = load.closed(following, options.seconds, look)
        under = bare(commit, batches, options.seconds / 3)
        ours.append(lap.requests * ROWS / lap.seconds)
        plain.append(under.requests * ROWS / under.seconds)
        seconds += lap.seconds
        print(
            f"{name} round {number + 1}: arrays {ours[-1]:,.0f} observations/s (p50 {lap.percentile(0.5):.1f} ms, "
            f"p99 {lap.percentile(0.99):.1f} ms a request); bare {plain[-1]:,.0f} rows/s",
            flush=True,
        )
    median = statistics.median(ours)
    print(
        f"{name}: median {median:,.0f} observations/s (least {min(ours):,.0f}) over {seconds:.0f} s of arrays; "
        f"arrays : bare {ratio(ours, plain)}; goal {GOALS[name]:,}",
        flush=True,
    )
    return median >= GOALS[name]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--check", action="store_true", help="exit 1 if a goal is missed")
    options = parser.parse_args()
    print(f"{machine()}; {options.connections} connections, {STREAMS} datastreams, rules on\n")
    names = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    missed = [name for name in names if not measured(name, options)]
    return 1 if missed and options.check else 0


if __name__ == "__main__":
    raise SystemExit(main())
