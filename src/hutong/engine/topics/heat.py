"""How hot a topic is.

    heat = count × growth × repeats × spread

- count: Σ 2^(−age / 3 days) over its complaints; one of today counts 1, one of three days ago ½;
- growth: 1 + ½ log₂ of (last 7 days + ½) over (what its own base line would give in 7 days + ½), between 1 and 2½; the
  base line is the daily mean of the 28 days before those, or since it was founded;
- repeats: 1 + the share of complaints by callers who had complained about it before;
- spread: 1 + log₂(cells) / 8, where cells are the unit grids it came from.

The formula is this project's own; the figures behind it are given with every topic, so that nobody has to trust the sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from hutong.engine.topics.clusters import Complaint
from hutong.kernel.base import DAY, Instant

HALF_LIFE = 3 * DAY
LAST = 7
BASE = 28
MOST_GROWTH = 2.5


class Heat(msgspec.Struct, frozen=True, kw_only=True):
    """The heat and what it is made of. `week`: complaints of the last 7 days; `usual`: what its base line gives in 7 days."""

    value: float
    count: float
    week: int
    usual: float
    growth: float
    repeats: float
    cells: int


def heat_of(members: Sequence[Complaint], now: Instant) -> Heat:
    """Of complaints until `now`; later ones do not count."""
    seen = [one for one in members if one.opened <= now]
    count = sum(math.pow(2.0, -(now - one.opened) / HALF_LIFE) for one in seen)
    week = sum(now - one.opened < LAST * DAY for one in seen)
    usual = _usual(seen, now)
    growth = 1 + 0.5 * math.log2((week + 0.5) / (usual + 0.5)) if week else 1.0
    growth = min(MOST_GROWTH, max(1.0, growth))
    known = [one.caller for one in seen if one.caller is not None]
    repeats = (len(known) - len(set(known))) / len(seen) if seen else 0.0
    cells = len({one.place for one in seen if one.place is not None})
    spread = 1 + math.log2(max(1, cells)) / 8
    return Heat(
        value=round(count * growth * (1 + repeats) * spread, 2),
        count=round(count, 2),
        week=week,
        usual=round(usual, 2),
        growth=round(growth, 2),
        repeats=round(repeats, 3),
        cells=cells,
    )


def _usual(seen: Sequence[Complaint], now: Instant) -> float:
    """Complaints in seven days at the rate of the 28 days before the last seven."""
    before = [one for one in seen if LAST * DAY <= now - one.opened < (LAST + BASE) * DAY]
    if not before:
        return 0.0
    days = min(BASE, max(1.0, (now - LAST * DAY - min(one.opened for one in seen)) / DAY))
    return len(before) * LAST / days
