"""Plans name rules, roles, categories, clocks and modes that exist; what a level says can be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from hutong.kernel.definition.plan import Call, Level, ModeDefinition, PlanDefinition, Trigger
from hutong.kernel.errors import Invalid
from hutong.kernel.spans import span
from hutong.loader.checks.known import Known
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_

FILE = "plans.yaml"
MAIN_CASE, TASK_CASE = ("other", "emergency.response"), ("other", "emergency.task")
"""Categories of a response's main case and of its tasks; the pack that handles them must be needed."""
SOURCE_REMEDY = "name the clause, or `city rule (L)`"


class _Plans:
    """Checks plans.yaml of one pack."""

    def __init__(self, source: PackSource, known: Known) -> None:
        assert source.pack is not None
        self.source = source
        self.known = known
        self.pack = source.pack
        self.yaml = source.sources[FILE]
        self.modes = {one.name for pack in known.packs.values() for one in pack.modes}

    def problems(self) -> Iterator[Problem]:
        given = (
            ("plans", [one.name for one in self.pack.plans]),
            ("modes", [one.name for one in self.pack.modes]),
        )
        for key, names in given:
            for index, name in enumerate(names):
                if names.count(name) > 1:
                    yield self.yaml.problem((key, index, "name"), f"{name!r} stands twice", "rename one")
        if self.pack.plans and not {MAIN_CASE, TASK_CASE} <= self.known.categories:
            reason = (
                "no pack handles the cases of a response (other:emergency.response, other:emergency.task)"
            )
            yield self.yaml.problem(("plans",), reason, "add the pack `emergency` to needs")
        for index, plan in enumerate(self.pack.plans):
            yield from self._plan(("plans", index), plan)
        for index, mode in enumerate(self.pack.modes):
            yield from self._mode(("modes", index), mode)

    def _points(self, path: Path_, name: str, names: Collection[str], what: str) -> Iterator[Problem]:
        if name not in names:
            near = get_close_matches(name, list(names), n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"name one of the {len(names)} there are"
            yield self.yaml.problem(path, f"there is no {what} {name!r}", remedy)

    def _span(self, path: Path_, text: str) -> Iterator[Problem]:
        try:
            span(text)
        except Invalid as error:
            yield self.yaml.problem(path, error.reason, error.remedy)

    def _plan(self, path: Path_, plan: PlanDefinition) -> Iterator[Problem]:
        levels = [one.level for one in plan.levels]
        if not levels:
            yield self.yaml.problem((*path, "levels"), "the plan has no level", "give at least one")
        for key, given in (("levels", levels), ("grades", [one.grade for one in plan.grades])):
            for at, one in enumerate(given):
                if given.index(one) != at:
                    yield self.yaml.problem((*path, key, at), f"{one} stands twice", "keep one of the two")
        for at, trigger in enumerate(plan.triggers):
            yield from self._trigger((*path, "triggers", at), trigger, levels)
        for at, warn in enumerate(plan.warns):
            where = (*path, "warns", at)
            for number, rule in enumerate(warn.rules):
                yield from self._points((*where, "rules", number), rule, self.known.rules, "rule")
            yield from self._call((*where, "call"), warn.call)
            yield from self._span((*where, "again_after"), warn.again_after)
        for at, level in enumerate(plan.levels):
            yield from self._level((*path, "levels", at), level)

    def _trigger(self, path: Path_, trigger: Trigger, levels: Collection[int]) -> Iterator[Problem]:
        if trigger.level not in levels:
            reason = f"the plan has no level {trigger.level}"
            yield self.yaml.problem((*path, "level"), reason, "define it, or propose another")
        for number, rule in enumerate(trigger.rules):
            yield from self._points((*path, "rules", number), rule, self.known.rules, "rule")
        if not trigger.rules and not trigger.colours:
            reason = "every warning would count"
            yield self.yaml.problem(path, reason, "name rules, colours, or both")
        if trigger.count < 1:
            yield self.yaml.problem((*path, "count"), "must be at least 1", "give a whole number")
        if not trigger.source.strip():
            yield self.yaml.problem(path, "the trigger has no source", SOURCE_REMEDY)
        yield from self._span((*path, "within"), trigger.within)

    def _call(self, path: Path_, call: Call) -> Iterator[Problem]:
        yield from self._points((*path, "role"), call.role, self.known.roles, "role")
        if call.minutes <= 0:
            yield self.yaml.problem((*path, "minutes"), "must be above zero", "give the minutes to confirm")

    def _level(self, path: Path_, level: Level) -> Iterator[Problem]:
        if not level.commanders:
            reason = "nobody may start it"
            yield self.yaml.problem((*path, "commanders"), reason, "name the roles that command")
        for at, role in enumerate(level.commanders):
            yield from self._points((*path, "commanders", at), role, self.known.roles, "role")
        if level.mode:
            yield from self._points((*path, "mode"), level.mode, self.modes, "mode")
        if level.report_every is not None and level.report_every <= 0:
            yield self.yaml.problem((*path, "report_every"), "must be above zero", "give hours")
        for at, call in enumerate(level.calls):
            yield from self._call((*path, "calls", at), call)
        for at, need in enumerate(level.needs):
            if need.amount <= 0:
                yield self.yaml.problem((*path, "needs", at, "amount"), "must be above zero", "give a number")
        yield from self._tasks((*path, "tasks"), level)

    def _tasks(self, path: Path_, level: Level) -> Iterator[Problem]:
        counts = Counter(one.name for one in level.tasks)
        for at, task in enumerate(level.tasks):
            where = (*path, at)
            if counts[task.name] > 1:
                yield self.yaml.problem((*where, "name"), f"{task.name!r} stands twice", "rename one")
            if (task.responsible is None) == (not task.post):
                reason = "a task goes to one unit: give `responsible` or `post`, not both"
                yield self.yaml.problem(where, reason, "keep one of the two")
            if task.responsible is not None:
                one = task.responsible
                names = [f"{kind}:{code}" for kind, code in self.known.categories]
                shown = f"{one.kind}:{one.code}"
                yield from self._points((*where, "responsible"), shown, names, "category")
            if task.amount <= 0:
                yield self.yaml.problem((*where, "amount"), "must be above zero", "give the limit")
            if not task.source.strip():
                yield self.yaml.problem(where, "the limit has no source", SOURCE_REMEDY)

    def _mode(self, path: Path_, mode: ModeDefinition) -> Iterator[Problem]:
        clocks = {
            clock.name
            for pack in self.known.packs.values()
            for procedure in pack.procedures
            for clock in procedure.clocks
        }
        for at, row in enumerate(mode.limits):
            where = (*path, "limits", at)
            yield from self._points((*where, "stage"), row.stage, clocks, "clock")
            if not row.source.strip():
                yield self.yaml.problem(where, "the limit has no source", SOURCE_REMEDY)
        for at, roster in enumerate(mode.roster):
            for number, role in enumerate(roster.roles):
                where = (*path, "roster", at, "roles", number)
                yield from self._points(where, role, self.known.roles, "role")
        for role in mode.grants:
            yield from self._points((*path, "grants", role), role, self.known.roles, "role")


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    if source.pack is not None and FILE in source.sources:
        yield from _Plans(source, known).problems()
