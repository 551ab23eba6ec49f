"""registers.yaml: the registers that people of the grid keep, made of fields that are defined, and asked, once."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import DataClass, Label
from hutong.kernel.definition.thing import Confidence, Strict

About = Literal["household", "person", "unit"]
FieldValue = str | float | bool
Kept = Literal["", "name", "id_number", "phone", "address", "code"]


class RegisterField(Strict, frozen=True, kw_only=True):
    """A field of registers. `about`: a household (a dwelling and those who live there), a person of it, or a unit there.

    `kept` names the identity that the party or the household itself keeps (a name stands nowhere twice); other values are
    kept in the entries of every register that uses the field.
    """

    name: str
    label: Label
    about: About
    kind: Literal["text", "number", "date", "choice", "flag"] = "text"
    choices: dict[str, Label] = {}
    unit: str = ""
    """UCUM, of a number."""
    low: float | None = None
    high: float | None = None
    data_class: DataClass = DataClass.INTERNAL
    """3 and above is personal: kept as ciphertext, shown with a receipt."""
    check: Literal["", "id_number", "phone", "uscc"] = ""
    kept: Kept = ""
    from_id: Literal["", "born", "sex"] = ""
    """What the citizen number tells anyway; it is not asked where that is given."""
    required: bool = False
    help: Label | None = None


class RegisterCondition(Strict, frozen=True, kw_only=True):
    """When a register applies: all that is given must hold of the field's value. `years_at_least`, `years_below`: of a
    date, in whole years until today. A condition on a field without a value does not hold."""

    field: str
    equals: FieldValue | None = None
    one_of: tuple[str, ...] = ()
    at_least: float | None = None
    years_at_least: int | None = None
    years_below: int | None = None


class VisitRound(Strict, frozen=True, kw_only=True):
    """How often those of a register are visited: a case of the category is opened for whoever was not seen for so long,
    and ended by the action `done` when somebody was there."""

    kind: str
    code: str
    every: str
    """Parameter with the number of days."""
    done: str


class Register(Strict, frozen=True, kw_only=True):
    """A register: which fields it uses, whom it holds, who asks for it. `when` empty: everybody."""

    name: str
    label: Label
    about: About
    fields: tuple[str, ...]
    when: tuple[RegisterCondition, ...] = ()
    rounds: VisitRound | None = None
    source: str = ""
    """The authority or standard that asks for it."""
    confidence: Confidence = "M-med"


class RegistersFile(Strict, frozen=True, kw_only=True):
    """registers.yaml"""

    fields: tuple[RegisterField, ...]
    registers: tuple[Register, ...]
