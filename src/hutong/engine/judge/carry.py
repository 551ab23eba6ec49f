"""From one judge to the next, when streams or things changed: what the old one remembers of those that are still there.

Columns are moved by position, so this costs a few passes over the streams, whatever was heard of them. The old judge
stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hutong.engine.judge.deviates import Kept
from hutong.engine.judge.events import Flags, Ints
from hutong.engine.judge.judge import Judge
from hutong.engine.judge.plan import Plan
from hutong.engine.judge.state import PairStates
from hutong.engine.judge.unusual import Usual
from hutong.kernel.changes import RuleMark
from hutong.kernel.lateness import NEVER

_STATES = ("holding", "clearing", "count", "warning", "ticked", "recent", "stored")
_DICTS = ("peaks", "unjudged")
_LISTS = ("steps", "episodes")


class _Moved(NamedTuple):
    """Positions in the old judge and, for each, the one in the new."""

    old: Ints
    new: Ints


class Carried(NamedTuple):
    """`left`: marks of pairs that are no more. `fresh`: ids of streams whose rows must be read (`Judge.warm`), and how
    far back, µs."""

    left: tuple[RuleMark, ...]
    fresh: Ints
    spans: Ints


def carry(old: Judge, new: Judge) -> Carried:
    """Gives a new judge, that has no memory, what the old one knows. The definitions of both are the same."""
    numbers = {plan.rule.name: number for number, plan in enumerate(new.plans)}
    at = new.table.position(old.table.id)
    left: list[RuleMark] = []
    pairs: dict[int, tuple[int, _Moved]] = {}
    for before, plan in enumerate(old.plans):
        number = numbers.get(plan.rule.name)
        things = plan.things[:0] if number is None else new.plans[number].things
        place = _found(things, plan.things)
        states = old.states[before]
        left += [states.mark(pair) for pair in np.flatnonzero((place < 0) & states.stored).tolist()]
        if number is not None:
            moved = _Moved(np.flatnonzero(place >= 0), place[place >= 0])
            pairs[before] = (number, moved)
            _states(states, new.states[number], moved)
            _ticked(new.states[number], _disturbed(plan, new.plans[number], moved, at))
    kept = list(_kept(old, new, pairs))
    fresh = _fresh(old, new, at, kept)
    for one in kept:
        _baseline(one, fresh)
        _scores(one, old, new, at, fresh)
    known = (at >= 0) & old.watch.watched[:-1]
    known[known] = ~fresh[at[known]]
    _streams(old, new, np.where(known, at, -1))
    new.mind_all()
    new.wake_all()
    waiting = np.flatnonzero(fresh)
    return Carried(tuple(left), new.table.id[waiting], new.memory.tail.keep[waiting])


def _found(ids: Ints, wanted: Ints) -> Ints:
    """Where each wanted id stands among ascending ids; −1 where it does not."""
    if not len(ids):
        return np.full(len(wanted), -1, np.int64)
    at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[at] == wanted, at, -1)


def _states(old: PairStates, new: PairStates, moved: _Moved) -> None:
    for name in _STATES:
        getattr(new, name)[moved.new] = getattr(old, name)[moved.old]
    place = dict(zip(moved.old.tolist(), moved.new.tolist(), strict=True)) if _remembers(old) else {}
    for name in _DICTS:
        kept = getattr(old, name).items()
        setattr(new, name, {place[pair]: value for pair, value in kept if pair in place})
    for name in _LISTS:
        kept = getattr(old, name).items()
        setattr(new, name, {place[pair]: list(values) for pair, values in kept if pair in place})
    for pair, steps in new.steps.items():
        if steps:
            new.ticked[pair] = max(int(new.ticked[pair]), steps[-1].time)


def _disturbed(was: Plan, now: Plan, moved: _Moved, at: Ints) -> Ints:
    before, after = was.wiring.pair_of.astype(np.int64), now.wiring.pair_of.astype(np.int64)
    return _differing(before, after, len(was.things), moved, at)


def _differing(was: Ints, now: Ints, pairs: int, moved: _Moved, at: Ints) -> Ints:
    """Pairs (new) that gained or lost a stream. `was`, `now`: the pair of each stream, of `pairs` old ones; `at`: the new
    position of each stream."""
    place = np.full(pairs + 1, -1, np.int64)
    place[moved.old] = moved.new
    came = np.ones(len(now), bool)
    came[at[at >= 0]] = False
    expected = place[was]
    feeds = np.full(len(at), -1, np.int64)
    feeds[at >= 0] = now[at[at >= 0]]
    differs = feeds != expected
    found = np.unique(np.concatenate((feeds[differs], expected[differs], now[came])))
    return found[found >= 0]


def _ticked(states: PairStates, pairs: Ints) -> None:
    """A retired stream's rows say no longer up to when a pair was heard of: time alone is judged from what is stored."""
    states.ticked[pairs] = NEVER
    for pair in pairs.tolist():
        if steps := states.steps.get(pair):
            states.ticked[pair] = steps[-1].time


