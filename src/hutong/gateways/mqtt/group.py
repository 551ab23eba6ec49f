"""Messages that are kept together: their rows, whose they are, and what is wrong with which."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hutong.engine.observe import select
from hutong.gateways.mqtt.link import Session
from hutong.gateways.mqtt.ports import Reply
from hutong.gateways.mqtt.wire import Message
from hutong.kernel.observation import ObservationBatch
from hutong.kernel.ports import Reader

Owners = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Share:
    """Rows of one source; `owner` is the position of each row's message in the group."""

    batch: ObservationBatch
    owner: Owners

    def of(self, rows: NDArray[np.int64]) -> Share:
        return Share(select(self.batch, rows), self.owner[rows])


@dataclass(eq=False)
class Group:
    """Messages of one session on their way. `suspects`: positions of those that may have been kept before."""

    session: Session
    messages: Sequence[Message]
    shares: list[Share] = field(default_factory=list)
    later: list[tuple[int, Callable[[], None]]] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    suspects: frozenset[int] = frozenset()
    tries: int = 0


def joined(parts: Sequence[tuple[ObservationBatch, int]]) -> list[Share]:
    """Batches of single messages (with the message's position) as one share for each source."""
    by_source: dict[str, list[tuple[ObservationBatch, int]]] = {}
    for batch, at in parts:
        if len(batch):
            by_source.setdefault(batch.source, []).append((batch, at))
    return [_share(source, some) for source, some in by_source.items()]


def _share(source: str, parts: Sequence[tuple[ObservationBatch, int]]) -> Share:
    texts: dict[int, str] = {}
    start = 0
    for batch, _ in parts:
        if batch.texts:
            texts |= {start + row: text for row, text in batch.texts.items()}
        start += len(batch)
    together = ObservationBatch(
        source=source,
        stream=np.concatenate([batch.stream for batch, _ in parts]),
        time=np.concatenate([batch.time for batch, _ in parts]),
        number=np.concatenate([batch.number for batch, _ in parts]),
        quality=np.concatenate([batch.quality for batch, _ in parts]),
        texts=texts,
    )
    owner = np.repeat(np.array([at for _, at in parts], np.int64), [len(batch) for batch, _ in parts])
    return Share(together, owner)


def without_standing(reader: Reader, share: Share, suspects: frozenset[int]) -> Share:
    """The share without those rows of suspects that are kept already: same stream, time and result."""
    keep = np.ones(len(share.batch), bool)
    for row in np.flatnonzero(np.isin(share.owner, list(suspects))).tolist():
        keep[row] = not _stands(reader, share.batch, row)
    return share if keep.all() else share.of(np.flatnonzero(keep))


def _stands(reader: Reader, batch: ObservationBatch, row: int) -> bool:
    stream, time, number = int(batch.stream[row]), int(batch.time[row]), float(batch.number[row])
    found = reader.observations(stream, time, time + 1, limit=100)
    for at in range(len(found)):
        same = found.number[at] == number or (math.isnan(found.number[at]) and math.isnan(number))
        same = same and found.texts.get(at) == batch.texts.get(row)
        if same and found.documents.get(at) == batch.documents.get(row):
            return True
    return False


def single(group: Group, at: int) -> Group:
    """The group of one message alone, with what it holds."""
    shares = [share.of(np.flatnonzero(share.owner == at)) for share in group.shares]
    return Group(
        group.session,
        (group.messages[at],),
        [Share(one.batch, np.zeros(len(one.batch), np.int64)) for one in shares if len(one.batch)],
    )


def empty(source: str) -> ObservationBatch:
    """A batch without rows: whether anything can be committed."""
    none = np.zeros(0, np.int64)
    return ObservationBatch(source, none, none, np.zeros(0), np.zeros(0, np.uint8))


__all__ = ["Group", "Share", "empty", "joined", "single", "without_standing"]
