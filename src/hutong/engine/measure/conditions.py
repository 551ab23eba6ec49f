"""Conditions of counts, each looked at once for a case however many counts ask for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from hutong.engine.measure.seen import Seen
from hutong.kernel.case import Case
from hutong.kernel.caseview import value_at
from hutong.kernel.definition.indicator import Where

Reading = Callable[[Seen | Case], Any]


class Conditions:
    """Distinct conditions by number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._tests: list[tuple[Reading, Where]] = []

    def numbers(self, wheres: Sequence[Where]) -> tuple[int, ...]:
        """The numbers of these conditions."""
        found = []
        for where in wheres:
            number = self._numbers.setdefault(repr(where), len(self._tests))
            if number == len(self._tests):
                self._tests.append((reading(where.path), where))
            found.append(number)
        return tuple(found)

    def hold(self, seen: Seen | Case) -> list[bool]:
        """Of each condition, by number, whether it holds of the case."""
        return [_holds(read(seen), where) for read, where in self._tests]


def reading(path: str) -> Reading:
    """What reads a path of a case: the common ones without looking at the path again."""
    group, dot, name = path.partition(".")
    if not dot:
        return lambda seen: getattr(seen, path)
    if group == "facts" and "." not in name:
        return lambda seen: seen.facts.get(name)
    return lambda seen: value_at(cast(Case, seen), path)


def _holds(value: Any, where: Where) -> bool:
    if where.given is not None and where.given != (value not in (None, "", [], (), {}, False)):
        return False
    if where.one_of or where.none_of:
        values = value if isinstance(value, list | tuple) else (value,)
        if where.one_of and not any(one in where.one_of for one in values):
            return False
        if any(one in where.none_of for one in values):
            return False
    if where.at_least is None and where.at_most is None:
        return True
    if not isinstance(value, int | float):
        return False
    return (where.at_least is None or value >= where.at_least) and (
        where.at_most is None or value <= where.at_most
    )
