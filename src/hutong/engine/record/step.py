"""What an explanation consists of."""

from __future__ import annotations

import msgspec

from hutong.kernel.base import Facts, Instant, Label
from hutong.kernel.case import EvidenceRow


class Proved(msgspec.Struct, frozen=True, omit_defaults=True):
    """What proved a deed: photos (id, stage, role, digest, taken) and clearing observations of warnings."""

    files: tuple[Facts, ...] = ()
    sensors: tuple[Facts, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One record of the journal about the case, with the names of its definition.

    `at` is city time, `recorded_at` when it was written; `late_by` (µs) where it was found after its instant.
    """

    position: int
    at: Instant
    recorded_at: Instant
    hash: str = ""
    kind: str
    action: Label
    account: int
    who: Label
    role: Label | None = None
    organisation: int | None = None
    before: Label | None = None
    after: Label | None = None
    answers: Facts = {}
    definition: str = ""
    clocks: tuple[Facts, ...] = ()
    responsibility: Facts = {}
    separation: Facts = {}
    triage: Facts = {}
    """Why the platform did it in a person's place: model, confidence, words that decided, what was measured."""
    proof: Proved = Proved()
    late_by: int = 0
    text: Label


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """The whole course of a case. `opened_by` and `cleared_by`: the observations that opened it and that showed it was
    over; `files`: photos that proved something; `definitions`: digests of the procedures it ran under."""

    case: int
    number: str
    procedure: Label
    state: Label
    definitions: tuple[str, ...]
    steps: tuple[Step, ...]
    opened_by: tuple[EvidenceRow, ...] = ()
    cleared_by: tuple[EvidenceRow, ...] = ()
    files: tuple[Facts, ...] = ()
    text: Label
