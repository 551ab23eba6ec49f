"""Plain batches of one source travel together; what is stored is handed back to each sender in its own share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hutong.engine.observe import StreamTable, check
from hutong.kernel.base import MINUTE, Instant
from hutong.kernel.observation import STREAM_SHIFT, ObservationBatch, Refusal

Ints = NDArray[np.int64]


class Part(NamedTuple):
    """What was taken of one sent batch; `rows` are positions in what was sent (None: all)."""

    taken: int
    refusals: tuple[Refusal, ...] = ()
    rows: Ints | None = None


def plain(batch: ObservationBatch) -> bool:
    """Numbers only, without optional columns."""
    optional = (batch.end_time, batch.result_time, batch.feature)
    return not (
        batch.texts or batch.documents or batch.parameters or any(one is not None for one in optional)
    )


def merged(batches: Sequence[ObservationBatch]) -> list[ObservationBatch]:
    """Neighbouring plain batches of one source as one; order is kept, empty ones fall away."""
    found: list[ObservationBatch] = []
    run: list[ObservationBatch] = []
    for batch in batches:
        if not len(batch):
            continue
        if run and not (plain(batch) and plain(run[-1]) and batch.source == run[-1].source):
            found.append(_one(run))
            run = []
        run.append(batch)
    if run:
        found.append(_one(run))
    return found


def _one(run: list[ObservationBatch]) -> ObservationBatch:
    if len(run) == 1:
        return run[0]
    return ObservationBatch(
        source=run[0].source,
        stream=np.concatenate([one.stream for one in run]),
        time=np.concatenate([one.time for one in run]),
        number=np.concatenate([one.number for one in run]),
        quality=np.concatenate([one.quality for one in run]),
    )


def checked(
    sent: Sequence[ObservationBatch],
    together: Sequence[ObservationBatch],
    table: StreamTable,
    now: Instant,
    newest: Ints,
    late: Ints | int = 10 * MINUTE,
) -> tuple[list[ObservationBatch], list[Part]]:
    """The rows that are taken, merged, and what each sender is told. `together`: `sent`, merged.

    `newest` and `late` (µs) are per stream of the table: when a row counts as LATE.
    All rows are looked at together, which costs least; only if one is refused, sender by sender.
    """
    whole = [check(one, table, now, newest=newest, late=late) for one in together]
    if not any(one.refusals for one in whole):
        return [one.batch for one in whole], [Part(len(one)) for one in sent]
    each = [check(one, table, now, newest=newest, late=late) for one in sent]
    parts = [Part(len(one.batch), one.refusals, one.rows) for one in each]
    return merged([one.batch for one in each]), parts


def shares(stored: Sequence[ObservationBatch], parts: Sequence[Part]) -> list[Ints]:
    """The observation ids of each part, out of the stored batches (same rows, same order, with sequences)."""
    ids = [(one.stream << STREAM_SHIFT) + one.sequence for one in stored if one.sequence is not None]
    every = np.concatenate(ids) if ids else np.zeros(0, np.int64)
    ends = np.cumsum([part.taken for part in parts])
    return [every[end - part.taken : end] for part, end in zip(parts, ends, strict=True)]
