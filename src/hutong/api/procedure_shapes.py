"""A procedure as pages draw it: states, actions and what each needs, clocks, limits and where they come from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from hutong.api.case_rows import unit_label
from hutong.api.city import SOURCES
from hutong.engine.handle.obstacles import SIDES, most
from hutong.engine.handle.procedure import Compiled, targets
from hutong.engine.handle.proof import ROLES, STAGES
from hutong.engine.handle.separation import kept_apart
from hutong.engine.handle.setting import Setting
from hutong.kernel.base import Label
from hutong.kernel.definition.procedure import Action, ClockDefinition, LimitRow, Proof, Window


class Part(msgspec.Struct, frozen=True):
    """Something with a name of its own and what people call it."""

    name: str
    label: Label


class Who(msgspec.Struct, frozen=True):
    """A role, and the side it stands on (监管分离)."""

    name: str
    label: Label
    side: Label


class StateShape(msgspec.Struct, frozen=True, kw_only=True):
    """`open`: cases that stand in it, of this version. `begins`: where cases that begin in it come from."""

    name: str
    label: Label
    kind: str
    ending: str
    turn: list[Part]
    begins: list[Part]
    open: int


class ClockEffect(msgspec.Struct, frozen=True):
    """What an action does to a clock: start, stop, pause, resume, restart, extend."""

    clock: str
    label: Label
    effect: str


class ActionShape(msgspec.Struct, frozen=True, kw_only=True):
    """An action, from each state of `of` to one of `to` (several where it leads back). `notes`: all further rules of it, one
    sentence each."""

    name: str
    label: Label
    of: list[str]
    to: dict[str, list[str]]
    automatic: bool
    final: bool
    roles: list[Who]
    when: list[Label]
    asks: list[Label]
    proof: list[Label]
    clocks: list[ClockEffect]
    unlike: list[Label]
    notes: list[Label]
    help: Label | None


class ClockShape(msgspec.Struct, frozen=True, kw_only=True):
    """A clock of a stage, or a window (`window`: when it is over, something can no longer be asked for)."""

    name: str
    label: Label
    amount: float
    unit: str
    unit_label: Label
    window: bool
    optional: bool
    warn_left: float
    escalate: list[Part]
    source: str
    confidence: str


class LimitShape(msgspec.Struct, frozen=True, kw_only=True):
    """A limit row; `by` is `city` or `pack`: those of the city come first."""

    stage: str
    stage_label: Label
    kind: str
    codes: list[str]
    condition: str
    urgency: str
    mode: str
    amount: float
    unit: str
    unit_label: Label
    source: str
    confidence: str
    by: str


def states(compiled: Compiled, open_cases: dict[str, int]) -> list[StateShape]:
    begins: dict[str, list[Part]] = {}
    for source, state in compiled.procedure.opens.items():
        name = source.partition(".")[0]
        begins.setdefault(state, []).append(Part(source, SOURCES.get(name, Label(source, source))))
    return [
        StateShape(
            name=one.name,
            label=one.label,
            kind=one.kind,
            ending=one.ending,
            turn=roles(compiled, one.turn),
            begins=begins.get(one.name, []),
            open=open_cases.get(one.name, 0),
        )
        for one in compiled.procedure.states
    ]


def roles(compiled: Compiled, names: Iterable[str]) -> list[Part]:
    return [Part(name, compiled.roles[name].label) for name in names]


def actions(compiled: Compiled, setting: Setting, names: dict[str, Label]) -> list[ActionShape]:
    """`names`: what procedures are called, for child cases."""
    return [_action(compiled, one, setting, names) for one in compiled.procedure.actions]


def _action(compiled: Compiled, action: Action, setting: Setting, names: dict[str, Label]) -> ActionShape:
    held = [compiled.roles[name] for name in action.roles]
    return ActionShape(
        name=action.name,
        label=action.label,
        of=list(action.of),
        to={state: list(targets(compiled, action, state)) for state in action.of},
        automatic=action.automatic,
        final=action.final,
        roles=[Who(one.name, one.label, SIDES.get(one.side, Label(one.side, one.side))) for one in held],
        when=[one.label for one in action.when],
        asks=[one.label for one in action.asks if one.required],
        proof=_proof(action.proof),
        clocks=[
            *(ClockEffect(name, compiled.clocks[name].label, how) for name, how in action.clocks.items()),
            *(ClockEffect(name, compiled.clocks[name].label, "extend") for name in action.extends),
        ],
        unlike=[compiled.actions[one].label for one in sorted(kept_apart(compiled, action))],
        notes=list(_notes(compiled, action, setting, names)),
        help=action.help,
    )


def _proof(proof: Proof | None) -> list[Label]:
    if proof is None:
        return []
    stage = STAGES[proof.stage]
    found = []
    for role in proof.photos:
        word = ROLES.get(role, Label(role, role))
        found.append(Label(f"{stage.zh}{word.zh}照片", f"{word.en} photo of the {stage.en}"))
    if proof.same_angle_as:
        found.append(Label("与原照片同一角度", "from the angle of the earlier photo"))
    if proof.sensor_clear:
        found.append(Label("监测数据恢复正常", "sensors back to normal"))
    return found


def _notes(compiled: Compiled, action: Action, setting: Setting, names: dict[str, Label]) -> Iterable[Label]:
    if action.unlike_organisation:
        yield Label("处置部门的人员不能办理", "not by people of the handling unit")
    if action.before_due:
        clock = compiled.clocks[action.before_due].label
        yield Label(f"须在{clock.zh}时限前", f"before the {clock.text('en')} limit runs out")
    if action.within:
        window = compiled.windows[action.within].label
        yield Label(f"须在{window.zh}内", f"within {window.text('en')}")
    limit = most(action, compiled, setting)
    if limit is not None:
        yield Label(f"每案最多 {limit} 次", f"at most {limit} × a case")
    for opening in action.opens:
        name = names.get(opening.procedure, Label(opening.procedure, opening.procedure))
        each = Label("，每个部门一件", ", one for each unit") if opening.each else Label("", "")
        apart = (
            Label("", "") if opening.waits else Label("，本案不等它", ", which the case does not wait for")
        )
        bare = Label("，不含诉求人信息", ", without the caller") if opening.without_caller else Label("", "")
        yield Label(
            f"开立子案卷「{name.zh}」{each.zh}{apart.zh}{bare.zh}",
            f"opens a part: {name.text('en')}{each.en}{apart.en}{bare.en}",
        )
    if action.children_ended:
        yield Label("须全部子案卷办结", "once all parts have ended")
    if action.on_parent:
        yield Label("结果写回主案", "tells the case it is a part of")
    if action.amends_list:
        yield Label("可据此修订权责清单", "may amend the list of responsibilities")
    for role in roles(compiled, action.tells):
        yield Label(f"告知{role.label.zh}", f"tells: {role.label.text('en')}")
    if action.at is not None:
        yield _MOMENTS.get(action.at, Label(f"到「{action.at}」所记时间", f"at the time of {action.at}"))


_MOMENTS = {
    "main_ended": Label("主案结束时", "when the case it is joined to has ended"),
    "children_ended": Label("最后一件子案卷办结时", "when its last part has ended"),
    "suspended.review": Label("到挂账复核日期", "at the review date"),
}


def clocks(compiled: Compiled) -> list[ClockShape]:
    every: tuple[ClockDefinition | Window, ...] = (*compiled.procedure.clocks, *compiled.procedure.windows)
    return [_clock(compiled, one) for one in every]


def _clock(compiled: Compiled, one: ClockDefinition | Window) -> ClockShape:
    clock = one if isinstance(one, ClockDefinition) else None
    return ClockShape(
        name=one.name,
        label=one.label,
        amount=one.amount,
        unit=one.unit,
        unit_label=unit_label(one.unit),
        window=clock is None,
        optional=clock is not None and clock.optional,
        warn_left=clock.warn_left if clock else 0,
        escalate=roles(compiled, clock.escalate) if clock else [],
        source=one.source,
        confidence=one.confidence,
    )


def limits(compiled: Compiled, city: Iterable[LimitRow]) -> list[LimitShape]:
    """The city's rows for its stages, then its own."""
    labels: dict[str, Label] = {one.name: one.label for one in clocks(compiled)}
    rows: list[tuple[str, Any]] = [("city", one) for one in city if one.stage in labels]
    rows += [("pack", one) for one in compiled.procedure.limits]
    return [
        LimitShape(
            stage=row.stage,
            stage_label=labels[row.stage],
            kind=row.kind,
            codes=list(row.codes or (row.code,)),
            condition=row.condition,
            urgency=row.urgency,
            mode=row.mode,
            amount=row.amount,
            unit=row.unit,
            unit_label=unit_label(row.unit),
            source=row.source,
            confidence=row.confidence,
            by=by,
        )
        for by, row in rows
    ]
