"""What all routes of one running server share: the context, sign-in, limits, caches and the journal's follower."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from argon2 import PasswordHasher
from litestar.types import ASGIApp

from hutong.api.context import ApiContext
from hutong.api.gathering import Gathering
from hutong.api.outbox import Outbox
from hutong.api.recent import Recent
from hutong.api.sessions import Cookies
from hutong.api.stream_table import StreamTables
from hutong.api.things_by_type import ThingTables
from hutong.api.throttle import Attempts, Buckets
from hutong.engine.directory import Directory
from hutong.engine.flow.handovers import HandoverDesk
from hutong.engine.flow.measuring import Measuring
from hutong.engine.flow.responding import ResponseDesk
from hutong.engine.flow.together import do_together
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import Instant
from hutong.kernel.clock import Clock
from hutong.kernel.ports import Store

T = TypeVar("T")


class House:
    """One per application."""

    def __init__(self, context: ApiContext) -> None:
        self.fronts: list[Callable[[ASGIApp], ASGIApp]] = []
        """What faces put before the application, for requests that need none of its routing."""
        self.take_up(context)

    def take_up(self, context: ApiContext) -> None:
        """Begins with this context; nothing that was kept for another one stays."""
        self.context = context
        self.cookies = Cookies(context.sessions, context.clock, context.secret)
        self.attempts = Attempts(context.failures)
        self.reads = Buckets(*context.limits.reads)
        self.writes = Buckets(*context.limits.writes)
        self.passwords = PasswordHasher()
        self.recent = Recent(context.clock.recorded_at)
        self.tables = ThingTables(context.store)
        self.streams = StreamTables(context.store)
        self.responses = ResponseDesk(context.cases, context.reread or (lambda: None))
        self.handovers = context.handovers or _handovers(context)
        self.measuring = self.handovers.measuring
        self._parts: dict[Callable[[House], Any], Any] = {}
        self.deeds = Gathering(lambda wishes: do_together(context.store, wishes))
        self.outbox = Outbox(context)
        self.outbox.watch(self._noticed)

    def _noticed(self, kinds: frozenset[str]) -> None:
        """The journal told of changes, by whatever process: tables of things are read again when any thing changed, and what
        triage learnt is taken up."""
        if "model" in kinds and self.context.triage is not None:
            self.context.triage.take_up()
        if kinds & {"thing", "datastream", "location"}:
            self.tables.clear()
            self.streams.clear()

    def part(self, make: Callable[[House], T]) -> T:
        """What a face keeps for this context, such as its limits; made when it is first asked for."""
        found: T = self._parts.get(make) or self._parts.setdefault(make, make(self))
        return found

    @property
    def rulebook(self) -> Rulebook:
        return self.context.rulebook

    @property
    def clock(self) -> Clock:
        return self.context.clock

    @property
    def store(self) -> Store:
        return self.context.store

    @property
    def directory(self) -> Directory:
        return self.context.directory()

    def now(self) -> Instant:
        return self.context.clock.city_time()

    def cached(self, key: Any, for_seconds: float, make: Callable[[], T]) -> T:
        """A value that may be a little old, made once for everybody who asks at the same time."""
        return self.recent.get(key, for_seconds, make)


def _handovers(context: ApiContext) -> HandoverDesk:
    measuring = Measuring(context.clock, context.rulebook, context.directory)
    return HandoverDesk(context.store, context.clock, context.rulebook, context.directory, measuring)
