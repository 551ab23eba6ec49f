"""triage.csv of a pack and `triage` of a city: the words triage begins with, and what it may do by itself."""

from __future__ import annotations

from hutong.kernel.definition.thing import Strict

URGENCY = "urgency"
DEMAND = "demand"
SEED_COLUMNS = ("target", "code", "words")


class Seed(Strict, frozen=True):
    """Words that speak for something. `target`: a kind of category with its code or a prefix of it; `urgency` with `urgent`
    or `critical`; `demand` with a type of demand."""

    target: str
    code: str
    words: tuple[str, ...]


class Automatic(Strict, frozen=True, kw_only=True):
    """A class whose cases may be dispatched without a person, once triage is known to be right often enough."""

    kind: str
    code: str
    precision: float
    """Share of right suggestions that must be reached, by the lower end of its interval."""


class TriageSetting(Strict, frozen=True, kw_only=True):
    """How triage behaves in a city."""

    abstain_below: float = 0.35
    """Confidence below which no class is suggested."""
    least_cases: int = 50
    """Closed cases of a class that must have been foretold before anything is automatic."""
    automatic: tuple[Automatic, ...] = ()
    """Off for all others, which is the default."""
