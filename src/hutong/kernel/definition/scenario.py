"""scenarios/*.yaml: what is given, what people do, and what must come of it."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from hutong.kernel.base import Label
from hutong.kernel.definition.procedure import LimitRow
from hutong.kernel.definition.thing import Strict
from hutong.kernel.party import Side


class GivenThing(Strict, frozen=True, kw_only=True):
    """A thing that stands in the tiny city. `links` name other given things by code."""

    type: str
    code: str
    name: str = ""
    properties: dict[str, Any] = {}
    links: dict[str, tuple[str, ...]] = {}


class GivenRows(Strict, frozen=True, kw_only=True):
    """Observations of one property of one thing, evenly spaced. `null` is a row that never came."""

    thing: str
    property: str
    every: str
    """Span between two values, `1 min`."""
    values: tuple[float | None, ...]
    start: str | None = None
    """Local time of the first value (default: `given.at`)."""


class GivenOrganisation(Strict, frozen=True, kw_only=True):
    """A further organisation. One for each side is there anyway, with the side's name as its code."""

    code: str
    side: Side
    parent: str | None = None


class GivenPerson(Strict, frozen=True, kw_only=True):
    """Puts a person (`handler 2`: the second of that role) into another organisation than that of the role's side."""

    who: str
    organisation: str


class GivenResponsibility(Strict, frozen=True, kw_only=True):
    """A row of the 权责清单: category (its code may be a prefix) → organisation."""

    kind: str
    code: str
    organisation: str
    basis: str = ""


class GivenCase(Strict, frozen=True, kw_only=True):
    """A case that somebody reports when the scenario begins. `category` is `kind:code`."""

    source: str
    by: str
    category: str
    thing: str | None = None
    condition: str = ""
    """立案条件 that chooses limit rows; of an order its 诉求类型."""
    photos: tuple[str, ...] = ()


class Step(Strict, frozen=True, kw_only=True):
    """Something a person does: an `action` on a case, or a warning that is judged (`judge`, with `rule` and `thing`).

    `thing` is the code of the thing that the case or warning is about; without it, the case that was given, or the only
    one there is. `part` is the code of a unit: its newest part of that case is meant. `photos` (near, far) are taken at that
    moment, for the stage that the action wants proof of. With `refused` the action must meet that obstacle (access, side,
    separation, unit, proof, clock, state, …); with `state` the case must stand there afterwards.
    """

    at: str
    by: str
    action: str | None = None
    judge: Literal["confirmed", "false_alarm"] | None = None
    rule: str | None = None
    thing: str | None = None
    part: str | None = None
    answers: dict[str, Any] = {}
    """What the action asks. An organisation is given by code (several as a list), another case by the code of its thing."""
    reason: str = ""
    photos: tuple[str, ...] = ()
    refused: str | None = None
    state: str | None = None


class Given(Strict, frozen=True, kw_only=True):
    """The tiny city as it begins, what its sensors send and what its people do. Times are local."""

    at: str
    until: str | None = None
    """City time runs on to here, minute by minute, after the last row and step."""
    things: tuple[GivenThing, ...] = ()
    observations: tuple[GivenRows, ...] = ()
    organisations: tuple[GivenOrganisation, ...] = ()
    people: tuple[GivenPerson, ...] = ()
    responsibilities: tuple[GivenResponsibility, ...] = ()
    opens_cases: tuple[str, ...] = ()
    """Rules whose findings become cases at once."""
    parameters: dict[str, float | str | bool] = {}
    limits: tuple[LimitRow, ...] = ()
    case: GivenCase | None = None
    actions: tuple[Step, ...] = ()


class ExpectedWarning(Strict, frozen=True, kw_only=True):
    """A warning. What is not written is not compared; `cleared: null` says that it still stands."""

    rule: str
    thing: str
    began: str | None = None
    raised: str | None = None
    cleared: str | UnsetType | None = UNSET
    state: str | None = None


class ExpectedClock(Strict, frozen=True, kw_only=True):
    """A clock of a case: local time at which it is due, what of it was used (in its unit), whether it ran out."""

    due: str | None = None
    used: float | None = None
    overdue: bool | None = None
    mark: str | None = None


class ExpectedCase(Strict, frozen=True, kw_only=True):
    """A case at the end. In `cases`, `category` (a code, or `kind:code`) and `thing` say which one is meant."""

    category: str | None = None
    thing: str | None = None
    opened: str | None = None
    closed: str | None = None
    state: str | None = None
    ending: str | None = None
    urgency: str | None = None
    organisation: str | None = None
    rounds: int | None = None
    returns: int | None = None
    extensions: int | None = None
    clocks: dict[str, ExpectedClock] = {}


class Expect(Strict, frozen=True, kw_only=True):
    """What must have come. A list that is there is complete: a warning or case that it does not name is a difference."""

    warnings: tuple[ExpectedWarning, ...] | None = None
    cases: tuple[ExpectedCase, ...] | None = None
    one_cause: tuple[tuple[str, ...], ...] = ()
    """Groups of rules whose warnings share one cause."""
    case: ExpectedCase | None = None
    """The case that was given, or the only one."""


class Scenario(Strict, frozen=True, kw_only=True):
    """scenarios/*.yaml: given → expect. `hutong check --scenarios` plays it through the real intake, judge and desks."""

    name: str
    label: Label
    given: Given
    expect: Expect
