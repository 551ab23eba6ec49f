"""Plain batches of one source travel together; what is stored is handed back to each sender in its own share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hutong.kernel.observation import STREAM_SHIFT, ObservationBatch

Ints = NDArray[np.int64]


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


def shares(stored: Sequence[ObservationBatch], taken: Sequence[ObservationBatch]) -> list[Ints]:
    """The observation ids of each taken batch, out of the stored ones (same rows, same order, with sequences)."""
    ids = [(one.stream << STREAM_SHIFT) + one.sequence for one in stored if one.sequence is not None]
    every = np.concatenate(ids) if ids else np.zeros(0, np.int64)
    ends = np.cumsum([len(batch) for batch in taken])
    return [every[end - len(batch) : end] for batch, end in zip(taken, ends, strict=True)]
