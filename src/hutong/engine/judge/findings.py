"""What a run of the rules found, with the rows that prove it."""

from __future__ import annotations

import msgspec

from hutong.engine.judge.plan import Plan
from hutong.engine.judge.state import Peak
from hutong.kernel.base import Instant
from hutong.kernel.case import EvidenceRow
from hutong.kernel.changes import RuleMark


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A warning to raise (`raised`) or to clear, at event time `at`.

    `began`: when the condition (or the clearing condition) began to hold. `value`: the rule's own
    property then. `unjudged`: late rows that arrived after the warning they might have changed.
    """

    plan: Plan
    thing: int
    warning: int
    raised: bool
    at: Instant
    began: Instant
    value: float | None
    unit: str
    level: float | None
    peak: Peak | None
    evidence: tuple[EvidenceRow, ...]
    unjudged: int = 0


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to: warnings raised and cleared in order of event time, and the marks that
    changed.

    `beyond`: (rule, row) pairs that came later than the rule's bound; `unjudged`: those that came
    later than a warning they would have changed. Both are kept, not judged.
    """

    raised: tuple[Found, ...] = ()
    cleared: tuple[Found, ...] = ()
    marks: tuple[RuleMark, ...] = ()
    rows: int = 0
    beyond: int = 0
    unjudged: int = 0
