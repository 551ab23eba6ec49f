"""The newest value of 100,000 streams as one page sequence over HTTP.

    python -m benchmarks.latest_pages [--streams 100000] [--page 20000] [--rounds 5]

Peer, in turns: the same pages from an ordinary SQLite table of the newest rows (stream, time, number), read in this process
without HTTP or JSON: what is least to be done. Goal: all pages within one second.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
from benchmarks.http_load import Connection, ratio, served
from benchmarks.observe import machine


def pages(connection: Connection, size: int) -> Iterator[dict[str, list[float]]]:
    after = ""
    while True:
        page = json.loads(connection.ask(f"/api/v1/streams/latest?limit={size}{after}"))
        yield page
        if page["after"] is None:
            return
        after = f"&after={page['after']}"


def table(folder: Path, rows: list[tuple[int, str, float]]) -> apsw.Connection:
    made = apsw.Connection(str(folder / "latest.db"))
    made.execute("CREATE TABLE latest (stream INTEGER PRIMARY KEY, time TEXT, number REAL)")
    with made:
        made.executemany("INSERT INTO latest VALUES (?, ?, ?)", rows)
    return made


def plain(made: apsw.Connection, size: int) -> int:
    after, found = -1, 0
    while True:
        rows = made.execute(
            "SELECT stream, time, number FROM latest WHERE stream > ? ORDER BY stream LIMIT ?", (after, size)
        ).fetchall()
        if not rows:
            return found
        found, after = found + len(rows), rows[-1][0]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--streams", type=int, default=100_000)
    parser.add_argument("--page", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="hutong-latest-") as home,
        served(Path(home), "", options.streams) as port,
    ):
        connection = Connection(port)
        began = time.perf_counter()
        rows = [
            row
            for page in pages(connection, options.page)
            for row in zip(page["stream"], page["time"], page["number"], strict=True)
        ]
        first = time.perf_counter() - began
        assert len(rows) >= options.streams
        with closing(table(Path(home), rows)) as made:
            ours, least = [], []
            for _ in range(options.rounds):
                began = time.perf_counter()
                assert sum(len(page["stream"]) for page in pages(connection, options.page)) == len(rows)
                middle = time.perf_counter()
                assert plain(made, options.page) == len(rows)
                ours.append(middle - began)
                least.append(time.perf_counter() - middle)
    print(machine())
    spread = f"{statistics.median(ours):.2f} s (least {min(ours):.2f}, most {max(ours):.2f})"
    print(
        f"{len(rows):,} streams in pages of {options.page:,}, read and parsed: {spread}, the first time {first:.2f} s"
    )
    print(f"plain SQLite in process {statistics.median(least):.3f} s; ours : plain {ratio(ours, least)}")


if __name__ == "__main__":
    main()
