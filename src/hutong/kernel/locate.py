"""Which place of a seamless tree holds a point."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

OUTSIDE = -1


class Locator:
    """Finds each point's polygon among polygons that do not overlap.

    A point on a common edge or corner belongs to the polygon that comes first, so with polygons sorted by
    code it belongs to the smallest code: every point lies in exactly one.
    """

    def __init__(self, polygons: npt.NDArray[np.object_]) -> None:
        self._tree = shapely.STRtree(polygons)

    def locate(self, points: Any) -> npt.NDArray[np.int64]:
        """Index of the polygon of each point (shapely points, or an (n, 2) array of lon, lat), or OUTSIDE."""
        if not (isinstance(points, np.ndarray) and points.dtype == object):
            points = shapely.points(np.asarray(points, dtype=np.float64))
        points = np.atleast_1d(points)
        nothing = np.iinfo(np.int64).max
        found = np.full(len(points), nothing, dtype=np.int64)
        point, polygon = self._tree.query(points, predicate="intersects")
        np.minimum.at(found, point, polygon)
        found[found == nothing] = OUTSIDE
        return found
