"""The two ends of a line between a web process and the process that judges: observations go one way, outcomes the other.

Rules keep windows in memory, so one process judges for all. To a web process it is an intake like its own.
"""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Literal, Protocol

from hutong.app.line import Line
from hutong.app.spoken import (
    Answer,
    Ask,
    Asked,
    Changed,
    Failed,
    Ready,
    Submit,
    Taken,
    Told,
    answer_of,
    asked_of,
    beside_of,
    changes_of,
    error_of,
    failure,
    told,
)
from hutong.engine.flow.devices.live import Seen, Wire
from hutong.engine.flow.upper import PlatformState
from hutong.kernel.changes import Changes
from hutong.kernel.errors import HutongError, Unavailable
from hutong.kernel.observation import ObservationBatch, Outcome

RETRY_AFTER = 2
"""Seconds after which a sender may try again when the judging process has gone."""


class JudgingProcess:
    """In a web process: the intake, and what else only the judging process knows. Any thread may use it."""

    def __init__(self, end: socket.socket, gone: Callable[[], None] = lambda: None) -> None:
        """`gone` is called when the judging process has ended, or understood us no more."""
        self._told_gone = gone
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[Any]] = {}
        self._gone = False
        self._line = Line(end, self._heard, self._ended)
        self._line.start()

    def submit(
        self,
        batch: ObservationBatch,
        *,
        cursors: dict[str, str] | None = None,
        key: str | None = None,
        digest: str = "",
        beside: Changes | None = None,
    ) -> Future[Outcome]:
        """As `Intake.submit`; the future fails with Unavailable if the judging process ends. Nobody knows then whether the
        rows were kept: who sends them again with their key learns it."""
        others = None if beside is None else beside_of(beside)
        return self._say(lambda id: Submit(id, batch, cursors or {}, key, digest, others))

    def changed(self) -> None:
        """Returns when the judging process knows, so that no row sent after it is judged by what was before."""
        self._say(Changed).result()

    def ready(self) -> None:
        """Says that requests are answered."""
        self._line.say(told(Ready()))

    def seen(self, devices: list[int]) -> dict[int, Seen]:
        """What the gateways saw of these devices."""
        return self._ask("seen", tuple(devices)).seen

    def wire(self) -> Wire:
        """What goes on at the ports."""
        return self._ask("wire").wire or Wire()

    def platforms(self) -> dict[str, PlatformState]:
        """How the exchange with upper platforms goes."""
        return self._ask("platforms").platforms

    def _ask(self, what: Literal["seen", "wire", "platforms"], about: tuple[int, ...] = ()) -> Told:
        found: Told = self._say(lambda id: Ask(id, what, about)).result()
        return found

    def _say(self, message: Callable[[int], Asked]) -> Future[Any]:
        id, future = next(self._numbers), Future[Any]()
        future.set_running_or_notify_cancel()  # Who waits no longer cannot take back what was sent.
        body = told(message(id))
        with self._lock:
            gone = self._gone
            if not gone:
                self._waiting[id] = future
        if gone:
            future.set_exception(_gone())
        else:
            self._line.say(body)
        return future

    def _heard(self, message: bytes) -> None:
        answer = answer_of(message)
        with self._lock:
            future = self._waiting.pop(answer.id, None)
        if future is None:
            return
        if isinstance(answer, Failed):
            future.set_exception(error_of(answer))
        else:
            future.set_result(answer.outcome if isinstance(answer, Taken) else answer)

    def _ended(self) -> None:
        with self._lock:
            self._gone = True
            waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            future.set_exception(_gone())
        self._told_gone()

    def close(self) -> None:
        self._line.close()


def _gone() -> HutongError:
    reason = "the process that takes and judges them has ended"
    return Unavailable("observations", reason, "send them again in a moment", retry_after=RETRY_AFTER)


class Known(Protocol):
    """What the judging process can tell: its intake, its devices and its upper platforms."""

    @property
    def intake(self) -> Any: ...

    @property
    def devices(self) -> Any: ...

    @property
    def upper(self) -> Any: ...


class WebProcess:
    """In the judging process: the line to one web process. `ready` is called when that answers requests."""

    def __init__(self, end: socket.socket, running: Known, ready: Callable[[], None]) -> None:
        self._running, self._ready = running, ready
        self._line = Line(end, self._heard)
        self._line.start()

    def _heard(self, message: bytes) -> None:
        asked = asked_of(message)
        if isinstance(asked, Ready):
            self._ready()
            return
        try:
            if isinstance(asked, Submit):
                self._submit(asked)
            else:
                self._say(self._told(asked))
        except Exception as error:
            self._say(failure(asked.id, error))

    def _submit(self, asked: Submit) -> None:
        beside = None if asked.beside is None else changes_of(asked.beside)
        taken: Future[Outcome] = self._running.intake.submit(
            asked.batch, cursors=asked.cursors, key=asked.key, digest=asked.digest, beside=beside
        )
        taken.add_done_callback(lambda done: self._say(_settled(asked.id, done)))

    def _told(self, asked: Changed | Ask) -> Answer:
        if isinstance(asked, Changed):
            self._running.intake.changed()
            return Taken(asked.id)
        if asked.what == "seen":
            return Told(asked.id, seen=self._running.devices.seen(asked.about))
        if asked.what == "wire":
            return Told(asked.id, wire=self._running.devices.wire())
        return Told(asked.id, platforms=self._running.upper.exchanges())

    def _say(self, answer: Answer) -> None:
        self._line.say(told(answer))

    def close(self) -> None:
        self._line.close()


def _settled(id: int, done: Future[Outcome]) -> Answer:
    error = done.exception()
    return Taken(id, done.result()) if error is None else failure(id, error)
