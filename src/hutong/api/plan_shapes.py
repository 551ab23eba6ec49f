"""Plans, proposals, callings and resources as answers show them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from hutong.api.house import House
from hutong.api.shapes import Named, Person, organisation, person, time_of
from hutong.engine.flow.responding import Foresight, Given
from hutong.engine.flow.responding.roster import chain
from hutong.engine.respond.stock import Supply
from hutong.engine.respond.trigger import LEVEL_NAMES
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Label
from hutong.kernel.definition.plan import Level, PlanDefinition, Trigger
from hutong.kernel.plan import Calling, Proposal, Resource

GRADES = {
    1: Label("特别重大（Ⅰ级）", "grade I, particularly grave"),
    2: Label("重大（Ⅱ级）", "grade II, grave"),
    3: Label("较大（Ⅲ级）", "grade III, major"),
    4: Label("一般（Ⅳ级）", "grade IV, ordinary"),
}
"""事件分级, where a plan names none of its own."""


class GradeShape(msgspec.Struct, frozen=True):
    """事件分级: a grade of the event and what makes it one."""

    grade: int
    label: Label
    criteria: Label


class LevelShape(msgspec.Struct, frozen=True):
    """应急响应级别: when it is right, when to end it, who decides, and its 平战 mode."""

    level: int
    label: Label
    criteria: Label
    ends: Label
    commanders: list[Label]
    mode: Label | None
    tasks: int
    calls: int


class TriggerShape(msgspec.Struct, frozen=True):
    """When the level is proposed."""

    level: int
    rules: list[Label]
    colours: list[str]
    count: int
    within: str
    source: str


class ProposalRow(msgspec.Struct, frozen=True, kw_only=True):
    """A response that is proposed, with its reasons."""

    id: int
    version: int
    plan: str
    label: Label
    level: int
    level_label: Label
    colour: str | None
    reasons: list[Label]
    warnings: list[int]
    at: str
    state: str
    response: int | None
    dismissed_by: Person | None
    dismissed_reason: str


class PlanRow(msgspec.Struct, frozen=True, kw_only=True):
    """A plan, its proposal that waits for a decision, and its response that is running."""

    name: str
    label: Label
    kind: str
    source: str
    grades: list[GradeShape]
    levels: list[LevelShape]
    triggers: list[TriggerShape]
    proposal: ProposalRow | None
    dismissed: ProposalRow | None
    running: int | None


class CallingRow(msgspec.Struct, frozen=True, kw_only=True):
    """叫应: who was called for which post, until when, and what came of it. `next`: who would be called after."""

    id: int
    version: int
    plan: Label
    post: str
    label: Label
    person: Person
    step: int
    called: str
    due: str
    state: str
    confirmed: str | None
    confirmed_by: Person | None
    channel: str
    minutes: float
    response: int | None
    warnings: list[int]
    next: list[Person]
    mine: bool
    may_confirm: bool


class SupplyShape(msgspec.Struct, frozen=True):
    """What a level needs of one kind against what there is."""

    kind: str
    label: Label
    needed: float
    held: float
    left: float
    short: float
    unit: str


class TaskAhead(msgspec.Struct, frozen=True):
    """A task that would be given."""

    name: str
    label: Label
    text: Label | None
    amount: float
    unit: str
    proof: str
    organisation: Named | None


class CallAhead(msgspec.Struct, frozen=True):
    """Who would be called, in order, and how long each has."""

    post: str
    label: Label
    minutes: float
    people: list[Person]


class ClockAhead(msgspec.Struct, frozen=True):
    """A limit of the mode."""

    category: Label
    stage: Label
    amount: float
    unit: str


class RoleAhead(msgspec.Struct, frozen=True):
    """A role that somebody would hold while the mode is on."""

    person: Person
    role: Label


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """What deciding for a level would do, before it is decided. `refused`: why the asker may not."""

    plan: str
    level: int
    refused: str
    calls: list[CallAhead]
    tasks: list[TaskAhead]
    supplies: list[SupplyShape]
    mode: Label | None
    mode_now: bool
    clocks: list[ClockAhead]
    roles: list[RoleAhead]
    running_cases: int


class ResourceRow(msgspec.Struct, frozen=True):
    """What there is of a resource, and what is left of it."""

    id: int
    code: str
    name: Label
    kind: str
    amount: float
    reserved: float
    left: float
    unit: str
    organisation: Named | None


def plan_row(
    house: House, plan: PlanDefinition, proposals: Iterable[Proposal], running: int | None
) -> PlanRow:
    """`proposals`: of this plan, newest first."""
    listed = [proposal_row(house, plan, one) for one in proposals]
    newest = listed[0] if listed else None
    return PlanRow(
        name=plan.name,
        label=plan.label,
        kind=plan.kind,
        source=plan.source,
        grades=[GradeShape(one.grade, one.label, one.criteria) for one in plan.grades],
        levels=[_level(house, one) for one in sorted(plan.levels, key=lambda one: one.level)],
        triggers=[_trigger(house, one) for one in plan.triggers],
        proposal=next((one for one in listed if one.state == "open"), None),
        dismissed=newest if newest is not None and newest.state == "dismissed" else None,
        running=running,
    )


def _level(house: House, level: Level) -> LevelShape:
    mode = house.rulebook.modes.get(level.mode)
    return LevelShape(
        level.level,
        level.label,
        level.criteria,
        level.ends,
        [house.rulebook.roles[one].label for one in level.commanders],
        mode.label if mode else None,
        len(level.tasks),
        len(level.calls),
    )


def _trigger(house: House, trigger: Trigger) -> TriggerShape:
    rules = [house.rulebook.rules[one].label for one in trigger.rules if one in house.rulebook.rules]
    return TriggerShape(
        trigger.level, rules, list(trigger.colours), trigger.count, trigger.within, trigger.source
    )


def proposal_row(house: House, plan: PlanDefinition, one: Proposal) -> ProposalRow:
    level = next((each.label for each in plan.levels if each.level == one.level), LEVEL_NAMES[one.level])
    return ProposalRow(
        id=one.id,
        version=one.version,
        plan=one.plan,
        label=plan.label,
        level=one.level,
        level_label=level,
        colour=one.colour,
        reasons=list(one.reasons),
        warnings=list(one.warnings),
        at=time_of(one.at) or "",
        state=one.state,
        response=one.response,
        dismissed_by=person(house.directory, one.dismissed_by),
        dismissed_reason=one.dismissed_reason,
    )


def calling_row(house: House, actor: Actor, one: Calling) -> CallingRow:
    plan = house.rulebook.plans.get(one.plan)
    people = chain(house.directory, house.rulebook.city.duty, one.post, one.role, house.now())
    at = people.index(one.account) if one.account in people else len(people)
    who = person(house.directory, one.account)
    assert who is not None
    open_still = one.state not in ("confirmed", "dropped")
    mine = one.account == actor.account
    further = people[at + 1 :] if one.state == "waiting" else ()
    return CallingRow(
        id=one.id,
        version=one.version,
        plan=plan.label if plan else Label(one.plan, one.plan),
        post=one.post,
        label=one.label,
        person=who,
        step=one.step,
        called=time_of(one.called) or "",
        due=time_of(one.due) or "",
        state=one.state,
        confirmed=time_of(one.confirmed),
        confirmed_by=person(house.directory, one.confirmed_by),
        channel=one.channel,
        minutes=one.minutes,
        response=one.response,
        warnings=list(one.warnings),
        next=_people(house, further),
        mine=mine,
        may_confirm=open_still and (mine or decide(actor, "command", "response").allowed),
    )


def supply_shape(one: Supply) -> SupplyShape:
    return SupplyShape(one.kind, one.label, one.needed, one.held, one.left, one.short, one.unit)


def ahead(house: House, plan: PlanDefinition, level: Level, seen: Foresight) -> Ahead:
    return Ahead(
        plan=plan.name,
        level=level.level,
        refused=seen.refused,
        calls=[
            CallAhead(one.call.post, one.call.label, one.call.minutes, _people(house, one.people))
            for one in seen.calls
        ],
        tasks=[_task_ahead(house, one) for one in seen.tasks],
        supplies=[supply_shape(one) for one in seen.supplies],
        mode=seen.mode.label if seen.mode else None,
        mode_now=seen.mode_now,
        clocks=_clocks(house, seen),
        roles=[
            RoleAhead(who, house.rulebook.roles[one.role].label)
            for one in seen.roles
            for who in _people(house, (one.account,))
        ],
        running_cases=seen.running_cases,
    )


def _people(house: House, accounts: Iterable[int]) -> list[Person]:
    return [who for one in accounts if (who := person(house.directory, one)) is not None]


def _task_ahead(house: House, one: Given) -> TaskAhead:
    task = one.task
    unit = organisation(house.directory, one.organisation)
    return TaskAhead(task.name, task.label, task.text, task.amount, task.unit, task.proof, unit)


def _clocks(house: House, seen: Foresight) -> list[ClockAhead]:
    if seen.mode is None:
        return []
    names: dict[tuple[str, str], Label] = {
        (one.kind, one.code): label for one, label in house.rulebook.category_names.items()
    }
    stages = {
        clock.name: clock.label
        for compiled in house.rulebook.procedures.values()
        for clock in compiled.procedure.clocks
    }
    return [
        ClockAhead(
            names.get((row.kind, row.code), Label(row.code, row.code)),
            stages.get(row.stage, Label(row.stage, row.stage)),
            row.amount,
            row.unit,
        )
        for row in seen.mode.limits
    ]


def resource_row(house: House, one: Resource) -> ResourceRow:
    return ResourceRow(
        one.id,
        one.code,
        one.name,
        one.kind,
        one.amount,
        one.reserved,
        one.left,
        one.unit,
        organisation(house.directory, one.organisation),
    )
