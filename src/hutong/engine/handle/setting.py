"""What the engine is told about the city around a case. The caller loads it; nothing here reads the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from hutong.kernel.base import MINUTE, Label
from hutong.kernel.case import Case, Category
from hutong.kernel.definition.pack import ResponsibilityRow
from hutong.kernel.definition.procedure import LimitRow
from hutong.kernel.worktime import WorkCalendar


class Found(msgspec.Struct, frozen=True):
    """The unit responsible, the row of the 权责清单 that says so (None: it owns the thing), and why it was chosen."""

    organisation: str
    row: ResponsibilityRow | None
    basis: Label


def _alone(one: int) -> tuple[int, ...]:
    return (one,)


def _unknown(_: int) -> Case | None:
    return None


def _childless(_: int) -> tuple[Case, ...]:
    return ()


def _anything(_: int) -> bool:
    return True


def _nobody(_: Case) -> tuple[int, Found] | None:
    return None


def _number(one: int) -> Label:
    return Label(f"{one} 号", f"no. {one}")


@dataclass(frozen=True)
class Setting:
    """The city's calendar, limits and names, and what it knows of places, organisations and other cases.

    `limits` are the city's rows; they come before the procedure's own. `ancestors` of a place or organisation begin with
    itself, nearest first, and include the places of other trees it belongs to. `responsible` gives the suggested unit of a
    case (its id, and why). `name` is for what people read; it never goes into the journal.
    """

    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    limits: tuple[LimitRow, ...] = ()
    urgent: frozenset[Category] = frozenset()
    division: str = ""
    ancestors: Callable[[int], tuple[int, ...]] = _alone
    case: Callable[[int], Case | None] = _unknown
    responsible: Callable[[Case], tuple[int, Found] | None] = _nobody
    account_name: Callable[[int], Label] = _number
    organisation_name: Callable[[int], Label] = _number
    is_unit: Callable[[int], bool] = _anything
    """Whether there is an organisation with this id."""
    open_children: Callable[[int], tuple[Case, ...]] = _childless
    """Child cases of a case that have not ended, of those it waits for."""
    at_most: Mapping[str, int] = field(default_factory=dict)
    """`PROCEDURE.ACTION` → how often the city lets it be done on one case."""
    mode: str = ""
    """平战: limit rows of this mode come before all others; those of other modes do not hold."""
    category_names: Mapping[Category, Label] = field(default_factory=dict)
    grace: int = 5 * MINUTE
    """How long an action that is not final can be undone."""
