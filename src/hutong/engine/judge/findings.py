"""What a run of the rules found, with the rows that prove it."""

from __future__ import annotations

import msgspec

from hutong.engine.judge.plan import Plan
from hutong.engine.judge.saying import Kind
from hutong.engine.judge.state import Peak
from hutong.engine.judge.version import Version
from hutong.kernel.base import Instant
from hutong.kernel.case import Ended, EvidenceRow
from hutong.kernel.changes import RuleMark


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A warning to raise (`raised`), to clear, to revise or to withdraw (`kind`), at event time `at`.

    `began`: when the condition (or the clearing condition) began to hold. `value`: the rule's own
    property then. `unjudged`: late rows that arrived after the warning of missing data they might have changed.
    Of a revision: `at` and `began` are those of the raising as they are now, `cleared` and `clearing` how it ended;
    `evidence` is None where the raising stands as it was. `ended`: why it cleared, if not by its condition.
    """

    plan: Plan
    version: Version
    thing: int
    warning: int
    raised: bool
    kind: Kind
    at: Instant
    began: Instant
    value: float | None
    unit: str
    level: float | None
    peak: Peak | None
    evidence: tuple[EvidenceRow, ...] | None
    cleared: Instant | None = None
    clearing: tuple[EvidenceRow, ...] = ()
    unjudged: int = 0
    ended: Ended = ""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to: warnings raised, cleared, revised and withdrawn in order of event time, and the marks that
    changed.

    `beyond`: (rule, row) pairs that came later than the rule's bound; `unjudged`: those that came
    later than a warning of missing data they would have changed. Both are kept, not judged.
    """

    raised: tuple[Found, ...] = ()
    cleared: tuple[Found, ...] = ()
    revised: tuple[Found, ...] = ()
    withdrawn: tuple[Found, ...] = ()
    marks: tuple[RuleMark, ...] = ()
    rows: int = 0
    beyond: int = 0
    unjudged: int = 0

    @property
    def said(self) -> tuple[Found, ...]:
        return (*self.raised, *self.cleared, *self.revised, *self.withdrawn)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of stored marks. `left`: nobody watches them any more. `changed`: their rule has another definition:
    an open warning was carried over (`carried`), anything else dropped."""

    left: tuple[RuleMark, ...] = ()
    changed: tuple[RuleMark, ...] = ()

    @property
    def carried(self) -> tuple[RuleMark, ...]:
        return tuple(mark for mark in self.changed if mark.warning is not None)
