"""The journal as outbox: one follower reads it in order and hands what happened to everybody who listens."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress

import msgspec

from hutong.api.context import ApiContext
from hutong.api.happenings import Happening, happenings
from hutong.kernel.ports import JournalRecord, Reader

_LOG = logging.getLogger("hutong.api.outbox")
EVERY = 0.4
"""Seconds between looks at the journal while it stands still."""
PAUSE = 0.05
"""Seconds between looks while it grows: what comes within them is read together."""
CHUNK = 500
REMEMBERED = 2000
"""Happenings kept for those who resume and for the list of recent ones."""


class Seen(msgspec.Struct, frozen=True):
    """What one look at the journal found."""

    happenings: tuple[Happening, ...]
    batches: tuple[JournalRecord, ...]
    head: int
    read: bool = True
    """Were the records read? Without anybody who listens, only their kinds are."""
    more: bool = False
    """A whole chunk was read: there may be more."""


class Listener:
    """Somebody who listens; `lost` once too much was waiting for him."""

    def __init__(self, waiting: int) -> None:
        self.queue: asyncio.Queue[Seen] = asyncio.Queue(waiting)
        self.lost = False

    def give(self, seen: Seen) -> None:
        try:
            self.queue.put_nowait(seen)
        except asyncio.QueueFull:
            self.lost = True

    def end(self) -> None:
        """Nothing more comes: who listens goes, and may resume elsewhere by position."""
        self.lost = True
        with suppress(asyncio.QueueFull):
            self.queue.put_nowait(Seen((), (), 0))


class Outbox:
    """Follows the journal of the first lane while the application runs."""

    def __init__(self, context: ApiContext) -> None:
        self._context = context
        self._watchers: list[Callable[[frozenset[str]], None]] = []
        self._listeners: set[Listener] = set()
        self._recent: deque[Happening] = deque(maxlen=REMEMBERED)
        self._turn = threading.Lock()
        self._remembered = 0
        """The position that `_recent` goes up to."""
        self._task: asyncio.Task[None] | None = None
        self._woken: asyncio.Event | None = None
        self.position = 0

    def watch(self, watcher: Callable[[frozenset[str]], None]) -> None:
        """`watcher` is told the nouns of the record kinds of every look that found something."""
        self._watchers.append(watcher)

    def start(self, executor: Executor) -> None:
        self._task = asyncio.get_running_loop().create_task(self._follow(executor))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def listen(self) -> Listener:
        listener = Listener(self._context.limits.events_waiting)
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)

    def let_go(self) -> None:
        """Lets all who listen go, since the server is ending."""
        for listener in list(self._listeners):
            listener.end()

    def recent(self) -> list[Happening]:
        """What happened lately, newest first."""
        if self._remembered < self.position:
            self._remember()
        with self._turn:
            return list(reversed(self._recent))

    def since(self, position: int) -> tuple[Happening, ...] | None:
        """What was remembered after a position; None if that is too long ago to remember."""
        with self._turn:
            kept, whole = list(self._recent), self._remembered >= self.position
        if position >= self.position:
            return ()
        if whole and kept and kept[0].position <= position + 1:
            return tuple(one for one in kept if one.position > position)
        return None

    async def _follow(self, executor: Executor) -> None:
        loop = asyncio.get_running_loop()
        self.position = await loop.run_in_executor(executor, self._remember)
        while True:
            try:
                seen = await loop.run_in_executor(executor, self.look, self.position)
            except Exception:
                _LOG.exception("the journal could not be read")
                await asyncio.sleep(5 * EVERY)
                continue
            if seen is None:
                await asyncio.sleep(EVERY)
            elif seen.read or not self._listeners:  # Who came meanwhile wants it read.
                self._tell(seen)
                await asyncio.sleep(0 if seen.more else PAUSE)

    def _remember(self) -> int:
        """Reads what happened since the position remembered, or the last of it; returns the position it goes up to."""
        with self._turn:
            known = self._remembered
        with self._context.store.reader() as reader:
            head = reader.head()
            records: list[JournalRecord] = []
            start = after = max(known, head - REMEMBERED)
            while after < head and (read := reader.journal(after=after, limit=CHUNK)):
                records += read
                after = read[-1].position
            found = happenings(reader, records, self._context)
        with self._turn:
            if self._remembered == known:
                before = self._recent if start == known else ()
                self._recent, self._remembered = deque((*before, *found), maxlen=REMEMBERED), after
        return after

    def look(self, after: int) -> Seen | None:
        """The next records after a position; None if there are none."""
        with self._context.store.reader() as reader:
            head = reader.head()
            if head <= after:
                return None
            seen = self._read(reader, after) if self._listeners else Seen((), (), head, read=False)
            kinds = reader.kinds(after=after)
        nouns = frozenset(kind.partition(".")[0] for kind in kinds)
        for watcher in self._watchers:
            try:
                watcher(nouns)
            except Exception:  # What one could not take up must not keep the others from the news.
                _LOG.exception("news of the journal could not be taken up")
        return seen

    def _read(self, reader: Reader, after: int) -> Seen:
        records = reader.journal(after=after, limit=CHUNK)
        batches = tuple(one for one in records if one.kind == "observation.batch")
        found = happenings(reader, records, self._context)
        return Seen(found, batches, records[-1].position, more=len(records) == CHUNK)

    def _tell(self, seen: Seen) -> None:
        with self._turn:
            if seen.read and self.position <= self._remembered:
                self._recent.extend(one for one in seen.happenings if one.position > self._remembered)
                self._remembered = max(self._remembered, seen.head)
        self.position = seen.head
        for listener in list(self._listeners):
            listener.give(seen)
