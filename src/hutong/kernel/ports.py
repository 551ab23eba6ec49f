"""What the engine needs of the world. The store, the files and the clock are reached only through these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.kernel.base import Entity, Facts, Instant
from hutong.kernel.changes import Applied, Changes, Record, RuleMark, Step
from hutong.kernel.clock import Clock
from hutong.kernel.errors import HutongError
from hutong.kernel.observation import Latest, ObservationBatch, Rollup
from hutong.kernel.query import EVERYTHING, Expr, Order, Page

__all__ = [
    "Clock",
    "Files",
    "JournalRecord",
    "Lease",
    "Notices",
    "Reader",
    "Session",
    "Sessions",
    "Store",
    "Webhooks",
]

E = TypeVar("E", bound=Entity)


class JournalRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A stored record. `body` is what was hashed: JSON with personal fields as ciphertext.

    `changes`: {noun/id: {field: new stored value}}; personal values are {"cipher": base64, "subject": party}.
    """

    lane: int
    position: int
    kind: str
    actor: int
    at: Instant
    recorded_at: Instant
    cause: str = ""
    subjects: tuple[tuple[str, int, int], ...] = ()
    """(noun, id, version it became)."""
    facts: Facts = {}
    explain: Facts = {}
    changes: Facts = {}
    hash: str = ""
    previous: str = ""


