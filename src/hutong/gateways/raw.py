"""Raw packets as they came, a file a day: HJ 212 asks the platform to keep them. Written by a thread of its own."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections import deque
from datetime import date, timedelta
from pathlib import Path

from hutong.kernel.base import Instant
from hutong.kernel.clock import iso, moment

WAITING = 20_000
"""Packets that wait to be written; more are counted and let go."""
EVERY = 0.5
_SECRET = re.compile(rb"PW=[^;&\r\n]*")
_log = logging.getLogger(__name__)


class RawLog:
    """`folder/YYYY-MM-DD.log` (UTC days): time, peer, bytes with all but printable ASCII escaped; HJ 212 passwords are masked.

    `keep` never blocks. A day's file grows to `megabytes` and no further; files older than `days` go.
    """

    def __init__(self, folder: Path, days: int, megabytes: int) -> None:
        self._folder = folder
        self._days = days
        self._most = megabytes * 1_000_000
        self._waiting: deque[tuple[Instant, str, bytes]] = deque()
        self._stop = threading.Event()
        self._cleaned: date | None = None
        self.lost = 0
        """Packets that were not written: too fast, or the day's file is full."""
        self._thread = threading.Thread(target=self._run, name="raw-packets", daemon=True)
        self._thread.start()

    def keep(self, at: Instant, peer: str, data: bytes) -> None:
        """Will be written soon."""
        if len(self._waiting) < WAITING:
            self._waiting.append((at, peer, data))
        else:
            self.lost += 1

    def close(self) -> None:
        """Writes what waits, then ends."""
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            self._write()
        self._write()

    def _write(self) -> None:
        lines: dict[date, list[bytes]] = {}
        for _ in range(len(self._waiting)):
            at, peer, data = self._waiting.popleft()
            lines.setdefault(moment(at).date(), []).append(line(at, peer, data))
        for day, found in lines.items():
            try:
                self._append(day, found)
            except OSError:
                self.lost += len(found)
                _log.exception("raw packets could not be written")

    def _append(self, day: date, lines: list[bytes]) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._cleaned != day:
            self._clean(day)
        path = self._folder / f"{day}.log"
        room = self._most - (path.stat().st_size if path.exists() else 0)
        fitting: list[bytes] = []
        for one in lines:
            room -= len(one)
            if room < 0:
                break
            fitting.append(one)
        self.lost += len(lines) - len(fitting)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.writelines(fitting)

    def _clean(self, today: date) -> None:
        self._cleaned = today
        oldest = today - timedelta(days=self._days)
        for path in self._folder.glob("*.log"):
            try:
                if date.fromisoformat(path.stem) < oldest:
                    path.unlink()
            except ValueError:
                continue


def line(at: Instant, peer: str, data: bytes) -> bytes:
    """One packet as it stands in the file."""
    shown = _SECRET.sub(b"PW=***", data).decode("ascii", "backslashreplace")
    text = shown.replace("\r", "\\r").replace("\n", "\\n")
    if not text.isprintable():
        text = data.hex()
    return f"{iso(at)} {peer} {text}\n".encode()
