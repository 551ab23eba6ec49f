"""Joins small neighbouring areas to larger ones: slivers to blocks, grids to beats, communities, streets.

The smallest area that is still too small is taken first and joined to the neighbour it is most open to; ties
go to the lower number. The result depends on the input alone.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hutong.loader.osm.coverage import Ints
from hutong.loader.osm.plane import Floats


@dataclass(frozen=True)
class Limits:
    """Areas in m². Below `floor` an area looks for a neighbour such that both stay below `ceiling`.

    Below `must` it takes the best neighbour even above the ceiling.
    """

    floor: float
    ceiling: float
    must: float = 0.0


def join(
    area: Floats,
    a: Ints,
    b: Ints,
    openness: Floats,
    limits: Limits,
    *,
    forced: npt.NDArray[np.bool_] | None = None,
) -> Ints:
    """A label per area (the lowest member's number). `openness` of a pair is a length in metres times a
    factor for what lies on the border; pairs with 0 never join. `forced` areas join whatever their size."""
    size = area.astype(float).tolist()
    near: list[dict[int, float]] = [{} for _ in size]
    for i, j, w in zip(a.tolist(), b.tolist(), openness.tolist(), strict=True):
        if w > 0:
            near[i][j] = near[i].get(j, 0.0) + w
            near[j][i] = near[j].get(i, 0.0) + w
    label = list(range(len(size)))
    must = set(np.flatnonzero(forced).tolist()) if forced is not None else set()
    heap = [(size[i], i) for i in range(len(size)) if size[i] < limits.floor or i in must]
    heapq.heapify(heap)
    while heap:
        then, i = heapq.heappop(heap)
        if label[i] != i or size[i] != then:
            continue
        j = _best(i, size, near, limits, i in must)
        if j is None:
            continue
        keep, gone = min(i, j), max(i, j)
        _absorb(keep, gone, size, near, label)
        must.discard(i)
        if size[keep] < limits.floor or keep in must:
            heapq.heappush(heap, (size[keep], keep))
    return _roots(label)


def _best(
    i: int, size: list[float], near: list[dict[int, float]], limits: Limits, forced: bool
) -> int | None:
    fits = [j for j in near[i] if size[i] + size[j] <= limits.ceiling]
    if not fits and (forced or size[i] < limits.must):
        fits = list(near[i])
    return max(fits, key=lambda j: (near[i][j] / (size[i] + size[j]) ** 0.5, -j), default=None)


def _absorb(keep: int, gone: int, size: list[float], near: list[dict[int, float]], label: list[int]) -> None:
    label[gone] = keep
    size[keep] += size[gone]
    near[keep].pop(gone, None)
    for k, w in near[gone].items():
        near[k].pop(gone, None)
        if k != keep:
            near[keep][k] = near[keep].get(k, 0.0) + w
            near[k][keep] = near[k].get(keep, 0.0) + w
    near[gone] = {}


def _roots(label: list[int]) -> Ints:
    for i, parent in enumerate(label):
        label[i] = label[parent]
    return np.array(label, dtype=np.int64)