class Reader(Protocol):
    """A consistent view of the store. Nothing reads rows another way."""

    def get(self, noun: type[E], id: int, *, as_of: Instant | None = None) -> E:
        """The row; NotFound if there is none (at `as_of`, a recorded time)."""
        ...

    def many(self, noun: type[E], ids: Sequence[int], *, as_of: Instant | None = None) -> dict[int, E]: ...

    def find(
        self,
        noun: type[E],
        where: Expr = EVERYTHING,
        *,
        order: Sequence[Order] = (),
        limit: int = 100,
        after: str | None = None,
        as_of: Instant | None = None,
        retired: bool = False,
    ) -> Page[E]:
        """A keyset page; rows that are retired only if asked."""
        ...

    def find_each(
        self,
        noun: type[E],
        link: str,
        ids: Sequence[int],
        where: Expr = EVERYTHING,
        *,
        order: Sequence[Order] = (),
        limit: int = 100,
        as_of: Instant | None = None,
    ) -> dict[int, Page[E]]:
        """The first page of the rows whose field `link` is each of `ids`, by one query; ids without rows are left out."""
        ...

    def linked(self, noun: type[E], link: str, id: int) -> tuple[E, ...]:
        """All rows whose field `link` is that id."""
        ...

    def foresee(self, noun: type[E], link: str, ids: Sequence[int]) -> None:
        """`linked` will be asked of each of `ids`: reads all of them by one query, so that it need not ask again."""
        ...

    def columns(
        self,
        noun: type[E],
        fields: Sequence[str],
        where: Expr = EVERYTHING,
        *,
        as_of: Instant | None = None,
    ) -> dict[str, list[Any]]:
        """Some fields of all matching rows that stand, by ascending id, as plain values: JSON as its text, true as 1.
        Many times as fast as `find`. Invalid for a personal field."""
        ...

    def touched(
        self, nouns: Sequence[type[Entity]], since: Mapping[int, int]
    ) -> tuple[dict[int, int], dict[type[Entity], set[int]] | None]:
        """The last journal position of every lane, and the ids of the rows of these nouns that records after `since` (of
        each lane) are about; None if there are more than are worth telling."""
        ...

    def count(
        self,
        noun: type[E],
        where: Expr = EVERYTHING,
        *,
        at_most: int = 10_000,
        as_of: Instant | None = None,
    ) -> int:
        """How many rows match, counted no further than `at_most`."""
        ...

    def counters(self, name: str) -> dict[str, int]:
        """Kept counters, without counting rows: `case.state` gives rows per `procedure/state`."""
        ...

    def versions(self, noun: type[E], id: int) -> list[tuple[Instant, E]]:
        """All versions with their recorded time, oldest first."""
        ...

    def histories(self, noun: type[E], ids: Sequence[int]) -> dict[int, list[tuple[Instant, E]]]:
        """`versions` of many rows, by one query."""
        ...

    def search_hash(self, noun: type[E], field: str, text: str) -> list[E]:
        """Rows whose SearchableText field equals `text`, by keyed hash."""
        ...

    def rule_state(self, lane: int = 1) -> tuple[int, list[RuleMark]]:
        """The lane's rule-state version and all marks."""
        ...

    def cursor(self, name: str, lane: int = 1) -> str | None: ...

    def journal(
        self, *, lane: int = 1, after: int = 0, limit: int = 1000, subject: tuple[str, int] | None = None
    ) -> list[JournalRecord]: ...

    def kinds(self, *, after: int, lane: int = 1) -> frozenset[str]:
        """The kinds of the journal's records after a position."""
        ...

    def head(self, lane: int = 1) -> int:
        """The last journal position."""
        ...

    def answered(self, key: str, lane: int = 1) -> tuple[str, Any] | None:
        """(request digest, response) of an idempotency key that was used; None if it is fresh."""
        ...

    def definition(self, digest: str) -> bytes:
        """A stored definition (pack, procedure, rule) by its digest."""
        ...

    def definitions(self) -> tuple[str, ...]:
        """Digests of all stored definitions."""
        ...

    def latest(self, streams: NDArray[np.int64], *, at: Instant | None = None) -> Latest:
        """The newest observation (by phenomenon time) of each stream; with `at`, the newest that is not after it."""
        ...

    def newest(
        self, streams: NDArray[np.int64], *, at: Instant | None = None
    ) -> tuple[ObservationBatch, NDArray[np.bool_]]:
        """The newest observation of each stream that has one as a whole row, and whether its stream has had others; with
        `at`, the newest that is not after it."""
        ...

    def observed(
        self,
        streams: NDArray[np.int64],
        start: Instant | None = None,
        end: Instant | None = None,
        *,
        at_most: int = 1_000_000,
    ) -> int:
        """How many observations the streams have with start ≤ time < end, told by headers where these suffice; counting
        stops when `at_most` is passed."""
        ...

    def scan(self, streams: NDArray[np.int64], start: Instant, end: Instant) -> ObservationBatch:
        """All rows of many streams with start ≤ time < end, ordered by stream, time and sequence."""
        ...

    def observations(
        self,
        stream: int,
        start: Instant | None = None,
        end: Instant | None = None,
        *,
        limit: int = 10_000,
        descending: bool = False,
    ) -> ObservationBatch:
        """Rows of one stream with start ≤ time < end in time order, at most `limit`, with their sequences."""
        ...

    def observation(self, id: int) -> ObservationBatch:
        """The observation with this id, as a batch of one row; NotFound if there is none."""
        ...

    def rollups(self, streams: NDArray[np.int64], start: Instant, end: Instant, window: int) -> Rollup:
        """Aggregates in windows of `window` µs counted from the epoch; empty windows give no row."""
        ...

    def rows_since(
        self, streams: NDArray[np.int64], start: Instant | None = None, end: Instant | None = None
    ) -> Instant | None:
        """Before which instant some of the streams keep hourly values without their rows, looking at hours that begin in
        start ≤ t < end; None: nowhere. There, only windows of whole hours are complete."""
        ...


class Files(Protocol):
    """Content-addressed files; written and fsynced before the row that names them commits."""

    def put(self, content: bytes, *, subject: int | None = None) -> str:
        """Keeps the content (encrypted for `subject`, if given); returns its digest."""
        ...

    def get(self, digest: str, *, subject: int | None = None) -> bytes: ...


