"""Lists, search and counters of cases over HTTP, as people with different rights ask for them.

    python -m benchmarks.case_lists [--database sqlite|postgresql|both] [--cases 10000] [--rounds 20]
    python -m benchmarks.case_lists --folder SEEDED [--url URL]

One kept connection, no other load; no question comes again within the two seconds for which the server keeps figures. Who
asks: a dispatcher (the whole city), a handling unit (its own cases), a grid's collector (one community of forty). Goals at one
million cases: a filtered page of 50 p95 ≤ 100 ms; search p95 ≤ 200 ms; counts, figures of the present and procedures ≤ 50 ms.
`SELECT count(*)` of one state by plain SQL stands beside the counters.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

from benchmarks.case_city import BEAT, opened
from benchmarks.case_lifecycles import basic, served
from benchmarks.case_seed import seed
from benchmarks.observe import machine, server

PEOPLE = {"dispatcher": "paiqian", "unit": "chuzhi00", "grid": BEAT}
LISTS = (
    "open=true",
    "open=true&mine=true",
    "state=handling",
    "state=closed",
    "overdue=true",
    "sort=-opened",
    "sort=-opened&open=false",
    "category=other:works.manhole&open=true",
    "category=other:works.manhole&sort=-opened",
    "urgency=ordinary&source=public&open=true",
    "state=handling,to_check&sort=opened",
)
WORDS = (
    "道路破损",
    "南京东路",
    "影响居民通行",
    "井盖",
    "气味难闻 商户反映强烈",
    "武康北路1234号",
    "31010100000000000012",
)
GOALS = {"list": 100.0, "search": 200.0, "counters": 50.0}
"""ms, for 95 of a hundred."""
Ask = tuple[str, str, str, str]
"""(kind, who, path, what it is called)"""


class Asker:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, login: str, path: str) -> tuple[float, bytes]:
        """ms until the answer was there, and its body."""
        began = time.perf_counter()
        head = f"GET /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {basic(login)}\r\n\r\n"
        self.socket.sendall(head.encode())
        got, whole = bytearray(), 0
        while not whole or len(got) < whole:
            got += self.socket.recv(1 << 20)
            end = got.find(b"\r\n\r\n")
            if not whole and end >= 0:
                whole = end + 4 + int(bytes(got[:end]).lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if not got.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(got.decode(errors="replace"))
        return (time.perf_counter() - began) * 1000, bytes(got[got.find(b"\r\n\r\n") + 4 :])


def asks() -> Iterator[Ask]:
    for who, login in PEOPLE.items():
        for filters in LISTS:
            yield "list", login, f"/cases?limit=50&{filters}", f"{who}: {filters}"
        for words in WORDS:
            yield "search", login, f"/cases?limit=50&sort=-opened&q={quote(words)}", f"{who}: list by {words}"
            yield "search", login, f"/search?q={quote(words)}", f"{who}: search {words}"
        yield (
            "search",
            login,
            f"/cases?limit=50&open=true&q={quote(WORDS[0])}",
            f"{who}: open ones by {WORDS[0]}",
        )
        yield "counters", login, "/cases/counts", f"{who}: counts"
        yield "counters", login, "/kpis", f"{who}: figures of the present"
        yield "counters", login, "/procedures", f"{who}: procedures with their open cases"


def second_page(asker: Asker, login: str, path: str, body: bytes) -> float | None:
    """The page after the tenth, as somebody who scrolls; None if there are fewer."""
    after = json.loads(body)["after"]
    for _ in range(9):
        if after is None:
            return None
        _, body = asker.ask(login, f"{path}&after={after}")
        after = json.loads(body)["after"]
    return asker.ask(login, f"{path}&after={after}")[0] if after else None


def measured(name: str, folder: Path, url: str, rounds: int) -> dict[str, tuple[float, float, float]]:
    """p50, p95 and most (ms) of each kind."""
    town = opened(folder, url)
    with town.store.reader() as reader:
        cases = sum(reader.counters("case.state").values())
        counting = plain_count(reader)
    town.close()
    spent: dict[str, list[float]] = {}
    by_kind: dict[str, list[float]] = {kind: [] for kind in GOALS}
    with served(folder, url) as (port, _):
        asker = Asker(port)
        for number in range(rounds + 1):
            for kind, login, path, called in asks():
                took, body = asker.ask(login, path)
                if number:
                    spent.setdefault(f"{kind} {called}", []).append(took)
                    by_kind[kind].append(took)
                elif kind == "list" and (later := second_page(asker, login, path, body)) is not None:
                    by_kind[kind].append(later)
    print(f"\n{name}, {cases:,} cases; ms, {rounds} rounds")
    for what, waits in sorted(spent.items(), key=lambda pair: -statistics.median(pair[1])):
        print(f"  {statistics.median(waits):8.1f} median {max(waits):8.1f} most  {what}")
    found: dict[str, tuple[float, float, float]] = {}
    for kind, waits in by_kind.items():
        ordered = sorted(waits)
        p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        found[kind] = statistics.median(waits), p95, ordered[-1]
        print(
            f"{name}, {cases:,} cases: {kind} p50 {statistics.median(waits):.1f} ms, p95 {p95:.1f} ms, "
            f"most {ordered[-1]:.1f} ms (goal {GOALS[kind]:.0f})"
        )
    print(f"{name}: SELECT count(*) of the closed cases takes {counting:.0f} ms", flush=True)
    return found


def plain_count(reader: object) -> float:
    """ms of counting by plain SQL what a kept counter knows; the better of two."""
    took = []
    for _ in range(2):
        began = time.perf_counter()
        reader.tx.row("SELECT count(*) FROM \"case\" WHERE lane = 1 AND state = 'closed'")  # type: ignore[attr-defined]
        took.append((time.perf_counter() - began) * 1000)
    return min(took)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="a city seeded before")
    parser.add_argument("--url", default="", help="its PostgreSQL database")
    options = parser.parse_args()
    print(machine())
    if options.folder:
        measured("postgresql" if options.url else "sqlite", options.folder, options.url, options.rounds)
        return
    for name in ("sqlite", "postgresql") if options.database == "both" else (options.database,):
        with ExitStack() as stack:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hutong-lists-")))
            url = stack.enter_context(server(home)).database("city") if name == "postgresql" else ""
            town = opened(home / "city", url)
            seed(town, options.cases, lambda done, at: None)
            town.close()
            measured(name, home / "city", url, options.rounds)


if __name__ == "__main__":
    main()
