"""Everything a city's packs and settings define, ready to run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from hutong.engine.handle.procedure import Compiled, compile_procedure, departed_roles
from hutong.kernel.base import Instant, Label
from hutong.kernel.case import Case, Category
from hutong.kernel.clock import local_date
from hutong.kernel.definition.pack import City, Pack
from hutong.kernel.definition.plan import ModeDefinition, PlanDefinition
from hutong.kernel.definition.procedure import CategoryDefinition, LimitRow, Procedure, RoleDefinition
from hutong.kernel.definition.rule import Rule
from hutong.kernel.definition.thing import Parameter, PropertyDefinition, ThingType
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.worktime import WorkCalendar


class _Stored(msgspec.Struct, frozen=True):
    """A stored procedure definition (loader/digest.py)."""

    definition: Procedure


class Rulebook:
    """The definitions of a city by name. `stored` reads a definition that is no longer the current one."""

    def __init__(
        self, city: City, functions: dict[str, Callable[..., Any]], stored: Callable[[str], bytes]
    ) -> None:
        self.city = city
        self.functions = functions
        self._stored = stored
        packs = city.packs
        self.types: dict[str, ThingType] = {one.name: one for pack in packs for one in pack.types}
        self.properties: dict[str, PropertyDefinition] = {
            one.name: one for pack in packs for one in pack.properties
        }
        self.editions: tuple[Rule, ...] = tuple(one for pack in packs for one in pack.rules)
        """All versions of all rules; `rules` has the last of each name."""
        self.rules: dict[str, Rule] = {
            one.name: one for one in sorted(self.editions, key=lambda each: each.since or "")
        }
        self.rule_digests = {one.edition: _digest(packs, f"rule {one.edition}") for one in self.editions}
        self._by_rule_digest = {self.rule_digests[one.edition]: one for one in self.editions}
        self.roles: dict[str, RoleDefinition] = {one.name: one for pack in packs for one in pack.roles}
        self.procedures = {
            one.name: compile_procedure(one, self.roles.values(), _digest(packs, f"procedure {one.name}"))
            for pack in packs
            for one in pack.procedures
        }
        self.categories: dict[Category, CategoryDefinition] = {
            Category(one.kind, one.code): one  # type: ignore[arg-type]
            for pack in packs
            for one in pack.categories
        }
        self.category_names: dict[Category, Label] = {key: one.label for key, one in self.categories.items()}
        self.plans: dict[str, PlanDefinition] = {one.name: one for pack in packs for one in pack.plans}
        self.plan_digests = {name: _digest(packs, f"plan {name}") for name in self.plans}
        self.modes: dict[str, ModeDefinition] = {one.name: one for pack in packs for one in pack.modes}
        self._plan_limits = tuple(row for plan in self.plans.values() for row in _limits_of(plan))
        self.urgent = frozenset(key for key, one in self.categories.items() if one.urgent)
        self.zone = ZoneInfo(city.head.zone)
        self.calendar = _calendar(city)
        self._parameters: dict[str, Parameter] = {one.name: one for pack in packs for one in pack.parameters}
        self._by_digest = {one.digest: one for one in self.procedures.values()}

    def rule(self, name: str, digest: str) -> Rule:
        """The version of a rule with that digest; the last one if it is not defined any more."""
        found = self._by_rule_digest.get(digest)
        return found if found is not None and found.name == name else self.rules[name]

    def procedure(self, case: Case) -> Compiled:
        """The procedure in the version the case began with."""
        return self.procedure_of(case.definition)

    def procedure_of(self, digest: str) -> Compiled:
        """The procedure with that digest, read from the store if it is no longer the current one."""
        known = self._by_digest.get(digest)
        if known is None:
            stored = msgspec.json.decode(self._stored(digest), type=_Stored)
            departed = departed_roles(stored.definition, self.roles)
            known = compile_procedure(stored.definition, (*self.roles.values(), *departed), digest)
            self._by_digest[digest] = known
        return known

    def procedure_for(self, category: Category) -> Compiled:
        """The procedure that handles a category. NotFound for an unknown category."""
        definition = self.categories.get(category)
        if definition is None:
            raise Invalid(
                "category", f"there is no category {category.kind}:{category.code}", "choose one of the list"
            )
        if definition.procedure not in self.procedures:
            raise NotFound(
                "procedure", f"no procedure handles {category.kind}:{category.code}", "name one in cases.yaml"
            )
        return self.procedures[definition.procedure]

    def limits(self, modes: tuple[str, ...] = ()) -> tuple[LimitRow, ...]:
        """The city's limit rows, those of plans' tasks, and those of the modes that are on: all under the first of them."""
        rows = (row for name in modes if name in self.modes for row in self.modes[name].limits)
        held = tuple(replace(row, mode=modes[0]) for row in rows)
        return (*held, *self.city.head.limits, *self._plan_limits)

    def parameters(self, at: Instant) -> dict[str, float]:
        """Every numeric parameter as it holds at a city time; the city's own values come first."""
        day = local_date(at, self.zone)
        found: dict[str, float] = {}
        for name, parameter in self._parameters.items():
            value = self.city.head.parameters.get(name, _dated(parameter, day))
            if isinstance(value, int | float):
                found[name] = float(value)
        return found


TASK_CASE = Category("other", "emergency.task")
MAIN_CASE = Category("other", "emergency.response")
"""What the cases of a response are about; the pack `emergency` says how they are handled."""


def task_condition(plan: str, level: int, task: str) -> str:
    """The 立案条件 of a task's case, by which its limit row is found."""
    return f"{plan}/{level}/{task}"


def report_condition(plan: str, level: int) -> str:
    """The 立案条件 of a response's main case: how often it is reported on."""
    return f"{plan}/{level}"


def _limits_of(plan: PlanDefinition) -> list[LimitRow]:
    """Limit rows that a plan's tasks and reports are given by."""
    found = []
    for level in plan.levels:
        for task in level.tasks:
            found.append(
                LimitRow(
                    kind=TASK_CASE.kind,
                    code=TASK_CASE.code,
                    condition=task_condition(plan.name, level.level, task.name),
                    stage="task",
                    amount=task.amount,
                    unit=task.unit,
                    source=task.source,
                )
            )
        if level.report_every is not None:
            found.append(
                LimitRow(
                    kind=MAIN_CASE.kind,
                    code=MAIN_CASE.code,
                    condition=report_condition(plan.name, level.level),
                    stage="reporting",
                    amount=level.report_every,
                    unit="urgent_hour",
                    source=plan.source,
                )
            )
    return found


def _digest(packs: tuple[Pack, ...], name: str) -> str:
    return next((pack.digests[name] for pack in packs if name in pack.digests), "")


def _dated(parameter: Parameter, day: date) -> float | str | bool | None:
    held = [one for one in parameter.values if date.fromisoformat(one.since) <= day]
    return max(held, key=lambda one: one.since).value if held else None


def _calendar(city: City) -> WorkCalendar:
    head = city.head
    return WorkCalendar(
        zone=head.zone,
        periods=head.working_periods,
        overrides={date.fromisoformat(day): worked for day, worked in head.days.items()},
    )
