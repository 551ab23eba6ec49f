"""What `sets` of an action does to the fields of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from hutong.kernel.access import Actor
from hutong.kernel.base import Facts, Instant
from hutong.kernel.case import Case
from hutong.kernel.caseclock import fact

FIELDS: dict[str, Any] = {
    "filed": None,
    "fed_back": None,
    "organisation": None,
    "holder": None,
    "joined_to": None,
    "ending": "",
    "urgency": "ordinary",
    "suspended": {},
}
"""Fields that `sets` may name, with what `none` makes of them."""

GROUPS = ("suspended", "facts")
FORMS = ("now", "actor", "none")
PREFIXES = ("ask:", "fact:", "text:")


def known_target(target: str) -> bool:
    """Whether `sets` may name it: a field, or `suspended.NAME`, `facts.NAME`."""
    group, dot, name = target.partition(".")
    return target in FIELDS or (bool(dot) and group in GROUPS and bool(name))


def known_form(form: str) -> bool:
    return form in FORMS or form.startswith(PREFIXES)


def set_fields(case: Case, sets: Mapping[str, str], actor: Actor, now: Instant, answers: Facts) -> Case:
    """The case with each target set; values are taken from the case as it was before."""
    before = case
    for target, form in sets.items():
        value = value_of(before, form, actor, now, answers)
        group, dot, name = target.partition(".")
        if not dot:
            case = replace(case, **{target: FIELDS[target] if value is None else value})
            continue
        facts = {key: kept for key, kept in getattr(case, group).items() if key != name}
        if value is not None:
            facts[name] = value
        case = replace(case, **{group: facts})
    return case


def value_of(case: Case, form: str, actor: Actor, now: Instant, answers: Facts) -> Any:
    """The value a form stands for; None where there is none."""
    if form == "now":
        return now
    if form == "actor":
        return actor.account
    prefix, _, name = form.partition(":")
    if prefix == "ask":
        return answers.get(name)
    if prefix == "fact":
        return fact(case, name)
    return name if prefix == "text" else None
