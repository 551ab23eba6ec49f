"""Single observations over HTTP, one a request, durable and judged when answered: 16 clients.

    python -m benchmarks.single_posts [--database sqlite|postgresql|both] [--rounds 5] [--seconds 6]

Phases in rounds, ABAB:

- post: 16 kept connections, each sends the next observation when the last is answered (closed loop);
- bare: one writer commits rows of the same content to one plain table, 16 rows (what 16 clients can have waiting) a
  commit, with the same durability. No HTTP, nothing checked, judged or journalled: the floor.

Then one open loop at 1,000 posts/s, latency counted from when each post was due. Goals: 2,000 posts/s; p99 ≤ 50 ms.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import apsw
from benchmarks.http_load import Lap, Load, instant, ratio, request, served, streams
from benchmarks.observe import machine, server

CLIENTS = 16
STREAMS = 200
RATE = 1000.0


def bare_sqlite(folder: Path) -> Callable[[list[tuple[int, int, float]]], None]:
    connection = apsw.Connection(str(folder / "bare.db"))
    connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE row (stream INTEGER, time INTEGER, number REAL)")

    def commit(rows: list[tuple[int, int, float]]) -> None:
        with connection:
            connection.executemany("INSERT INTO row VALUES (?, ?, ?)", rows)

    return commit


def bare_postgresql(url: str) -> Callable[[list[tuple[int, int, float]]], None]:
    import psycopg

    connection = psycopg.connect(url)
    connection.execute("CREATE TABLE row (stream BIGINT, time BIGINT, number DOUBLE PRECISION)")
    connection.commit()

    def commit(rows: list[tuple[int, int, float]]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO row VALUES (%s, %s, %s)", rows)
        connection.commit()

    return commit


def bare(commit: Callable[[list[tuple[int, int, float]]], None], seconds: float) -> Lap:
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        commit([(done + at, done, 0.5) for at in range(CLIENTS)])
        done += CLIENTS
    return Lap(done, time.perf_counter() - began)


def measured(name: str, options: argparse.Namespace) -> None:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hutong-posts-")))
        (home / "city").mkdir()
        url = ""
        if name == "postgresql":
            made = stack.enter_context(server(home))
            url, commit = made.database("city"), bare_postgresql(made.database("bare"))
        else:
            commit = bare_sqlite(home)
        port = stack.enter_context(served(home / "city", url))
        load = Load(port, CLIENTS)
        known = streams(port, STREAMS)
        turn = itertools.count()
        start = time.time() - 40_000

        def following() -> bytes:
            at = next(turn)
            body = f'{{"phenomenonTime":"{instant(start + at / 10)}","result":{at % 13 / 100}}}'
            return request(f"Datastreams({known[at % STREAMS]})/Observations", body.encode())

        rounds(name, load, following, commit, options)


def rounds(
    name: str,
    load: Load,
    following: Callable[[], bytes],
    commit: Callable[[list[tuple[int, int, float]]], None],
    options: argparse.Namespace,
) -> None:
    load.closed(following, 1.0, lambda _: None)
    posts: list[float] = []
    floor: list[float] = []
    for number in range(options.rounds):
        lap = load.closed(following, options.seconds, lambda _: None)
        under = bare(commit, options.seconds / 2)
        posts.append(lap.requests / lap.seconds)
        floor.append(under.requests / under.seconds)
        print(
            f"{name} round {number + 1}: post {posts[-1]:,.0f}/s (p50 {lap.percentile(0.5):.1f} ms, "
            f"p99 {lap.percentile(0.99):.1f} ms); bare {floor[-1]:,.0f} rows/s",
            flush=True,
        )
    print(f"{name}: median {statistics.median(posts):,.0f} posts/s; post : bare {ratio(posts, floor)}")
    lap = load.open(following, 2 * options.seconds, RATE)
    print(
        f"{name}: open loop at {RATE:,.0f}/s for {lap.seconds:.0f} s: p50 {lap.percentile(0.5):.1f} ms, "
        f"p99 {lap.percentile(0.99):.1f} ms, most {lap.percentile(1.0):.1f} ms",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6.0)
    options = parser.parse_args()
    print(f"{machine()}; {CLIENTS} clients, {STREAMS} datastreams, rules on\n")
    for name in ("sqlite", "postgresql") if options.database == "both" else (options.database,):
        measured(name, options)


if __name__ == "__main__":
    main()
