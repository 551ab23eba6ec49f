"""A lifecycle as a durable DBOS workflow: create and five steps. Runs in an environment of its own, which has `dbos` and
nothing of ours; `case_peers` starts it and makes that environment.

    python case_peers_dbos.py DATABASE_URL CLIENTS SECONDS

Each step returns a small value that DBOS records in PostgreSQL before the next one begins; the steps do nothing else: no access
check, no journal, no version. Prints `{"workflows": n, "steps": n, "seconds": s}`.
"""

from __future__ import annotations

import json
import sys
import threading
import time

from dbos import DBOS, DBOSConfig, SetWorkflowID

STEPS = ("create", "dispatch", "feed_back", "check", "close", "tell")


@DBOS.step()
def step(case: str, name: str) -> str:
    return f"{case}:{name}"


@DBOS.workflow()
def lifecycle(case: str) -> str:
    last = ""
    for name in STEPS:
        last = step(case, name)
    return last


def main() -> None:
    url, clients, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    config: DBOSConfig = {
        "name": "lifecycles",
        "system_database_url": url,
        "run_admin_server": False,
        "log_level": "ERROR",
    }
    DBOS(config=config)
    DBOS.launch()
    done = [0] * clients

    def work(number: int, until: float) -> None:
        turn = 0
        while time.perf_counter() < until:
            name = f"{number}-{time.time_ns()}-{turn}"
            with SetWorkflowID(name):
                lifecycle(name)
            done[number] += 1
            turn += 1

    for number in range(2):  # warm-up
        work(0, time.perf_counter() + 0.5 + number)
    done[:] = [0] * clients
    began = time.perf_counter()
    threads = [threading.Thread(target=work, args=(n, began + seconds)) for n in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    spent = time.perf_counter() - began
    print(json.dumps({"workflows": sum(done), "steps": sum(done) * len(STEPS), "seconds": spent}), flush=True)
    DBOS.destroy()


if __name__ == "__main__":
    main()
