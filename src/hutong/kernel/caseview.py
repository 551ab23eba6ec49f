"""What can be read of a case by a path, and whether a condition of its procedure holds."""

from __future__ import annotations

from typing import Any

from hutong.kernel.case import Case
from hutong.kernel.definition.procedure import Condition

GROUPS = ("facts", "suspended", "category", "deeds")
CATEGORY = ("kind", "code")
UNREADABLE = (
    "id",
    "lane",
    "version",
    "provenance",
    "retired",
    "contact",
    "position",
    "clocks",
    "deeds",
    "scope",
)
"""Fields of a case that no condition reads: where it is stored, who reported it, and what has words of its own."""


def known_path(path: str, actions: tuple[str, ...] = ()) -> bool:
    """Whether it can be read of a case: a field, `facts.NAME`, `suspended.NAME`, `category.kind|code`, `deeds.ACTION`."""
    group, dot, name = path.partition(".")
    if not dot:
        return path in Case.__struct_fields__ and path not in (*UNREADABLE, *GROUPS)
    if group == "category":
        return name in CATEGORY
    return name in actions if group == "deeds" else group in GROUPS and bool(name)


def value_at(case: Case, path: str) -> Any:
    """The value of a path that is known; None where there is none."""
    group, dot, name = path.partition(".")
    if not dot:
        return getattr(case, path, None)
    if group == "category":
        return getattr(case.category, name, None)
    if group == "deeds":
        return sum(deed.action == name for deed in case.deeds)
    return nested(getattr(case, group), name) if group in GROUPS else None


def nested(facts: Any, name: str) -> Any:
    """A fact, or with dots in its name a fact within facts."""
    for part in name.split("."):
        if not isinstance(facts, dict):
            return None
        facts = facts.get(part)
    return facts


def holds(case: Case, condition: Condition) -> bool:
    """Whether all that the condition asks for holds. A value that is not there is neither large nor small."""
    value = value_at(case, condition.path)
    has = value not in (None, "", (), [], {}, False)
    return (
        (condition.given is None or condition.given == has)
        and (condition.equals is None or value == condition.equals)
        and (not condition.one_of or value in condition.one_of)
        and (condition.at_least is None or (_number(value) and value >= condition.at_least))
        and (condition.at_most is None or (_number(value) and value <= condition.at_most))
    )


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def all_hold(case: Case, conditions: tuple[Condition, ...]) -> bool:
    return all(holds(case, one) for one in conditions)
