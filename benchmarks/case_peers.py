"""Lifecycles of cases beside durable workflows of DBOS and bare durable commits, on the same PostgreSQL, in the same run.

    python -m benchmarks.case_peers [--rounds 3] [--seconds 10] [--cases 2000]

Eight clients each. Ours: create → dispatch → feed back → check → close over HTTP, each request with its access check,
procedure, journal record and optimistic version, durable when answered. DBOS: a workflow of create and five steps that do
nothing but return a value, each recorded before the next; called in its own process, without HTTP. Bare: one row a commit,
eight connections. All with fsync and synchronous_commit. The goal is ten times DBOS's durable steps a second.

DBOS is no dependency of ours: an environment for it is made in `.venv-dbos` (once; needs a package index).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg
from benchmarks.case_city import opened
from benchmarks.case_lifecycles import PROCESSES, Worker, run, served
from benchmarks.case_seed import seed
from benchmarks.http_load import ratio
from benchmarks.observe import machine, server

CLIENTS = 8
ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv-dbos"
GOAL = 10


def peer_python() -> Path:
    """The interpreter of the environment that has DBOS, made if it is not there."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "dbos>=3"]
        subprocess.run(install, check=True)
    return python


def dbos(python: Path, url: str, seconds: float) -> float:
    """Durable steps a second."""
    script = Path(__file__).with_name("case_peers_dbos.py")
    command = [str(python), str(script), url, str(CLIENTS), str(seconds)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ENVIRONMENT)
    told = json.loads(answer.stdout.strip().splitlines()[-1])
    return float(told["steps"] / told["seconds"])


def bare(url: str, seconds: float) -> float:
    """Commits a second of eight connections, one row each."""
    with psycopg.connect(url, autocommit=True) as made:
        made.execute("CREATE TABLE IF NOT EXISTS bare (id BIGSERIAL PRIMARY KEY, state TEXT)")
    done = [0] * CLIENTS
    until = time.perf_counter() + seconds

    def work(number: int) -> None:
        with psycopg.connect(url) as connection:
            while time.perf_counter() < until:
                connection.execute("INSERT INTO bare (state) VALUES ('closed')")
                connection.commit()
                done[number] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(CLIENTS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sum(done) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--cases", type=int, default=2_000)
    options = parser.parse_args()
    python = peer_python()
    print(f"{machine()}; {CLIENTS} clients each\n")
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hutong-peers-")))
        made = stack.enter_context(server(home))
        url, peer, floor = made.database("city"), made.database("dbos"), made.database("bare")
        town = opened(home / "city", url)
        seed(town, options.cases, lambda done, at: None)
        unit = town.directory.organisation("unit00")
        town.close()
        port, _ = stack.enter_context(served(home / "city", url, PROCESSES))
        workers = [Worker(port, n, unit, minimal=True) for n in range(CLIENTS)]
        run(workers, 2.0)
        rows: list[tuple[float, float, float]] = []
        for number in range(options.rounds):
            lap = run(workers, options.seconds)
            ours = len(lap.waits) / lap.seconds
            rows.append((ours, dbos(python, peer, options.seconds), bare(floor, options.seconds / 2)))
            told = "{:,.0f} durable steps/s; DBOS {:,.0f}; bare {:,.0f} commits/s".format(*rows[-1])
            print(f"round {number + 1}: ours {told}", flush=True)
        ours_all, dbos_all, bare_all = ([row[at] for row in rows] for at in range(3))
        print(
            f"median {statistics.median(ours_all):,.0f} steps/s; ours : DBOS {ratio(ours_all, dbos_all)} (goal {GOAL}); "
            f"ours : bare {ratio(ours_all, bare_all)}"
        )


if __name__ == "__main__":
    main()
