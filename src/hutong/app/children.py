"""A process of ours that works beside this one: started again when it ends by itself, ended with this one.

It is `python -m MODULE`, is told its task by a line on its standard input, and ends when that input ends, so it also ends when
this process was killed. Ctrl-C reaches only this process, which then lets the others go.
"""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

PATIENCE_SECONDS = 30.0
"""How long closing waits for what is under way."""
BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
STEADY_SECONDS = 120.0
"""A process that worked so long is started again at once."""
_log = logging.getLogger(__name__)


class Start(NamedTuple):
    """What a process is given: its task (one line), and sockets that become its own."""

    task: str
    handed: tuple[socket.socket, ...] = ()


class Child:
    """Keeps one such process going until it is closed."""

    def __init__(
        self,
        module: str,
        name: str,
        begin: Callable[[], Start],
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        """`begin` is asked before every start; `ended` is called after every end, from a thread of its own."""
        self._module, self._name = module, name
        self._begin, self._ended = begin, ended
        self._door = threading.Lock()
        self._closing = threading.Event()
        self._child: subprocess.Popen[str] | None = None
        self._watch = threading.Thread(target=self._watched, name=name, daemon=True)
        self._watch.start()

    @property
    def process(self) -> int | None:
        """Number of the process that works now."""
        child = self._child
        return None if child is None or child.poll() is not None else child.pid

    def _watched(self) -> None:
        failures = 0
        while not self._closing.is_set():
            long_enough = threading.Event()
            steady = threading.Timer(STEADY_SECONDS, long_enough.set)
            steady.daemon = True
            steady.start()
            self._once()
            steady.cancel()
            if self._closing.is_set():
                return
            failures = 0 if long_enough.is_set() else failures + 1
            pause = BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS)) - 1] if failures else 0.0
            _log.error("%s ended; it is started again in %.1f s", self._name, pause)
            self._closing.wait(pause)

    def _once(self) -> None:
        """Runs the process until it ends."""
        try:
            child = self._started()
        except OSError:
            _log.exception("%s could not be started", self._name)
            return
        if child is None:
            return
        child.wait()
        with suppress(Exception):
            self._ended()

    def _started(self) -> subprocess.Popen[str] | None:
        """None if this is closing."""
        with self._door:
            if self._closing.is_set():
                return None
            start = self._begin()
            try:
                child = self._child = subprocess.Popen(
                    [sys.executable, "-m", self._module],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    text=True,
                    start_new_session=True,
                    pass_fds=[one.fileno() for one in start.handed],
                )
            finally:
                for one in start.handed:
                    one.close()
            assert child.stdin is not None
            with suppress(OSError):
                child.stdin.write(start.task + "\n")
                child.stdin.flush()
            return child

    def let_go(self) -> None:
        """Lets it end after what is under way; `close` waits for that."""
        with self._door:
            self._closing.set()
        child = self._child
        if child is not None and child.stdin is not None:
            with suppress(OSError):
                child.stdin.close()

    def close(self) -> None:
        """Ends it after what is under way."""
        self.let_go()
        if self._child is not None:
            try:
                self._child.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
        self._watch.join(PATIENCE_SECONDS)
