"""Proof that names rows of the same commit: they have no ids until the store numbers them.

Until then `observation` of such a row is −1 − its position in the command's batches, one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from hutong.kernel.case import EvidenceRow, Warning
from hutong.kernel.changes import Changes, Record, RuleMark
from hutong.kernel.observation import STREAM_SHIFT, ObservationBatch

Ids = NDArray[np.int64]


def awaits_ids(changes: Changes) -> bool:
    """Whether the command names rows of its own batches."""
    if not changes.batches:
        return False
    if any(_peak(mark) < 0 for mark in changes.marks):
        return True
    warnings = (one for one in changes.puts if isinstance(one, Warning))
    return any(row.observation < 0 for one in warnings for row in (*one.evidence, *one.clearing))


def ids_of(stored: Sequence[ObservationBatch]) -> Ids:
    """The observation ids of stored batches, one after the other."""
    ids = [(one.stream << STREAM_SHIFT) + one.sequence for one in stored if one.sequence is not None]
    return np.concatenate(ids) if ids else np.zeros(0, np.int64)


def with_ids(changes: Changes, stored: Sequence[ObservationBatch]) -> Changes:
    """The command with the ids its rows were given; `stored` are its batches with their sequences."""
    ids = ids_of(stored)
    return replace(
        changes,
        puts=tuple(_warning(one, ids) if isinstance(one, Warning) else one for one in changes.puts),
        records=tuple(_record(one, ids) for one in changes.records),
        marks=tuple(_mark(one, ids) for one in changes.marks),
    )


def _id(observation: int, ids: Ids) -> int:
    return observation if observation >= 0 else int(ids[-1 - observation])


def _rows(rows: tuple[EvidenceRow, ...], ids: Ids) -> tuple[EvidenceRow, ...]:
    return tuple(replace(row, observation=_id(row.observation, ids)) for row in rows)


def _warning(warning: Warning, ids: Ids) -> Warning:
    return replace(warning, evidence=_rows(warning.evidence, ids), clearing=_rows(warning.clearing, ids))


def _record(record: Record, ids: Ids) -> Record:
    rows: list[list[Any]] | None = record.explain.get("evidence")
    if not rows or not record.kind.startswith("warning."):
        return record
    named = [[row[0], _id(row[1], ids), *row[2:]] for row in rows]
    return replace(record, explain={**record.explain, "evidence": named})


def _peak(mark: RuleMark) -> int:
    peak = mark.memory.get("peak")
    return 0 if peak is None else int(peak[3])


def _mark(mark: RuleMark, ids: Ids) -> RuleMark:
    if _peak(mark) >= 0:
        return mark
    peak = mark.memory["peak"]
    return replace(mark, memory={**mark.memory, "peak": [*peak[:3], _id(peak[3], ids)]})
