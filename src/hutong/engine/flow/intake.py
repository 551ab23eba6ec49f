"""observe → judge → warnings → cases in one commit; what many send is taken in groups, one thread a lane."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from msgspec.structs import replace

from hutong.engine.directory import Directory
from hutong.engine.flow.batches import Part, checked, merged, shares
from hutong.engine.flow.cases import CaseDesk
from hutong.engine.flow.endings import endings
from hutong.engine.flow.following import naming
from hutong.engine.flow.openings import Openings
from hutong.engine.flow.watching import Watching
from hutong.engine.judge import Judged, Taken, clear_warnings, raise_warnings, revise_warnings
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import Entity
from hutong.kernel.case import Warning
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import Conflict, Invalid, Unavailable
from hutong.kernel.evidence import ids_of
from hutong.kernel.observation import ObservationBatch, Outcome
from hutong.kernel.ports import Reader

GROUP_ROWS = 100_000
GROUP_BATCHES = 512
TRIES = 5
ID_BLOCK = 64
MOST_WAITING = 2_000_000
"""Rows that may wait for their commit; a batch counts as BATCH_WEIGHT rows more than it has."""
BATCH_WEIGHT = 50
RETRY_AFTER = 2
"""Seconds after which a sender that was turned away may try again."""


@dataclass(eq=False)
class Sent:
    """A batch on its way. `cursors` move in its commit; a `key` makes a repeat return the first outcome. `beside`: what
    else its commit puts, amends and records, with which no row may be refused."""

    batch: ObservationBatch
    cursors: dict[str, str] = field(default_factory=dict)
    key: str | None = None
    digest: str = ""
    beside: Changes | None = None
    answer: Future[Outcome] = field(default_factory=Future)

    @property
    def alone(self) -> bool:
        return self.key is not None or self.beside is not None

    @property
    def weight(self) -> int:
        return len(self.batch) + BATCH_WEIGHT


@dataclass(eq=False)
class _Group:
    """What one commit takes."""

    sent: list[Sent]
    tick: bool = False

    @property
    def beside(self) -> Changes | None:
        return self.sent[0].beside if self.sent else None


class Intake:
    """Takes observations. The answer of `submit` comes when they are durable and judged."""

    def __init__(self, desk: CaseDesk, directory: Callable[[], Directory], lane: int = 1) -> None:
        self.desk = desk
        self.store = desk.store
        self.clock = desk.clock
        self.directory = directory
        self.lane = lane
        self._watching: Watching | None = None
        self._stale = False
        self._waiting = 0
        self._door = threading.Lock()
        self._fresh = chain.from_iterable(iter(lambda: self.store.new_ids(ID_BLOCK), range(0)))
        self._queue: queue.SimpleQueue[Sent | Future[int] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"intake-{lane}", daemon=True)
        self._thread.start()

    def submit(
        self,
        batch: ObservationBatch,
        *,
        cursors: dict[str, str] | None = None,
        key: str | None = None,
        digest: str = "",
        beside: Changes | None = None,
    ) -> Future[Outcome]:
        """Queues a batch. The future fails only if nothing of it was kept: with Unavailable at once if too much waits.

        `beside`: rows to put, amendments and records of the same commit; if one observation is refused, nothing is kept.
        """
        sent = Sent(batch, cursors or {}, key, digest, beside)
        with self._door:
            full = self._waiting > 0 and self._waiting + sent.weight > MOST_WAITING
            self._waiting += 0 if full else sent.weight
        if full:
            reason = "more rows wait to be stored than may wait"
            sent.answer.set_exception(
                Unavailable("observations", reason, "send them again in a moment", retry_after=RETRY_AFTER)
            )
        else:
            self._queue.put(sent)
        return sent.answer

    def tick(self) -> Future[int]:
        """Judges what time alone makes true (missing data); the number of warnings raised or cleared."""
        asked: Future[int] = Future()
        self._queue.put(asked)
        return asked

    def changed(self) -> None:
        """Things, datastreams or rules changed: know them before the next group."""
        self._stale = True

    def close(self) -> None:
        """Takes what is queued, then ends."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        held: list[Sent | Future[int] | None] = []
        while True:
            item = held.pop() if held else self._queue.get()
            if item is None:
                return
            if isinstance(item, Future):
                self._ticked(item)
                continue
            self._take(self._gather(item, held))

    def _gather(self, first: Sent, held: list[Sent | Future[int] | None]) -> list[Sent]:
        """The first and what waits behind it, up to a group; one with a key, or more than rows, goes alone."""
        group, rows = [first], len(first.batch)
        while not first.alone and rows < GROUP_ROWS and len(group) < GROUP_BATCHES:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if not isinstance(item, Sent) or item.alone:
                held.append(item)
                break
            group.append(item)
            rows += len(item.batch)
        return group

    def _take(self, sent: list[Sent]) -> None:
        try:
            outcomes = self._committed(_Group(sent))
        except Exception as error:
            for one in sent:
                one.answer.set_exception(error)
            return
        finally:
            with self._door:
                self._waiting -= sum(one.weight for one in sent)
        for one, outcome in zip(sent, outcomes, strict=True):
            one.answer.set_result(outcome)

    def _ticked(self, asked: Future[int]) -> None:
        try:
            self._committed(_Group([], tick=True))
            asked.set_result(0)
        except Exception as error:
            asked.set_exception(error)

    def _committed(self, group: _Group) -> list[Outcome]:
        """Commits the group; tried again from the stored state if anything it read has moved."""
        for _ in range(TRIES):
            try:
                return self._commit(group)
            except Conflict as conflict:
                self._watching = None
                if conflict.field == "idempotency_key" or (
                    group.beside and conflict.field != "state_version"
                ):
                    raise
            except BaseException:
                self._stale = True
                raise
        raise Unavailable("observations", "others keep changing what these rows touch", "send them again")

    def _commit(self, group: _Group) -> list[Outcome]:
        now = self.clock.city_time()
        stale, self._stale = self._stale, False
        with self.store.reader() as reader:
            sent = [one.batch for one in group.sent]
            together = merged(sent)
            watching = self._current(reader, together, group.beside, stale)
            newest, late = watching.judge.memory.newest, watching.judge.watch.late
            batches, parts = checked(sent, together, watching.table, now, newest, late)
            if group.beside is not None:
                _all_taken(parts)
            self._watching = None
            judged = self._judged(watching, batches, group)
            if not judged.said:
                changes = self._changes(group, batches, watching, judged, (), ())
            else:
                changes = self._with_warnings(reader, group, batches, watching, judged)
        applied = self.store.apply(changes)
        if not applied.repeated:
            watching.state_version += bool(judged.marks)
            if batches:
                watching.judge.number(ids_of(applied.sequences))
            self._watching = watching
        self._stale |= watching.far_behind(applied.position) or group.beside is not None
        ids = shares(applied.sequences, parts)
        return [Outcome(*part, own) for part, own in zip(parts, ids, strict=True)]

    def _current(
        self,
        reader: Reader,
        batches: Sequence[ObservationBatch],
        beside: Changes | None,
        stale: bool,
    ) -> Watching:
        """What is watched now, moved on if something changed or a stream is not known yet; as it will be with the rows
        `beside`. Nobody has it while it judges: what was judged and not kept is built anew from the store."""
        watching, self._watching = self._watching, None
        now = self.clock.city_time()
        if watching is None:
            watching = Watching(reader, self.desk.rulebook, self.directory, now, self.lane)
        elif stale or any((watching.table.position(one.stream) < 0).any() for one in batches):
            watching = watching.followed(reader, now)
        settled = endings(reader, watching, now)
        if settled is not None:
            self.store.apply(settled)
            watching.state_version += 1
            watching.taken = Taken()
        self._watching = watching
        return watching if beside is None else watching.followed(reader, now, beside.puts)

    def _judged(self, watching: Watching, batches: Sequence[ObservationBatch], group: _Group) -> Judged:
        if group.tick:
            return watching.judge.tick(self.clock.city_time(), self._fresh)
        rows = _all_rows(batches)
        return watching.judge.run(rows, self._fresh) if rows is not None else Judged()

    def _changes(
        self,
        group: _Group,
        batches: Sequence[ObservationBatch],
        watching: Watching,
        judged: Judged,
        puts: tuple[Entity, ...],
        records: tuple[Record, ...],
        openings: Openings | None = None,
    ) -> Changes:
        first = group.sent[0] if group.sent else None
        beside = group.beside or Changes()
        return Changes(
            lane=self.lane,
            puts=(*beside.puts, *puts),
            numbering=tuple(openings.numbering) if openings else (),
            records=(*beside.records, *records),
            batches=tuple(batches),
            amends=beside.amends,
            at=self.clock.city_time(),
            marks=judged.marks,
            state_version=watching.state_version if judged.marks else None,
            cursors={name: at for one in group.sent for name, at in one.cursors.items()},
            idempotency_key=first.key if first else None,
            request_digest=first.digest if first else "",
        )

    def _with_warnings(
        self,
        reader: Reader,
        group: _Group,
        batches: Sequence[ObservationBatch],
        watching: Watching,
        judged: Judged,
    ) -> Changes:
        now = self.clock.city_time()
        watching.know(reader, (found.thing for found in judged.said))
        raised, raised_records = raise_warnings(judged.raised, watching.setting, watching.causes, now)
        standing = {one.id: one for one in raised}
        said = {found.warning for found in judged.said} - standing.keys()
        standing |= reader.many(Warning, sorted(said))
        openings = Openings(reader, self.desk, batches)
        for warning in raised:
            if warning.rule in self.desk.rulebook.city.head.opens_cases:
                standing[warning.id] = openings.place(_confirmed(warning), "listed", SYSTEM)
        setting, causes = watching.setting, watching.causes
        revisions = (*judged.revised, *judged.withdrawn)
        revised, revised_records = revise_warnings(revisions, standing, setting, causes, now)
        standing |= {one.id: one for one in revised}
        cleared, cleared_records = clear_warnings(judged.cleared, standing, setting, causes, now)
        standing |= {one.id: one for one in cleared}
        messages = self.desk.messages(openings.notices)
        records = (*raised_records, *revised_records, *cleared_records, *openings.records)
        puts: tuple[Entity, ...] = (*standing.values(), *openings.cases.values(), *messages)
        return self._changes(group, batches, watching, judged, puts, naming(records, messages), openings)


def _all_taken(parts: Sequence[Part]) -> None:
    """Invalid for a refused row of a batch that is kept whole or not at all."""
    for part in parts:
        if part.refusals:
            first = part.refusals[0]
            raise Invalid(f"Observations[{first.row}].{first.field}", first.reason, "nothing was kept")


def _confirmed(warning: Warning) -> Warning:
    """A class that the city lists needs nobody's judgement."""
    return replace(
        warning, state="confirmed", judged_by=0, judged_at=warning.seen, judged_reason="listed by the city"
    )


def _all_rows(batches: Sequence[ObservationBatch]) -> ObservationBatch | None:
    filled = [one for one in batches if len(one)]
    if not filled:
        return None
    if len(filled) == 1:
        return filled[0]
    return ObservationBatch(
        source="group",
        stream=np.concatenate([one.stream for one in filled]),
        time=np.concatenate([one.time for one in filled]),
        number=np.concatenate([one.number for one in filled]),
        quality=np.concatenate([one.quality for one in filled]),
    )