def _remembers(states: PairStates) -> bool:
    return any(getattr(states, name) for name in (*_DICTS, *_LISTS))


class _Base(NamedTuple):
    """A condition's baselines before and after."""

    was: Kept
    now: Kept
    moved: _Moved

    def disturbed(self, at: Ints) -> Ints:
        """Pairs (new) that gained or lost a stream; `at`: the new position of each stream."""
        return _differing(self.was.pair, self.now.pair, len(self.was.usual.first), self.moved, at)


def _kept(old: Judge, new: Judge, pairs: dict[int, tuple[int, _Moved]]) -> Iterator[_Base]:
    for before, (number, moved) in pairs.items():
        was = [one for one in old.baselines.kept if one.number == before]
        now = [one for one in new.baselines.kept if one.number == number]
        for one, other in zip(was, now, strict=True):
            yield _Base(one, other, moved)


def _fresh(old: Judge, new: Judge, at: Ints, kept: list[_Base]) -> Flags:
    """Streams of the new judge that are watched and of which the old one does not know all that is asked for."""
    known = np.zeros(len(new.table), bool)
    here = (at >= 0) & old.watch.watched[:-1]
    known[at[here]] = old.memory.tail.keep[here] >= new.memory.tail.keep[at[here]]
    fresh = np.asarray(new.watch.watched[:-1] & ~known)
    for one in kept:
        fresh |= np.isin(one.now.pair, one.disturbed(at))
    while True:
        before = int(np.count_nonzero(fresh))
        for one in kept:
            fresh |= np.isin(one.now.pair, np.unique(one.now.pair[fresh & (one.now.pair >= 0)]))
        if before == int(np.count_nonzero(fresh)):
            return fresh


def _baseline(base: _Base, fresh: Flags) -> None:
    """Baselines of pairs whose rows are read again begin from what the store has: where their running hour began."""
    was, now, moved = base
    again = np.isin(moved.new, np.unique(now.pair[fresh & (now.pair >= 0)]))
    for pair, place in zip(moved.old[again].tolist(), moved.new[again].tolist(), strict=True):
        if was.usual.first[pair] != NEVER:
            now.usual.restore(place, was.usual.in_store(pair))
    stays = _Moved(moved.old[~again], moved.new[~again])
    if was.usual.closed:
        now.usual.wait(was.usual, dict(zip(stays.old.tolist(), stays.new.tolist(), strict=True)))
    _usual(was.usual, now.usual, stays)


def _usual(old: Usual, new: Usual, moved: _Moved) -> None:
    for was, is_ in ((old, new), (old.hour, new.hour)):
        for name, column in vars(was).items():
            if isinstance(column, np.ndarray):
                getattr(is_, name)[moved.new] = column[moved.old]


def _scores(base: _Base, old: Judge, new: Judge, at: Ints, fresh: Flags) -> None:
    known = at >= 0
    known[known] = ~fresh[at[known]]
    if old.baselines.latest is not None and new.baselines.latest is not None:
        column = old.baselines.latest[known, base.was.word.column]
        new.baselines.latest[at[known], base.now.word.column] = column


def _streams(old: Judge, new: Judge, at: Ints) -> None:
    """Newest and latest of each stream, and the recent rows; `at`: its new position, −1: it is not carried over."""
    here = np.flatnonzero(at >= 0)
    to = at[here]
    columns: tuple[tuple[NDArray[np.generic], NDArray[np.generic]], ...] = (
        (old.memory.newest, new.memory.newest),
        (old.memory.latest, new.memory.latest),
        (old.bad, new.bad),
        (old.memory.tail.floor_time, new.memory.tail.floor_time),
        (old.memory.tail.floor_value, new.memory.tail.floor_value),
        (old.watch.lowest, new.watch.lowest),
    )
    for was, is_ in columns:
        is_[to] = was[here]
    stays = at == np.arange(len(at))
    for chunk in old.memory.tail.chunks:
        if stays[chunk.stream].all():
            new.memory.tail.chunks.append(chunk)
            continue
        place = at[chunk.stream]
        kept = chunk.take(np.flatnonzero(place >= 0))
        kept.stream = place[place >= 0]
        new.memory.tail.chunks.append(kept)
