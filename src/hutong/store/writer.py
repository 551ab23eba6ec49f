"""Commits the queued commands of a lane in groups: many requests, one sync."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from hutong.kernel.changes import Applied, Changes
from hutong.kernel.errors import HutongError, Unavailable

Answer = Applied | HutongError
Commit = Callable[[list[Changes]], list[Answer]]
"""Commits a group; one answer per command. Raises if the whole transaction was undone."""

GROUP = 256


Waiting = tuple[Changes, Future[Applied]]


class Writer:
    """Takes what is queued, at most GROUP commands, and commits it. While a group commits the next one gathers.

    Who waits for his own command (`apply`) commits the group himself if nobody else is doing it, so a lone caller pays
    for no change of threads; the thread is there for those who do not wait.
    """

    def __init__(self, name: str, commit: Commit) -> None:
        self._commit = commit
        self._queue: deque[Waiting] = deque()
        self._called = threading.Semaphore(0)
        self._turn = threading.Lock()
        self._door = threading.Lock()
        self._open = True
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _enter(self, changes: Changes) -> Future[Applied]:
        future: Future[Applied] = Future()
        with self._door:
            if not self._open:
                raise Unavailable("store", "is closed")
            self._queue.append((changes, future))
        return future

    def submit(self, changes: Changes) -> Future[Applied]:
        future = self._enter(changes)
        self._called.release()
        return future

    def apply(self, changes: Changes) -> Applied:
        future = self._enter(changes)
        self._lead(future)
        return future.result()

    def apply_all(self, many: Sequence[Changes]) -> list[Answer]:
        """All in one group, or as few as there is room for; the answer of each."""
        futures = [self._enter(changes) for changes in many]
        if futures:
            self._lead(futures[-1])
        return [_answer(future) for future in futures]

    def _lead(self, last: Future[Applied]) -> None:
        """Commits groups until that one is done, unless somebody else is at it."""
        while self._queue and not last.done() and self._turn.acquire(blocking=False):
            try:
                self._settle(self._gather())
            finally:
                self._turn.release()
        if self._queue:  # Who came while the turn was taken relies on this second look.
            self._called.release()

    def close(self) -> None:
        """Commits what is queued, then ends the thread."""
        with self._door:
            self._open = False
        self._called.release()
        self._thread.join()

    def _run(self) -> None:
        while self._open or self._queue:
            self._called.acquire()
            while self._queue:
                with self._turn:
                    self._settle(self._gather())

    def _gather(self) -> list[Waiting]:
        return [self._queue.popleft() for _ in range(min(GROUP, len(self._queue)))]

    def _settle(self, waiting: list[Waiting]) -> None:
        """A group that the database refuses as a whole is tried again one by one: only the guilty command fails."""
        live = [(changes, future) for changes, future in waiting if future.set_running_or_notify_cancel()]
        if not live:
            return
        commands = [changes for changes, _ in live]
        try:
            answers = self._commit(commands)
        except HutongError as error:
            answers = [error] * len(live)
        except Exception as error:
            answers = [_unavailable(error)] if len(live) == 1 else [self._alone(one) for one in commands]
        except BaseException:  # Ctrl-C in the thread that leads: the others must not wait for ever.
            for _, future in live:
                future.set_exception(Unavailable("store", "the commit was broken off", "try again"))
            raise
        for (_, future), answer in zip(live, answers, strict=True):
            if isinstance(answer, HutongError):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    def _alone(self, changes: Changes) -> Answer:
        try:
            return self._commit([changes])[0]
        except HutongError as error:
            return error
        except Exception as error:
            return _unavailable(error)


def _answer(future: Future[Applied]) -> Answer:
    try:
        return future.result()
    except HutongError as error:
        return error


def _unavailable(error: Exception) -> Unavailable:
    """What the database itself refused: a full disk, a broken connection, a limit of its types."""
    failure = Unavailable("store", f"the database refused: {error}", "look into its log")
    failure.__cause__ = error
    return failure
