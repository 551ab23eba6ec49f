"""The rule word `unusual`, compiled, and the baselines its conditions share with the rows they score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from hutong.engine.judge.events import Events, Flags, Floats, Ints, Rows
from hutong.engine.judge.glance import Glance
from hutong.engine.judge.plan import Plan
from hutong.engine.judge.unusual import Unusual, Usual
from hutong.engine.judge.words import Every, Quiet, Some, Word
from hutong.kernel.lateness import NEVER


@dataclass(frozen=True, eq=False)
class Deviates:
    """The row's score exceeds `beyond`. `column`: where rows carry this condition's score; `zone`: whose hours count."""

    slot: int
    beyond: float
    wanted: Unusual
    column: int
    zone: ZoneInfo
    lookback: int = 0
    remembers: bool = False

    @property
    def slots(self) -> tuple[int, ...]:
        return (self.slot,)

    def holds(self, events: Events) -> Flags:
        if events.rows.score is None:
            return np.zeros(len(events), bool)
        at = events.latest(self.slot)
        return np.asarray((at >= 0) & (events.rows.score[at, self.column] > self.beyond))

    def may_hold(self, glance: Glance) -> Flags:
        """A row of another property may meet the score of an earlier one."""
        if glance.rows.score is None:
            return glance.everywhere()
        stirs = (glance.rows.score[:, self.column] > self.beyond) | (glance.slot != self.slot)
        found = np.zeros(len(glance.pairs), bool)
        found[glance.local[stirs]] = True
        return found

    def quiet(self, pairs: int) -> Quiet | None:
        """No band: `Baselines.stirred` tells the rows at which it holds."""
        return Quiet(np.full(pairs, -np.inf), np.full(pairs, np.inf))


def leaves(word: Word) -> Iterator[Deviates]:
    """All conditions of this word within another."""
    if isinstance(word, Deviates):
        yield word
    elif isinstance(word, Every | Some):
        for part in word.parts:
            yield from leaves(part)


@dataclass(eq=False)
class Kept:
    """One condition: its rule (by number), and what is usual for each pair; `pair` per stream, −1 if it does not feed it."""

    number: int
    word: Deviates
    pair: Ints
    usual: Usual


class Baselines:
    """What is usual for all pairs of all such conditions. Without any it costs nothing."""

    def __init__(self, plans: Iterable[Plan], streams: int) -> None:
        self.kept: list[Kept] = []
        for number, plan in enumerate(plans):
            for version in plan.versions:
                for part in (version.when, version.clear):
                    for word in leaves(part) if part is not None else ():
                        pair = np.where(plan.wiring.slot_of == word.slot, plan.wiring.pair_of, -1)
                        usual = Usual(len(plan.things), word.wanted, word.zone)
                        self.kept.append(Kept(number, word, pair.astype(np.int64), usual))
        self.columns = 1 + max((one.word.column for one in self.kept), default=-1)
        self.latest: Floats | None = np.full((streams, self.columns), np.nan) if self.columns else None
        """The newest row's scores per stream."""

    def watched(self) -> Flags:
        """Streams whose running hour must be read again after a restart."""
        return np.asarray(np.logical_or.reduce([one.pair >= 0 for one in self.kept]))

    def score(self, rows: Rows, *, again: bool = False) -> Flags | None:
        """Gives the rows their scores and learns from them; returns the rows at which a condition holds. `again`: rows that
        were learnt from before the restart are left out."""
        if self.latest is None:
            return None
        rows.score = np.full((len(rows), self.columns), np.nan)
        stirred = np.zeros(len(rows), bool)
        for one in self.kept:
            pair = one.pair[rows.stream]
            mine = np.flatnonzero((pair >= 0) & ~np.isnan(rows.value))
            if again:
                mine = mine[rows.time[mine] > one.usual.newest_before[pair[mine]]]
            judged = one.usual.reread if again else one.usual.judged
            score = judged(pair[mine], rows.time[mine], rows.value[mine])
            rows.score[mine, one.word.column] = score
            in_order = mine[~np.isnan(score)]
            self.latest[rows.stream[in_order], one.word.column] = rows.score[in_order, one.word.column]
            stirred[mine[score > one.word.beyond]] = True
        return stirred

    def closed(self) -> dict[int, set[int]]:
        """Plan → pairs whose baselines learnt an hour since this was last asked: they are to be stored."""
        found: dict[int, set[int]] = {}
        for one in self.kept:
            if one.usual.closed:
                found.setdefault(one.number, set()).update(one.usual.take_closed())
        return found

    def stored(self, number: int, pair: int) -> list[str]:
        """What a pair's mark keeps of its baselines."""
        own = [one.usual for one in self.kept if one.number == number]
        learnt = any(usual.first[pair] != NEVER for usual in own)
        return [usual.stored(pair) for usual in own] if learnt else []

    def restore(self, number: int, pair: int, memory: Mapping[str, Any]) -> None:
        """Takes over what a mark kept, if it is of the same season."""
        own = [one.usual for one in self.kept if one.number == number]
        for usual, text in zip(own, memory.get("usual", ()), strict=False):
            usual.restore(pair, text)
