"""Ground and water levels of a city that gives none: a gentle synthetic surface, always marked `simulated`.

No elevation model ships with Hutong. Old Shanghai lies at 3 to 4.5 m above datum, slightly higher along
its rivers, with shallow bowls where water gathers; this surface has those traits and no claim to any real
spot. A city with its own elevation data replaces it.
"""

import numpy as np
import numpy.typing as npt
import shapely

from hutong.kernel.seeded import rng
from hutong.packs.drainage.assets import WaterLine
from hutong.packs.drainage.roads import Floats, Plane

BASE_M = 3.75
SWELL_M = 0.32
BANK_RISE_M = 0.45
BANK_WIDTH_M = 300.0
BOWL_DEPTH_M = (0.35, 0.75)
BOWL_RADIUS_M = (150.0, 320.0)
BOWLS_PER_KM2 = 0.55
UNDERPASS_DIP_M = 4.8
"""Carriageway of an underpass below the ground around it: 4.5 m clearance and the slab."""


class Water:
    """The rivers as shapes on the plane."""

    def __init__(self, lines: list[WaterLine], plane: Plane) -> None:
        self.lines = lines
        self.shapes = np.array([_shape(line, plane) for line in lines], dtype=object)

    def distance(self, xy: Floats) -> Floats:
        """Metres to the nearest bank, 0 on the water, a large number where the city gave no water."""
        if not len(self.shapes):
            return np.full(len(xy), 1e6)
        points = shapely.points(xy)
        return np.asarray(np.min([shapely.distance(shape, points) for shape in self.shapes], axis=0))

    def nearest(self, point: Floats) -> tuple[Floats, str]:
        """The place on a bank that is nearest to the point, and the name of the water.

        Where the city gave no water, a place 50 m north of the point and no name: the receiving water is
        unknown.
        """
        if not len(self.shapes):
            return point + np.array([0.0, 50.0]), ""
        here = shapely.Point(point)
        best = int(np.argmin(shapely.distance(self.shapes, here)))
        place = shapely.get_coordinates(shapely.shortest_line(here, self.shapes[best]))[1]
        return place, self.lines[best].name


def _shape(line: WaterLine, plane: Plane) -> shapely.Geometry:
    xy = plane.metres(line.lonlat)
    if line.width_m > 0:
        return shapely.LineString(xy).buffer(line.width_m / 2)
    return shapely.make_valid(shapely.Polygon(xy))


class Ground:
    """Elevation, m above datum, of any point; bowls lie at some of the `spots` (m, 2)."""

    def __init__(self, seed: int, spots: Floats, water: Water) -> None:
        draw = rng(seed, "drainage", "ground")
        self.phase = draw.random(4) * 2 * np.pi
        self.water = water
        span = np.ptp(spots, axis=0) / 1000.0 if len(spots) else np.zeros(2)
        count = min(len(spots), round(BOWLS_PER_KM2 * float(span[0] * span[1])))
        self.bowls = spots[np.argsort(draw.random(len(spots)), kind="stable")[:count]]
        self.radius = BOWL_RADIUS_M[0] + draw.random(count) * (BOWL_RADIUS_M[1] - BOWL_RADIUS_M[0])
        self.depth = BOWL_DEPTH_M[0] + draw.random(count) * (BOWL_DEPTH_M[1] - BOWL_DEPTH_M[0])

    def __call__(self, xy: npt.ArrayLike) -> Floats:
        points = np.atleast_2d(np.asarray(xy, dtype=np.float64))
        east, north = (2 * np.pi * points / 1000.0).T
        swell = np.sin(east / 5.3 + self.phase[0]) * np.cos(north / 4.1 + self.phase[1])
        ripple = 0.4 * np.sin(east / 1.9 + self.phase[2]) * np.sin(north / 2.3 + self.phase[3])
        bank = BANK_RISE_M * np.exp(-self.water.distance(points) / BANK_WIDTH_M)
        away = np.linalg.norm(points[:, None, :] - self.bowls[None, :, :], axis=2) / self.radius
        dip = np.max(self.depth * np.exp(-(away**2)), axis=1, initial=0.0)
        return np.asarray(BASE_M + SWELL_M * (swell + ripple) + bank - dip)
