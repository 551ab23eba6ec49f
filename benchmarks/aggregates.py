"""Windows over many streams through HTTP, beside DuckDB over the same rows.

    python -m benchmarks.aggregates [--rounds 5] [--streams 1000] [--hours 24] [--every 10] [--database URL]

1,000 streams (100 things, ten values each), a day at 10 s, 8.64 million rows: regular; jittered (each row up to 4 s off); gappy
(a fifth missing at random, and two hours of every stream). Ours is asked over HTTP and answers JSON; DuckDB answers in its own
process with two threads, over a table of its own, as numpy columns. Questions, ours and DuckDB's in turn:

- one stream · one value of all things (100 streams) · ten values of all (1,000): count, least, greatest, mean per window. Hours
  come from kept partials, half hours from the rows themselves;
- last point: the newest row of all streams.

All answers are compared (1e-6 relative). Ratio: DuckDB's time divided by ours.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from benchmarks.http_load import Connection, ratio, served, streams
from benchmarks.observe import machine

VALUES = 10
BATCH = 200
"""Rows of one stream in one data array."""
START = 1_767_225_600
"""2026-01-01, seconds."""
Columns = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """`window` in seconds; 0 asks for the last point."""

    name: str
    streams: list[int]
    window: int


def times_of(kind: str, number: int, options: argparse.Namespace) -> Any:
    """Seconds of a stream's rows, ascending."""
    random = np.random.default_rng(number)
    regular = START + np.arange(0, options.hours * 3600, options.every, dtype=np.float64)
    if kind == "regular":
        return regular
    if kind == "jittered":
        return np.round(regular + random.uniform(-4, 4, len(regular)), 3)
    hole = START + random.integers(0, (options.hours - 2) * 3600)
    return regular[(random.random(len(regular)) > 0.2) & ~((regular >= hole) & (regular < hole + 7200))]


def rows_of(kind: str, known: list[int], options: argparse.Namespace) -> dict[int, tuple[Any, Any]]:
    """Stream → (µs, values): a random walk with four decimals, within 0.1 m: out of range would not count."""
    found = {}
    for number, stream in enumerate(known):
        at = np.round(times_of(kind, number, options) * 1e6).astype(np.int64)
        walk = np.random.default_rng(10_000 + number).normal(0, 0.001, len(at)).cumsum()
        found[stream] = (at, np.round(np.clip(0.03 + number % VALUES * 0.005 + walk, 0, 0.1), 4))
    return found


def sent(port: int, rows: dict[int, tuple[Any, Any]]) -> None:
    """All rows through CreateObservations, time slice by time slice, as they would come."""
    connection = Connection(port)
    longest = max(len(at) for at, _ in rows.values())
    for first in range(0, longest, BATCH):
        arrays = []
        for stream, (at, values) in rows.items():
            part = at[first : first + BATCH]
            texts = np.datetime_as_string(part.astype("datetime64[us]"), unit="ms").tolist()
            pairs = [
                [f"{text}Z", value]
                for text, value in zip(texts, values[first : first + BATCH].tolist(), strict=True)
            ]
            arrays.append(
                {
                    "Datastream": {"@iot.id": stream},
                    "components": ["phenomenonTime", "result"],
                    "dataArray": pairs,
                }
            )
        for some in range(0, len(arrays), 100):
            answer = connection.ask("CreateObservations", json.dumps(arrays[some : some + 100]).encode())
            if b'"error' in answer:
                raise RuntimeError(answer[:300])


def packed(port: int) -> None:
    """Until the packer has caught up."""
    connection = Connection(port)
    until = time.monotonic() + 300
    while (
        json.loads(connection.ask("/api/v1/health"))["packing_backlog"] > 100_000 and time.monotonic() < until
    ):
        time.sleep(0.5)


def in_duckdb(rows: dict[int, tuple[Any, Any]]) -> duckdb.DuckDBPyConnection:
    """The same rows in a table of its own, in the order in which they came."""
    connection = duckdb.connect(config={"threads": 2})
    stream = np.concatenate([np.full(len(at), one) for one, (at, _) in rows.items()])
    at = np.concatenate([at for at, _ in rows.values()])
    number = np.concatenate([values for _, values in rows.values()])
    order = np.argsort(at, kind="stable")
    columns = {"stream": stream[order], "moment": at[order].astype("datetime64[us]"), "number": number[order]}  # noqa: F841
    connection.execute("CREATE TABLE rows AS SELECT * FROM columns")
    return connection


