"""From turns to what is said: a warning raised, cleared, revised by late rows or withdrawn because of them.

When late rows make a pair be judged again, the warnings it had said since are compared with those it says now. In the
end the warnings that stand (that were not withdrawn) are those that rows in order would have led to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from hutong.engine.judge.state import Episode, PairStates
from hutong.engine.judge.step import Stepped, Turn
from hutong.kernel.base import Instant
from hutong.kernel.lateness import NEVER

Kind = Literal["raise", "clear", "revise", "withdraw"]


@dataclass(frozen=True, eq=False)
class Say:
    """`turn` is how the warning was raised (of `clear`: cleared), None if that stands as it was; `clearing` how a revised
    one was cleared. `warning`: 0 for a new one, and for a clearing of the one that is open."""

    kind: Kind
    pair: int
    at: Instant
    order: int
    turn: Turn | None
    clearing: Turn | None = None
    warning: int = 0


@dataclass(eq=False)
class _New:
    """An episode as it comes out now; `raised` None: it was open before."""

    raised: Turn | None
    cleared: Turn | None = None


def says(stepped: Stepped, states: PairStates) -> Iterable[Say]:
    """What the turns of a plan come to."""
    again: dict[int, list[Turn]] = {pair: [] for pair in stepped.again}
    for turn in stepped.turns:
        if turn.pair in again:
            again[turn.pair].append(turn)
        else:
            yield _plain(turn)
    for pair, turns in again.items():
        start, was_open = stepped.again[pair]
        yield from _compared(pair, states.episodes[pair], start, was_open, turns)


def _plain(turn: Turn, warning: int = 0) -> Say:
    kind: Kind = "raise" if turn.raised else "clear"
    return Say(kind, turn.pair, turn.at, turn.order, turn, warning=warning)


def _compared(
    pair: int, said: Sequence[Episode], start: Instant, was_open: bool, turns: Sequence[Turn]
) -> Iterable[Say]:
    before = [one for one in said if one.raised < start and (one.cleared == NEVER or one.cleared >= start)]
    old = [one for one in said if one.raised >= start]
    new = _episodes(turns, was_open)
    if was_open and before:
        yield from _same(pair, before[-1], new.pop(0))
    for one in new:
        match = next((each for each in old if _meet(each, one)), None)
        if match is None:
            yield from (_plain(turn) for turn in (one.raised, one.cleared) if turn is not None)
            continue
        for passed in old[: old.index(match)]:
            yield _withdrawn(pair, passed)
        old = old[old.index(match) + 1 :]
        yield from _same(pair, match, one)
    for left in old:
        yield _withdrawn(pair, left)


def _episodes(turns: Sequence[Turn], was_open: bool) -> list[_New]:
    found = [_New(None)] if was_open else []
    for turn in turns:
        if turn.raised:
            found.append(_New(turn))
        else:
            found[-1].cleared = turn
    return found


def _meet(old: Episode, new: _New) -> bool:
    """Whether they have an instant in common, and so are one warning."""
    assert new.raised is not None
    ends = new.cleared is None or new.cleared.at >= old.began
    return ends and (old.cleared == NEVER or old.cleared >= new.raised.began)


def _same(pair: int, old: Episode, new: _New) -> Iterable[Say]:
    raised = (
        new.raised if new.raised and (new.raised.at, new.raised.began) != (old.raised, old.began) else None
    )
    cleared = NEVER if new.cleared is None else new.cleared.at
    if old.cleared == NEVER and cleared != NEVER:
        assert new.cleared is not None
        if raised is not None:
            yield Say("revise", pair, raised.at, raised.order, raised, warning=old.warning)
        yield _plain(new.cleared, old.warning)
    elif raised is not None or cleared != old.cleared:
        at = old.raised if raised is None else raised.at
        order = -1 if new.raised is None else new.raised.order
        yield Say("revise", pair, at, order, raised, new.cleared, old.warning)


def _withdrawn(pair: int, old: Episode) -> Say:
    return Say("withdraw", pair, old.raised, -1, None, warning=old.warning)
