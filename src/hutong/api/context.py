"""What the API is given by the wiring place. Nothing here opens anything: every part arrives ready to use."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import msgspec

from hutong.engine.directory import Directory
from hutong.engine.flow.cases import CaseDesk
from hutong.engine.flow.devices import DeviceDesk
from hutong.engine.flow.handovers import HandoverDesk
from hutong.engine.flow.hot_topics import TopicDesk
from hutong.engine.flow.triaging import TriageDesk
from hutong.engine.flow.upper import UpperDesk
from hutong.engine.flow.warnings import WarningDesk
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import Instant, Label
from hutong.kernel.changes import Changes
from hutong.kernel.clock import Clock
from hutong.kernel.observation import ObservationBatch, Outcome
from hutong.kernel.ports import Failures, Sessions, Store, Webhooks


class Taker(Protocol):
    """Takes observations: `engine.flow.intake.Intake`."""

    def submit(
        self,
        batch: ObservationBatch,
        *,
        cursors: dict[str, str] | None = None,
        key: str | None = None,
        digest: str = "",
        beside: Changes | None = None,
    ) -> Future[Outcome]: ...

    def changed(self) -> None:
        """Things or datastreams changed."""
        ...


class Night(msgspec.Struct, frozen=True):
    """The demo night that is being played: city times, and what the present part of it is called."""

    label: Label
    start: Instant
    end: Instant
    phase: Label


class Preparing(msgspec.Struct, frozen=True):
    """A long preparation under way; `progress` from 0 to 1."""

    text: Label
    progress: float


class Pace(msgspec.Struct, frozen=True):
    """How the city's clock runs now: city seconds per second, and whether it runs at all."""

    rate: float = 1.0
    running: bool = True
    night: Night | None = None
    preparing: Preparing | None = None


class Health(msgspec.Struct, frozen=True):
    """What `GET /health` tells: no facts that help an intruder."""

    ok: bool
    version: str
    database: str
    packing_backlog: int = 0


@dataclass(frozen=True)
class BaseMap:
    """The city's base map: `tile(z, x, y)` gives the gzip-compressed body (None: empty); `facts` its metadata rows."""

    tile: Callable[[int, int, int], bytes | None]
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Demo:
    """A demo city shows its accounts and their common password on the sign-in page."""

    password: str


@dataclass(frozen=True)
class Limits:
    """Requests a client may make (burst, and per second thereafter), and sizes in bytes."""

    reads: tuple[int, float] = (1200, 40.0)
    writes: tuple[int, float] = (240, 8.0)
    body: int = 1_000_000
    upload: int = 20_000_000
    batch: int = 64_000_000
    """Bodies of the ingest paths."""
    pixels: int = 60_000_000
    threads: int = 16
    events_waiting: int = 500
    """Events a slow reader may be behind before it is let go (it resumes by position)."""
    export_rows: int = 20_000


def _always(pace: Pace) -> Callable[[], Pace]:
    return lambda: pace


def _well() -> Health:
    return Health(ok=True, version="", database="")


@dataclass(frozen=True)
class ApiContext:
    """Everything the API needs.

    `secret` signs cookies and CSRF tokens (≥ 32 bytes, kept between starts). `secure`: served over TLS, so cookies are
    Secure and HSTS is sent (not on loopback names). `set_pace` None: the clock cannot be changed (not a demo).
    `verify(first, last)` recomputes the journal's chain over these positions; None: not offered.
    `failures` counts failed sign-ins (None: of this process alone).
    `reread` is called after a party, account or role changed through the API.
    `handovers`: the desk that drafts 交接班 sheets, with what evaluation counted (None: one is made).
    `public_read`: everybody may read things and observations through SensorThings without signing in.
    """

    store: Store
    clock: Clock
    rulebook: Rulebook
    directory: Callable[[], Directory]
    cases: CaseDesk
    warnings: WarningDesk
    sessions: Sessions
    secret: bytes
    failures: Failures | None = None
    intake: Taker | None = None
    devices: DeviceDesk | None = None
    handovers: HandoverDesk | None = None
    triage: TriageDesk | None = None
    topics: TopicDesk | None = None
    upper: UpperDesk | None = None
    pace: Callable[[], Pace] = field(default_factory=lambda: _always(Pace()))
    set_pace: Callable[[float | None, bool | None], None] | None = None
    health: Callable[[], Health] = _well
    verify: Callable[[int, int], bool] | None = None
    reread: Callable[[], None] | None = None
    basemap: BaseMap | None = None
    console: Path | None = None
    demo: Demo | None = None
    webhooks: Webhooks | None = None
    secure: bool = False
    public_read: bool = False
    limits: Limits = Limits()
