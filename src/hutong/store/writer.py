"""One thread per lane that commits queued commands in groups: many requests, one sync."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future

from hutong.kernel.changes import Applied, Changes
from hutong.kernel.errors import HutongError, Unavailable

Answer = Applied | HutongError
Commit = Callable[[list[Changes]], list[Answer]]
"""Commits a group; one answer per command. Raises if the whole transaction was undone."""

GROUP = 256


class Writer:
    """Takes what is queued, at most GROUP commands, and commits it. While a group commits the next one gathers."""

    def __init__(self, name: str, commit: Commit) -> None:
        self._commit = commit
        self._queue: queue.SimpleQueue[tuple[Changes, Future[Applied]] | None] = queue.SimpleQueue()
        self._closed = threading.Lock()
        self._open = True
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, changes: Changes) -> Future[Applied]:
        future: Future[Applied] = Future()
        with self._closed:
            if not self._open:
                raise Unavailable("store", "is closed")
            self._queue.put((changes, future))
        return future

    def close(self) -> None:
        """Commits what is queued, then ends the thread."""
        with self._closed:
            if self._open:
                self._open = False
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            waiting, last = self._gather()
            if waiting:
                self._settle(waiting)
            if last:
                return

    def _gather(self) -> tuple[list[tuple[Changes, Future[Applied]]], bool]:
        waiting: list[tuple[Changes, Future[Applied]]] = []
        item = self._queue.get()
        while item is not None:
            waiting.append(item)
            if len(waiting) == GROUP:
                return waiting, False
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return waiting, False
        return waiting, True

    def _settle(self, waiting: list[tuple[Changes, Future[Applied]]]) -> None:
        """A group that the database refuses as a whole is tried again one by one: only the guilty command fails."""
        live = [(changes, future) for changes, future in waiting if future.set_running_or_notify_cancel()]
        try:
            answers: list[Answer | BaseException] = [*self._commit([changes for changes, _ in live])]
        except Exception as error:
            answers = [error] if len(live) == 1 else [self._alone(changes) for changes, _ in live]
        for (_, future), answer in zip(live, answers, strict=True):
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    def _alone(self, changes: Changes) -> Answer | BaseException:
        try:
            return self._commit([changes])[0]
        except Exception as error:
            return error