def theirs(connection: duckdb.DuckDBPyConnection, asked: Question) -> Columns:
    """DuckDB's answer as numpy columns, ordered by stream and window."""
    where = f"stream IN ({','.join(map(str, asked.streams))})"
    if not asked.window:
        sql = f"SELECT stream, arg_max(number, moment) AS number FROM rows WHERE {where} GROUP BY stream ORDER BY stream"
        return connection.execute(sql).fetchnumpy()
    bucket = f"time_bucket(INTERVAL {asked.window} SECOND, moment, TIMESTAMP '1970-01-01')"
    sql = (
        f"SELECT stream, {bucket} AS start, count(*) AS n, min(number) AS min, max(number) AS max, avg(number) AS mean "
        f"FROM rows WHERE {where} GROUP BY ALL ORDER BY stream, start"
    )
    return connection.execute(sql).fetchnumpy()


def ours(connection: Connection, asked: Question, options: argparse.Namespace) -> Columns:
    """Our answer as it left the server, parsed by whoever wants it."""
    ids = ",".join(map(str, asked.streams))
    if not asked.window:
        body = connection.ask(f"/api/v1/streams/latest?streams={ids}")
    else:
        span = f"start={_iso(START - 3600)}&end={_iso(START + options.hours * 3600 + 3600)}"
        body = connection.ask(f"/api/v1/streams/aggregates?streams={ids}&window=PT{asked.window}S&{span}")
    return {"body": body}


def _iso(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


def compared(mine: Columns, other: Columns, asked: Question) -> None:
    """AssertionError where the answers differ."""
    told = json.loads(mine["body"])
    order = np.lexsort((told["start"], told["stream"])) if asked.window else np.argsort(told["stream"])
    names = ("stream", "n", "min", "max", "mean") if asked.window else ("stream", "number")
    for name in names:
        left, right = np.asarray(told[name], float)[order], np.asarray(other[name], float)
        np.testing.assert_allclose(left, right, rtol=1e-6, err_msg=f"{asked.name}: {name}")


def timed(call: Callable[[], Columns]) -> tuple[float, Columns]:
    began = time.perf_counter()
    found = call()
    return time.perf_counter() - began, found


def questions(known: list[int]) -> list[Question]:
    one, all_things = known[:1], known[::VALUES]
    asked = []
    for words, window in (("hours, from partials", 3600), ("half hours, from rows", 1800)):
        asked += [
            Question(f"one stream, {words}", one, window),
            Question(f"one value of all, {words}", all_things, window),
            Question(f"ten values of all, {words}", known, window),
        ]
    return [*asked, Question("last point of all", known, 0)]


def measured(kind: str, options: argparse.Namespace) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="hutong-windows-") as home,
        served(Path(home), options.database) as port,
    ):
        known = streams(port, options.streams)
        rows = rows_of(kind, known, options)
        sent(port, rows)
        packed(port)
        connection, peer = Connection(port), in_duckdb(rows)
        print(f"\n{kind}: {sum(len(at) for at, _ in rows.values()):,} rows of {len(known):,} streams")
        for asked in questions(known):
            compared(ours(connection, asked, options), theirs(peer, asked), asked)
            mine: list[float] = []
            other: list[float] = []
            for _ in range(options.rounds):
                mine.append(timed(lambda asked=asked: ours(connection, asked, options))[0])
                other.append(timed(lambda asked=asked: theirs(peer, asked))[0])
            print(
                f"  {asked.name:40} ours {statistics.median(mine) * 1000:8.1f} ms   "
                f"DuckDB {statistics.median(other) * 1000:8.1f} ms   DuckDB : ours {ratio(other, mine)}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--database", default="", help="A postgresql:// address instead of SQLite.")
    parser.add_argument("--kinds", default="regular,jittered,gappy")
    options = parser.parse_args()
    print(f"{machine()}; DuckDB {duckdb.__version__}, 2 threads")
    for kind in options.kinds.split(","):
        measured(kind, options)


if __name__ == "__main__":
    main()
