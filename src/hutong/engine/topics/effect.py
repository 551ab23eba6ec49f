"""What happened to complaints of a topic after a project began: a plain before and after.

Counts are taken as Poisson. It tells that the rate changed, not why: seasons and other causes are not taken out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from hutong.kernel.base import DAY, Instant

WEEK = 7 * DAY
BASE_WEEKS = 8


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Complaints a week before and after, and their ratio with its 95 % interval (log normal; ½ is added to both counts where
    one is nought). None: too early to say (less than a week)."""

    before: int
    weeks_before: float
    after: int
    weeks_after: float
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    weeks: tuple[tuple[Instant, int], ...] = ()
    """Beginning of each whole week counted from the start, and its complaints."""


def effect(opened: Sequence[Instant], started: Instant, now: Instant) -> Effect:
    """Of complaints opened at these instants, for a project started then. Before: eight weeks, or since the first complaint if
    that is later."""
    since = max(started - BASE_WEEKS * WEEK, min(opened, default=started))
    since = min(since, started - DAY)
    before = sum(since <= at < started for at in opened)
    after = sum(started <= at <= now for at in opened)
    weeks_before, weeks_after = (started - since) / WEEK, max(0.0, (now - started) / WEEK)
    weeks = tuple(
        (start, sum(start <= at < start + WEEK for at in opened))
        for start in range(started - math.ceil(weeks_before) * WEEK, now, WEEK)
    )
    told = Effect(
        before=before,
        weeks_before=round(weeks_before, 2),
        after=after,
        weeks_after=round(weeks_after, 2),
        weeks=weeks,
    )
    if weeks_after < 1 or not before:
        return told
    nought = 0.5 if not after else 0.0
    ratio = ((after + nought) / weeks_after) / ((before + nought) / weeks_before)
    half = 1.96 * math.sqrt(1 / (after + nought) + 1 / (before + nought))
    return msgspec.structs.replace(
        told,
        ratio=round(ratio, 3),
        low=round(ratio * math.exp(-half), 3),
        high=round(ratio * math.exp(half), 3),
    )
