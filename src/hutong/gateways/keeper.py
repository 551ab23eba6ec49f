"""Packets of all connections of a port on their way to the store: few large batches, and never more than a bound waits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from hutong.gateways.dialogue import Verdict
from hutong.kernel.errors import Unavailable
from hutong.kernel.observation import ObservationBatch, Outcome

Submit = Callable[[ObservationBatch], "Future[Outcome]"]
UNDER_WAY = 2
"""Groups that commit at a time: one commits while the next is being checked."""
GROUP_ROWS = 50_000
PATIENCE = 10.0
"""Seconds after which a packet is answered `busy`, though it may still be kept: sent again, it does no harm."""
Answer = Callable[[Verdict], None]


@dataclass(eq=False)
class _Packet:
    batch: ObservationBatch
    answer: Answer | None


@dataclass(eq=False)
class _Group:
    """Packets that commit together."""

    packets: list[_Packet]
    since: float
    rows: int = field(init=False)

    def __post_init__(self) -> None:
        self.rows = sum(len(one.batch) for one in self.packets)

    def tell(self, verdict: Verdict) -> None:
        for one in self.packets:
            _tell(one, verdict)


class Keeper:
    """Lives on one event loop. What comes while a group commits goes with the next one."""

    def __init__(self, submit: Submit, loop: asyncio.AbstractEventLoop, rows: int) -> None:
        self.submit = submit
        self._loop = loop
        self._most = rows
        self._waiting: deque[_Packet] = deque()
        self._since = 0.0
        self._flying: list[_Group] = []
        self._called = False
        self.rows = 0
        """Rows that are not committed yet."""

    def keep(self, batch: ObservationBatch, answer: Answer) -> None:
        """Keeps the rows; `answer` is called once, on the loop, when their fate is known."""
        if self.rows + len(batch) > self._most:
            answer("busy")
            return
        if not self._waiting:
            self._since = self._loop.time()
        self._waiting.append(_Packet(batch, answer))
        self.rows += len(batch)
        self._call()

    def _call(self) -> None:
        if not self._called and self._waiting and len(self._flying) < UNDER_WAY:
            self._called = True
            self._loop.call_soon(self._send)

    def _send(self) -> None:
        self._called = False
        packets: list[_Packet] = []
        rows = 0
        while self._waiting and rows < GROUP_ROWS:
            packets.append(self._waiting.popleft())
            rows += len(packets[-1].batch)
        if packets:
            self._fly(_Group(packets, self._since))
        self._since = self._loop.time()
        self._call()

    def _fly(self, group: _Group) -> None:
        self._flying.append(group)
        try:
            sent = self.submit(_together([one.batch for one in group.packets]))
        except Exception as error:
            self._landed(group, None, error)
            return
        sent.add_done_callback(lambda done: self._from_thread(group, done))

    def _from_thread(self, group: _Group, done: Future[Outcome]) -> None:
        if self._loop.is_closed():
            return
        error = done.exception()
        outcome = None if error is not None else done.result()
        self._loop.call_soon_threadsafe(self._landed, group, outcome, error)

    def _landed(self, group: _Group, outcome: Outcome | None, error: BaseException | None) -> None:
        self._flying.remove(group)
        if outcome is not None:
            self.rows -= group.rows
            _tell_each(group, outcome)
        elif isinstance(error, Unavailable):
            self.rows -= group.rows
            group.tell("busy")
        elif len(group.packets) == 1:
            self.rows -= group.rows
            group.tell("content")
        else:
            middle = len(group.packets) // 2
            for half in (group.packets[:middle], group.packets[middle:]):
                self._fly(_Group(half, group.since))
        self._call()

    def look(self) -> None:
        """Answers `busy` to whoever waits too long; to be called about once a second."""
        late = self._loop.time() - PATIENCE
        for group in self._flying:
            if group.since < late:
                group.tell("busy")
        if self._waiting and self._since < late:
            for one in self._waiting:
                _tell(one, "busy")

    @property
    def idle(self) -> bool:
        return not self._waiting and not self._flying


def _tell(packet: _Packet, verdict: Verdict) -> None:
    answer, packet.answer = packet.answer, None
    if answer is not None:
        answer(verdict)


def _tell_each(group: _Group, outcome: Outcome) -> None:
    """A packet of which no row was taken has refused content."""
    if not outcome.refused:
        group.tell("kept")
        return
    ends = np.cumsum([len(one.batch) for one in group.packets])
    rows = np.array([one.row for one in outcome.refused], np.int64)
    refused = np.bincount(np.searchsorted(ends, rows, side="right"), minlength=len(ends))
    for packet, count in zip(group.packets, refused.tolist(), strict=True):
        _tell(packet, "content" if count >= len(packet.batch) else "kept")


def _together(batches: Sequence[ObservationBatch]) -> ObservationBatch:
    """Batches of one source as one, with the texts moved along."""
    if len(batches) == 1:
        return batches[0]
    texts: dict[int, str] = {}
    begin = 0
    for one in batches:
        if one.texts:
            texts.update({begin + row: text for row, text in one.texts.items()})
        begin += len(one)
    return ObservationBatch(
        source=batches[0].source,
        stream=np.concatenate([one.stream for one in batches]),
        time=np.concatenate([one.time for one in batches]),
        number=np.concatenate([one.number for one in batches]),
        quality=np.concatenate([one.quality for one in batches]),
        texts=texts,
    )