class Store(Protocol):
    """Keeps the city. Synchronous; safe to call from many threads."""

    @property
    def files(self) -> Files: ...

    def reader(self) -> AbstractContextManager[Reader]: ...

    def new_ids(self, count: int) -> range:
        """Fresh ids, never given again (gaps are possible)."""
        ...

    def new_stream_ids(self, count: int) -> range:
        """Fresh ids of datastreams, from a counter of their own: an observation's id (stream × 2³² + sequence) must stay
        a whole number that browsers know exactly, so they end at 2²¹. Invalid when none are left."""
        ...

    def submit(self, changes: Changes) -> Future[Applied]:
        """Queues for the next group commit. The future fails with Conflict (a version moved) without harming neighbours."""
        ...

    def apply(self, changes: Changes) -> Applied:
        """`submit` and wait until durable."""
        ...

    def apply_all(self, many: Sequence[Changes]) -> list[Applied | HutongError]:
        """Commands of many people in one group commit: what each came to; a refused one harms no other."""
        ...

    def bulk_load(self, entities: Sequence[Entity], record: Record) -> int:
        """Stores new rows in large transactions, journalled as one record per chunk with digest, count and id ranges.

        Returns how many."""
        ...

    def load_histories(self, steps: Sequence[Step], *, lane: int = 1) -> int:
        """Adds new rows with their past, record by record, in one transaction; returns the last position."""
        ...

    def keep_definition(self, content: bytes) -> str:
        """Stores a definition by its digest (SHA-256 hex), once."""
        ...

    def lease(self, name: str) -> Lease:
        """The lease of a piece of work that one process at a time does."""
        ...

    def close(self) -> None: ...


class Lease(Protocol):
    """A piece of work that one process at a time does."""

    def hold(self) -> bool:
        """Takes or prolongs it; False while somebody else holds it."""
        ...

    def give_up(self) -> None:
        """Lets another take it at once."""
        ...


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A notice on its way out. `key` is the same at every try, so that the other side can drop doubles."""

    channel: str
    address: str
    """A phone number or an e-mail address; empty where the channel has one place only."""
    text: str
    key: str
    kind: str = ""


class Notices(Protocol):
    """Outside channels of notices (SMS, e-mail, a robot of the city's chat)."""

    @property
    def channels(self) -> frozenset[str]:
        """Those that are set up."""
        ...

    def send(self, outgoing: Outgoing) -> None:
        """Hands it over and returns once the other side has it. Unavailable: try again later; Refused or Invalid: this
        message will never be taken."""
        ...


class Posted(msgspec.Struct, frozen=True):
    """How a webhook was answered: the HTTP status (None: no answer) and, where it was not taken, why."""

    status: int | None
    error: str = ""

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Webhooks(Protocol):
    """Posts to addresses that others chose: only where the city's rules allow, and never by a redirect."""

    def check(self, url: str) -> None:
        """Invalid, with the reason, if the rules can never allow this address."""
        ...

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted: ...


class Session(msgspec.Struct, frozen=True):
    """Somebody signed in. Times are recorded times; `id` is a secret of the cookie, never shown elsewhere."""

    id: str
    account: int
    created: Instant
    seen: Instant


class Sessions(Protocol):
    """Keeps sessions. What is removed is gone for the next request."""

    def get(self, id: str) -> Session | None: ...

    def put(self, session: Session) -> None: ...

    def remove(self, id: str) -> None: ...

    def remove_account(self, account: int) -> None:
        """Ends every session of an account."""
        ...


class Failures(Protocol):
    """Counts what failed, by key; all processes of a server see the same counts. Times are recorded times."""

    def of(self, key: str) -> tuple[int, Instant]:
        """How often, and when last; (0, 0) if never."""
        ...

    def add(self, keys: tuple[str, ...], now: Instant, forget: Instant) -> None:
        """One more of each; a count whose last failure was before `forget` begins anew."""
        ...

    def clear(self, key: str) -> None: ...
