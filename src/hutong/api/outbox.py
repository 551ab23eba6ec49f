"""The journal as outbox: one follower reads it in order and hands what happened to everybody who listens."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor

import msgspec

from hutong.api.context import ApiContext
from hutong.api.happenings import Happening, happenings
from hutong.kernel.ports import JournalRecord

_LOG = logging.getLogger("hutong.api.outbox")
EVERY = 0.4
"""Seconds between looks at the journal."""
CHUNK = 500
REMEMBERED = 2000
"""Happenings kept for those who resume and for the list of recent ones."""


class Seen(msgspec.Struct, frozen=True):
    """What one look at the journal found."""

    happenings: tuple[Happening, ...]
    batches: tuple[JournalRecord, ...]
    head: int


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


class Outbox:
    """Follows the journal of the first lane while the application runs."""

    def __init__(self, context: ApiContext) -> None:
        self._context = context
        self._watchers: list[Callable[[frozenset[str]], None]] = []
        self._listeners: set[Listener] = set()
        self._recent: deque[Happening] = deque(maxlen=REMEMBERED)
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

    def recent(self) -> list[Happening]:
        """What happened lately, newest first."""
        return list(reversed(self._recent))

    def since(self, position: int) -> tuple[Happening, ...] | None:
        """What was remembered after a position; None if that is too long ago to remember."""
        kept = list(self._recent)
        if position >= self.position:
            return ()
        if kept and kept[0].position <= position + 1:
            return tuple(one for one in kept if one.position > position)
        return None

    async def _follow(self, executor: Executor) -> None:
        loop = asyncio.get_running_loop()
        self.position = await loop.run_in_executor(executor, self._begin)
        while True:
            try:
                seen = await loop.run_in_executor(executor, self.look, self.position)
            except Exception:
                _LOG.exception("the journal could not be read")
                await asyncio.sleep(5 * EVERY)
                continue
            if seen is None:
                await asyncio.sleep(EVERY)
                continue
            self._tell(seen)

    def _begin(self) -> int:
        """Remembers the last happenings of the time before."""
        with self._context.store.reader() as reader:
            head = reader.head()
        start = max(0, head - REMEMBERED)
        while start < head:
            seen = self.look(start)
            if seen is None:
                break
            self._recent.extend(seen.happenings)
            start = seen.head
        return start

    def look(self, after: int) -> Seen | None:
        """The next records after a position; None if there are none."""
        with self._context.store.reader() as reader:
            if reader.head() <= after:
                return None
            records = reader.journal(after=after, limit=CHUNK)
            found = happenings(reader, records, self._context)
        if not records:
            return None
        batches = tuple(one for one in records if one.kind == "observation.batch")
        nouns = frozenset(one.kind.partition(".")[0] for one in records)
        for watcher in self._watchers:
            watcher(nouns)
        return Seen(found, batches, records[-1].position)

    def _tell(self, seen: Seen) -> None:
        self.position = seen.head
        self._recent.extend(seen.happenings)
        for listener in list(self._listeners):
            listener.give(seen)
