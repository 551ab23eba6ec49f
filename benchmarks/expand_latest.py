"""Things by an indexed property with the newest observation of each of their datastreams: the first page.

    python benchmarks/expand_latest.py [--things 10000] [--rows 5000000] [--rounds 5] [--peer]

Asks `Things?$filter=properties/level gt …&$expand=Datastreams($expand=Observations($top=1;$orderby=phenomenonTime desc))`
of the application in this process (no socket), over SQLite, after `rows` observations were appended and packed. With
`--peer`, the same answer by plain SQL over one ordinary row per observation in SQLite, its primary key (stream, time).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from litestar.testing import TestClient
from tests.api.town import PASSWORD, RECORDED, START, Town, seed, tiny_city

from hutong.api.application import create_app
from hutong.kernel.base import Label
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import FixedClock
from hutong.kernel.observation import batch
from hutong.kernel.thing import Datastream, ObservedProperty, Sensor, Thing
from hutong.store import CityStore, open_store

CHUNK = 1_000_000
SECOND = 1_000_000
SEEDED = Record(kind="benchmark.seed", actor=0, at=START)
AT = "/sta/v1.1/Things?$filter=properties/level gt {}&$expand=Datastreams($expand=Observations($top=1;{}))"


def furnish(store: CityStore, things: int) -> list[int]:
    """Things with a level in their properties, each with one datastream; ids of the streams."""
    ids = store.new_ids(2 * things + 2)
    sensor, observed, *rest = ids
    store.bulk_load([Sensor(id=sensor, name="s")], SEEDED)
    store.bulk_load([ObservedProperty(id=observed, name="p")], SEEDED)
    rows = [
        Thing(id=id, type="base.generic_sensor", code=str(id), name=Label(f"t{at}"), properties={"level": at})
        for at, id in enumerate(rest[:things])
    ]
    store.bulk_load(rows, SEEDED)
    streams = [
        Datastream(id=id, name=f"s{at}", thing=rest[at], sensor=sensor, observed_property=observed)
        for at, id in enumerate(rest[things:])
    ]
    store.bulk_load(streams, SEEDED)
    return rest[things:]


def observe(store: CityStore, streams: list[int], rows: int) -> None:
    """`rows` observations, one of every stream every ten seconds, in order of time, packed as they come."""
    ids = np.array(streams, np.int64)
    for start in range(0, rows, CHUNK):
        at = np.arange(start, min(start + CHUNK, rows))
        times = START - (rows // len(ids) - at // len(ids)) * 10 * SECOND
        given = batch("seed", ids[at % len(ids)], times, (at % 997) / 10)
        store.apply(Changes(records=(SEEDED,), batches=(given,)))
        for packer in store.packers():
            while packer.step(all_of_it=True):
                pass


def peer(folder: Path, streams: list[int], rows: int, level: int) -> Callable[[], Any]:
    """The same answer from ordinary rows."""
    database = apsw.Connection(str(folder / "peer.sqlite"))
    database.execute(
        "PRAGMA journal_mode = WAL; CREATE TABLE thing (id INTEGER PRIMARY KEY, level INTEGER, body TEXT)"
    )
    database.execute("CREATE INDEX by_level ON thing (level)")
    database.execute(
        "CREATE TABLE o (stream INTEGER, time INTEGER, value REAL, PRIMARY KEY (stream, time)) WITHOUT ROWID"
    )
    per = rows // len(streams)
    with database:
        made = (
            (at, at, json.dumps({"name": f"t{at}", "properties": {"level": at}}))
            for at in range(len(streams))
        )
        database.executemany("INSERT INTO thing VALUES (?, ?, ?)", made)
        for at in range(len(streams)):
            some = ((at, START + row * 10 * SECOND, row / 10) for row in range(per))
            database.executemany("INSERT INTO o VALUES (?, ?, ?)", some)
    sql = (
        "SELECT t.id, t.body, (SELECT json_array(time, value) FROM o WHERE stream = t.id ORDER BY time DESC LIMIT 1) "
        "FROM thing t WHERE t.level > ? ORDER BY t.id LIMIT 100"
    )

    def ask() -> list[Any]:
        found = database.execute(sql, (level,)).fetchall()
        return [
            {"id": id, **json.loads(str(body)), "latest": json.loads(str(last))} for id, body, last in found
        ]

    return ask


def timed(rounds: int, *acts: Callable[[], Any]) -> list[list[float]]:
    """Seconds of each act, interleaved; the first round of each is left out."""
    found: list[list[float]] = [[] for _ in acts]
    for turn in range(rounds + 1):
        for act, spent in zip(acts, found, strict=True):
            begun = time.perf_counter()
            act()
            if turn:
                spent.append(time.perf_counter() - begun)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--things", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "city"
        city, functions = tiny_city()
        seed(folder, city)
        store = open_store(folder, clock=FixedClock(START, RECORDED))
        streams = furnish(store, options.things)
        observe(store, streams, options.rows)
        store.index_properties([("level", "float")])
        town = Town(store, city, functions, FixedClock(START, RECORDED))
        level = options.things // 2
        with TestClient(create_app(town.context)) as http:

            def ask() -> None:
                url = AT.format(level, "$orderby=phenomenonTime desc")
                answer = http.get(url, auth=("xitong", PASSWORD))
                page = answer.json()["value"]
                assert len(page) == 100, answer.text
                assert all(one["Datastreams"][0]["Observations"][0]["result"] is not None for one in page)

            acts = [ask]
            if options.peer:
                acts.append(peer(Path(name), streams, options.rows, level))
            spent = timed(options.rounds, *acts)
        report(options, spent)
        town.close()


def report(options: argparse.Namespace, spent: list[list[float]]) -> None:
    own = spent[0]
    told = f"median {statistics.median(own) * 1000:.1f} ms ({min(own) * 1000:.1f} to {max(own) * 1000:.1f})"
    print(f"{options.things:,} things, {options.rows:,} observations: first page of 100 {told}")
    if len(spent) > 1:
        ratios = [peer / mine for mine, peer in zip(own, spent[1], strict=True)]
        print(
            f"plain SQL over rows: median {statistics.median(spent[1]) * 1000:.1f} ms; it takes "
            f"{statistics.median(ratios):.2f} of our time ({min(ratios):.2f} to {max(ratios):.2f})"
        )


if __name__ == "__main__":
    main()
