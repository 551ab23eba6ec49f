"""What the journal keeps of a batch of observations."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.kernel.observation import ObservationBatch
from hutong.store.chain import HashFunction


def batch_facts(digest: HashFunction, batch: ObservationBatch) -> dict[str, Any]:
    """What the journal keeps of a batch: source, how many rows and streams, from when to when, and a digest."""
    content = b"".join(
        column.tobytes()
        for column in (batch.stream, batch.sequence, batch.time, batch.number, batch.quality)
        if column is not None
    )
    rest = msgspec.json.encode([batch.texts, batch.documents, batch.parameters])
    return {
        "source": batch.source,
        "count": len(batch),
        "streams": _distinct(batch.stream),
        "first": int(batch.time.min()),
        "last": int(batch.time.max()),
        "digest": base64.b64encode(digest(content + rest)).decode(),
    }


def _distinct(ids: NDArray[np.int64]) -> int:
    """How many different ids; those of one city lie close together, so they are ticked off."""
    low, high = int(ids.min()), int(ids.max())
    if high - low > 64 * len(ids) + 100_000:
        return len(np.unique(ids))
    seen = np.zeros(high - low + 1, bool)
    seen[ids - low] = True
    return int(np.count_nonzero(seen))
