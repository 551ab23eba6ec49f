"""The fields and registers of a city: which apply to whom, and what a value must be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from hutong.kernel.base import DataClass
from hutong.kernel.definition.register import About, Register, RegisterCondition, RegisterField
from hutong.kernel.errors import Invalid
from hutong.kernel.identifiers import parse_citizen_number, parse_credit_code

Values = dict[str, Any]
LONGEST = 400
"""Characters of a text value."""
_PHONE = frozenset("0123456789+-() ")


class Catalogue:
    """The fields and registers of a city by name."""

    def __init__(self, fields: Iterable[RegisterField], registers: Iterable[Register]) -> None:
        self.fields = {one.name: one for one in fields}
        self.registers = {one.name: one for one in registers}

    def about(self, kind: About) -> list[Register]:
        return [one for one in self.registers.values() if one.about == kind]

    def applying(self, kind: About, values: Values, today: date) -> list[Register]:
        """Registers whose conditions all hold."""
        return [one for one in self.about(kind) if all(holds(part, values, today) for part in one.when)]

    def personal(self, name: str) -> bool:
        return self.fields[name].data_class >= DataClass.SENSITIVE

    def kept_in(self, register: Register) -> tuple[str, ...]:
        """Fields whose values stand in the register's own entries: identities are kept by the party or the household."""
        return tuple(name for name in register.fields if not self.fields[name].kept)

    def checked(self, kind: About, given: Mapping[str, Any], today: date, where: str = "") -> Values:
        """The values as they are kept; None clears one. Invalid names the field."""
        found: Values = {}
        for name, value in given.items():
            field = self.fields.get(name)
            if field is None or field.about != kind:
                raise Invalid(f"{where}{name}", f"no register of this city asks for {name!r}", "leave it out")
            found[name] = None if value in (None, "") else _value(field, value, today, f"{where}{name}")
        return self._from_id(kind, found, today, where)

    def _from_id(self, kind: About, values: Values, today: date, where: str) -> Values:
        """What the citizen number tells of a person; Invalid where something else was given."""
        number = next(
            (values.get(one.name) for one in self.fields.values() if one.check == "id_number"), None
        )
        if kind != "person" or not number:
            return values
        read = parse_citizen_number(str(number), today)
        told = {"born": read.born.isoformat(), "sex": read.sex}
        for field in self.fields.values():
            if field.about != kind or not field.from_id:
                continue
            given = values.get(field.name)
            if given is not None and given != told[field.from_id]:
                raise Invalid(
                    f"{where}{field.name}",
                    f"differs from the citizen number, which tells {told[field.from_id]}",
                    "compare both with the card",
                    zh=f"{field.label.zh}与公民身份号码不符",
                )
            values[field.name] = told[field.from_id]
        return values

    def missing(self, kind: About, values: Values, today: date) -> list[RegisterField]:
        """Required fields of the registers that apply, without a value."""
        wanted = {name for register in self.applying(kind, values, today) for name in register.fields}
        return [
            one
            for name, one in self.fields.items()
            if name in wanted and one.required and not _given(values, name)
        ]


def _given(values: Values, name: str) -> bool:
    return values.get(name) not in (None, "")


def holds(part: RegisterCondition, values: Values, today: date) -> bool:
    """Whether a condition holds; never of a field without a value."""
    value = values.get(part.field)
    if value is None or value == "":
        return False
    if part.equals is not None and value != part.equals:
        return False
    if part.one_of and value not in part.one_of:
        return False
    if part.at_least is not None and not (isinstance(value, int | float) and value >= part.at_least):
        return False
    if part.years_at_least is None and part.years_below is None:
        return True
    old = years(str(value), today)
    if old is None or (part.years_at_least is not None and old < part.years_at_least):
        return False
    return part.years_below is None or old < part.years_below


def years(born: str, today: date) -> int | None:
    """Whole years since a date; None if it is no date."""
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return None
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _value(field: RegisterField, value: Any, today: date, where: str) -> Any:
    if field.kind == "flag":
        return _flag(field, value, where)
    if field.kind == "number":
        return _number(field, value, where)
    text = str(value).strip()
    if len(text) > LONGEST:
        raise Invalid(where, f"is longer than {LONGEST} characters", "shorten it")
    if field.kind == "choice" and text not in field.choices:
        by_label = {label.zh: code for code, label in field.choices.items()}
        if text not in by_label:
            raise Invalid(where, f"{text!r} is no choice", "choose one of " + ", ".join(field.choices))
        text = by_label[text]
    if field.kind == "date":
        return _date(text, today, where)
    return _CHECKS[field.check](text, today, where) if field.check else text


def _flag(field: RegisterField, value: Any, where: str) -> bool:
    if isinstance(value, bool):
        return value
    known = {
        "true": True,
        "1": True,
        "是": True,
        "yes": True,
        "false": False,
        "0": False,
        "否": False,
        "no": False,
    }
    text = str(value).strip().lower()
    if text not in known:
        raise Invalid(where, f"{value!r} is neither yes nor no", "answer yes or no")
    return known[text]


def _number(field: RegisterField, value: Any, where: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Invalid(where, f"{value!r} is no number", "write digits") from None
    low, high = field.low, field.high
    if not ((low is None or number >= low) and (high is None or number <= high)):
        raise Invalid(where, f"{number:g} lies outside {low:g} to {high:g}", "check it")
    return int(number) if number == int(number) else number


def _date(text: str, today: date, where: str) -> str:
    try:
        day = date.fromisoformat(text.replace("/", "-").replace(".", "-"))
    except ValueError:
        raise Invalid(where, f"{text!r} is no date", "write it like 1950-03-09") from None
    if day > today:
        raise Invalid(where, "lies in the future", "check the date")
    return day.isoformat()


def _phone(text: str, today: date, where: str) -> str:
    digits = [one for one in text if one.isdigit()]
    if not set(text) <= _PHONE or not 7 <= len(digits) <= 15:
        raise Invalid(
            where,
            f"{text!r} is no telephone number",
            "write 7 to 15 digits",
            zh="电话号码应为 7 至 15 位数字",
        )
    return text


def _citizen(text: str, today: date, where: str) -> str:
    return parse_citizen_number(text, today, where).number


def _credit(text: str, today: date, where: str) -> str:
    return parse_credit_code(text, where).code


_CHECKS: dict[str, Callable[[str, date, str], str]] = {
    "phone": _phone,
    "id_number": _citizen,
    "uscc": _credit,
}
