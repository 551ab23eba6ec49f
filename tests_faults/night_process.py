"""A headless night in a process group of its own, watched from outside and killed at a chosen moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import apsw

from hutong.app.night import CURSOR

POLL_SECONDS = 0.005
LONGEST_SECONDS = 600.0
"""A run that takes longer has hung."""


def begin(folder: Path) -> subprocess.Popen[bytes]:
    """`hutong demo --headless` on this folder. What it says goes to a file beside the folder."""
    with folder.with_suffix(".log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", "from hutong.cli import main; main()", "demo", "--headless", "--folder", folder],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 for the process and the workers it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def finish(process: subprocess.Popen[bytes]) -> int:
    """Waits for the end; a run that hangs is killed and told."""
    try:
        return process.wait(LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        kill(process)
        raise


def kill_when(process: subprocess.Popen[bytes], reached: Callable[[], bool], later: float) -> bool:
    """Kills `later` seconds after `reached` says so; False if the run ended before."""
    began = time.monotonic()
    while not reached():
        if process.poll() is not None:
            return False
        if time.monotonic() - began > LONGEST_SECONDS:
            kill(process)
            raise TimeoutError("the night hangs")
        time.sleep(POLL_SECONDS)
    time.sleep(later)
    ended = process.poll() is not None
    if not ended:
        kill(process)
    return not ended


def ready(folder: Path) -> list[str]:
    """The steps of preparation that are done."""
    path = folder / "ready.json"
    return list(json.loads(path.read_text("utf-8"))) if path.is_file() else []


def minute_of(folder: Path) -> int:
    """The night's cursor as another process sees it; −1 while there is none."""
    try:
        connection = apsw.Connection(str(folder / "city.db"), flags=apsw.SQLITE_OPEN_READONLY)
    except apsw.Error:
        return -1
    try:
        connection.set_busy_timeout(2000)
        row = connection.execute("SELECT value FROM subscriber WHERE name = ?", (CURSOR,)).fetchone()
        return int(row[0]) if row else -1
    except apsw.Error:
        return -1
    finally:
        connection.close()
