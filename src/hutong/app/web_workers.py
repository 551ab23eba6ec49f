"""The further web processes of a running city: started, kept going and ended by the process that judges."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from hutong.app.children import Child, Start
from hutong.app.city import RunningCity
from hutong.app.judged_elsewhere import WebProcess
from hutong.app.web_worker import MODULE, Task


class WebWorkers:
    """So many processes beside this one. `all_ready` is called once, when all of them and this one (`answer_too`) answer."""

    def __init__(
        self,
        running: RunningCity,
        count: int,
        *,
        host: str,
        port: int,
        database: str | None,
        packs: tuple[Path, ...],
        all_ready: Callable[[], None],
    ) -> None:
        self._running, self._count, self._all_ready = running, count, all_ready
        self._task = Task(
            folder=str(running.folder),
            database=database,
            packs=tuple(str(one) for one in packs),
            host=host,
            port=port,
            line=-1,
            definitions=running.definitions(),
        )
        self._lock = threading.Lock()
        self._ready: set[int] = set()
        self._lines: dict[int, WebProcess] = {}
        self._children = [
            Child(MODULE, f"web process {number}", partial(self._begin, number), partial(self._ended, number))
            for number in range(2, count + 2)
        ]

    @property
    def processes(self) -> list[int]:
        """Numbers of the processes that work now."""
        return [one.process for one in self._children if one.process is not None]

    def _begin(self, number: int) -> Start:
        ours, theirs = socket.socketpair()
        self._lines[number] = WebProcess(ours, self._running, partial(self._answers, number))
        task = msgspec.structs.replace(self._task, line=theirs.fileno())
        return Start(msgspec.json.encode(task).decode(), (theirs,))

    def answer_too(self) -> None:
        """This process answers requests."""
        self._answers(1)

    def _answers(self, number: int) -> None:
        with self._lock:
            before = len(self._ready)
            self._ready.add(number)
            complete = before <= self._count < len(self._ready)
        if complete and self._count:
            self._all_ready()

    def _ended(self, number: int) -> None:
        """One that was killed may have committed a change of places or people and not have told of it."""
        self._lines.pop(number).close()
        self._running.directory_changed()

    def let_go(self) -> None:
        """Lets them end after the requests under way."""
        for child in self._children:
            child.let_go()

    def close(self) -> None:
        """Waits until they have ended. To be called before the intake closes."""
        self.let_go()
        for child in self._children:
            child.close()
