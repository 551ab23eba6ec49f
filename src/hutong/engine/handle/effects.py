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
READ = (
    "organisation",
    "holder",
    "number",
    "state",
    "ending",
    "urgency",
    "opened",
    "filed",
    "fed_back",
    "closed",
)
"""Fields that `field:NAME` may read."""
PREFIXES = ("ask:", "fact:", "text:", "field:")


def known_target(target: str) -> bool:
    """Whether `sets` may name it: a field, or `suspended.NAME`, `facts.NAME`."""
    group, dot, name = target.partition(".")
    return target in FIELDS or (bool(dot) and group in GROUPS and bool(name))


def known_form(form: str) -> bool:
    prefix, colon, name = form.partition(":")
    if prefix == "field":
        return name in READ
    return form in FORMS or f"{prefix}{colon}" in PREFIXES


def set_fields(case: Case, sets: Mapping[str, str], actor: Actor, now: Instant, answers: Facts) -> Case:
    """The case with each target set; values are taken from the case as it was before."""
    before = case
    for target, form in sets.items():
        value = value_of(before, form, actor, now, answers)
        group, dot, name = target.partition(".")
        if not dot:
            case = replace(case, **{target: FIELDS[target] if value is None else value})
            continue
        case = replace(case, **{group: with_fact(getattr(case, group), name, value)})
    return case


def with_fact(facts: Facts, name: str, value: Any) -> Facts:
    """Facts with one set, or without it where the value is None; dots in the name lead into facts within facts."""
    head, dot, rest = name.partition(".")
    if dot:
        within = facts.get(head)
        value = with_fact(within if isinstance(within, dict) else {}, rest, value) or None
    kept = {key: one for key, one in facts.items() if key != head}
    return kept if value is None else {**kept, head: value}


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
    if prefix == "field":
        return getattr(case, name) or None
    return name if prefix == "text" else None
