"""An action done: checks, the new case, the journal record that explains it, and who should hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from hutong.engine.handle import clocks
from hutong.engine.handle.answers import checked, filled
from hutong.engine.handle.children import Amended, Child, amended, children, on_parent
from hutong.engine.handle.effects import set_fields, value_of
from hutong.engine.handle.notices import notices
from hutong.engine.handle.obstacles import Attempt, obstacle, obstacle_for_platform
from hutong.engine.handle.procedure import Compiled
from hutong.engine.handle.proof import Need, needs, proof_facts
from hutong.engine.handle.separation import kept_apart
from hutong.engine.handle.setting import Setting
from hutong.kernel.access import SYSTEM, Actor
from hutong.kernel.base import Facts, Instant
from hutong.kernel.case import Case, Deed, Notice, Warning
from hutong.kernel.case import File as CaseFile
from hutong.kernel.caseview import all_hold
from hutong.kernel.changes import Record
from hutong.kernel.clock import moment
from hutong.kernel.definition.procedure import BACK, SAME, Action
from hutong.kernel.errors import Invalid, Refused


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants done. `files`: all files of the case, those given with the action included. `warnings`: those the
    case came from. `new_files`: ids of the files given with the action."""

    action: str
    answers: Facts = {}
    files: Sequence[CaseFile] = ()
    warnings: Sequence[Warning] = ()
    new_files: Sequence[int] = ()


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """What an action made of a case. `ended`: it ended now, so cases joined to it go on, and its parent may.

    `children` are to be opened, `on_parent` set on the parent (`facts.NAME` → value) and `amends` written in the 权责清单 in
    the same commit; `entered`: the case is in another state than before.
    """

    case: Case
    records: tuple[Record, ...] = ()
    notices: tuple[Notice, ...] = ()
    ended: bool = False
    entered: bool = False
    children: tuple[Child, ...] = ()
    on_parent: Facts = {}
    amends: Amended | None = None


@dataclass(frozen=True)
class _Doing:
    """An attempt that nothing stands in the way of, with what it is explained by."""

    attempt: Attempt
    command: Command
    answers: Facts = field(default_factory=dict)
    proof: tuple[Need, ...] = ()


def act(
    case: Case, command: Command, actor: Actor, now: Instant, compiled: Compiled, setting: Setting
) -> Acted:
    """Does the action, or says exactly why not: Forbidden, Refused, or Invalid naming the ask."""
    attempt = Attempt(case, _action(compiled, command.action), actor, now, compiled, setting)
    found = obstacle(attempt)
    if found is not None:
        raise found.error(command.action)
    answers = checked(attempt.action, command.answers, case, now, setting)
    proof = needs(case, attempt.action.proof, command.files, command.warnings)
    _check_proof(attempt.action, proof)
    return _done(_Doing(attempt, command, answers, proof))


def act_automatically(case: Case, name: str, now: Instant, compiled: Compiled, setting: Setting) -> Acted:
    """An automatic action, done by the platform at its instant."""
    action = _action(compiled, name)
    if not action.automatic or case.state not in action.of or not all_hold(case, action.when):
        raise Refused(
            f"action.{name}",
            f"the platform cannot do it in {case.state}",
            "only automatic actions, in their states and when their conditions hold",
        )
    return _done(_Doing(Attempt(case, action, SYSTEM, now, compiled, setting), Command(action=name)))


def act_for_person(
    case: Case, command: Command, now: Instant, compiled: Compiled, setting: Setting, why: Facts
) -> Acted:
    """A person's action done by the platform, where the procedure has it `by_platform`. `why` (rule of the city, what was
    measured, what decided) stands in the journal under `triage`, and shortly in the fact `platform` of the case."""
    attempt = Attempt(case, _action(compiled, command.action), SYSTEM, now, compiled, setting)
    found = obstacle_for_platform(attempt)
    if found is not None:
        raise found.error(command.action)
    answers = checked(attempt.action, command.answers, case, now, setting)
    acted = _done(_Doing(attempt, command, answers))
    told = {"action": command.action, "at": now, **why}
    (record,) = acted.records
    return replace(
        acted,
        case=replace(acted.case, facts={**acted.case.facts, PLATFORM: told}),
        records=(replace(record, explain={**record.explain, "triage": why}),),
    )


PLATFORM = "platform"
"""Fact of a case on which the platform did a person's action."""


def _action(compiled: Compiled, name: str) -> Action:
    action = compiled.actions.get(name)
    if action is None:
        raise Invalid(
            "action",
            f"{compiled.name} has no action {name!r}",
            "choose one of " + ", ".join(compiled.actions),
        )
    return action


def _check_proof(action: Action, proof: Sequence[Need]) -> None:
    missing = [need for need in proof if not need.met and need.reason is not None]
    if not missing:
        return
    english = "; ".join(need.reason.text("en") for need in missing if need.reason)
    chinese = "；".join(need.reason.zh for need in missing if need.reason)
    raise Refused(
        f"action.{action.name}",
        english,
        "add what is missing and try again",
        kind="proof",
        zh=chinese,
        missing=[need.role or "sensor" for need in missing],
    )


def _done(doing: _Doing) -> Acted:
    attempt = doing.attempt
    compiled, setting, now, action = attempt.compiled, attempt.setting, attempt.now, attempt.action
    case = _with_fields(doing)
    to = _target(attempt.case, action)
    case = _entered(case, attempt.case, to, compiled)
    moved = clocks.move(case, action.clocks, now, compiled, setting)
    longer = _extended(moved.case, doing)
    case, effects = longer.case, moved.effects + longer.effects
    ended = compiled.ended(to) and not compiled.ended(attempt.case.state)
    if ended:
        stopped = clocks.stop_all(case, now, compiled, setting)
        case, effects = _closed(stopped.case, doing, to), effects + stopped.effects
    if compiled.ended(attempt.case.state) and not compiled.ended(to):
        case = replace(case, closed=None, ending="")
    case = _scoped(case, attempt.case, setting)
    case = clocks.with_next_due(case, compiled, setting)
    record = _record(doing, case, effects)
    return Acted(
        case=case,
        records=(record,),
        notices=notices(case, attempt.case, action, compiled),
        ended=ended,
        entered=case.state != attempt.case.state,
        children=children(case, action, doing.answers, attempt.actor, now),
        on_parent=on_parent(case, action, doing.answers, attempt.actor, now),
        amends=amended(case, action, doing.answers),
    )


def _with_fields(doing: _Doing) -> Case:
    attempt, now = doing.attempt, doing.attempt.now
    action, actor = attempt.action, attempt.actor
    deed = Deed(action.name, actor.account, attempt.role, now, actor.organisation, _late(attempt))
    case = replace(attempt.case, deeds=(*attempt.case.deeds, deed))
    case = filled(case, action, doing.answers)
    case = set_fields(case, action.sets, actor, now, doing.answers)
    facts = dict(case.facts)
    spent = [one for need in doing.proof if need.stage is not None for one in need.met_by]
    if spent:
        facts["proved"] = [*facts.get("proved", ()), *spent]
    if action.counts == "rounds":
        facts["sent_back"] = now
    if action.counts is not None:
        case = replace(case, **{action.counts: getattr(case, action.counts) + 1})
    return replace(case, facts=facts)


def _late(attempt: Attempt) -> tuple[str, ...]:
    """The clocks that the action stops after they ran out."""
    stopping = {
        name for name, effect in attempt.action.clocks.items() if effect in ("stop", "pause", "restart")
    }
    return tuple(
        clock.name
        for clock in attempt.case.clocks
        if clock.name in stopping
        and clock.mark == "running"
        and (clock.overdue or (clock.due is not None and attempt.now > clock.due))
    )


def _target(case: Case, action: Action) -> str:
    if action.to == SAME:
        return case.state
    if action.to == BACK:
        return str(case.facts["back"])
    return action.to


def _entered(case: Case, before: Case, to: str, compiled: Compiled) -> Case:
    """The case in its new state; a side state remembers the open state it was entered from."""
    facts = dict(case.facts)
    if compiled.states[to].kind != "side":
        facts.pop("back", None)
    elif compiled.states[before.state].kind == "open":
        facts["back"] = before.state
    return replace(case, state=to, facts=facts)


def _extended(case: Case, doing: _Doing) -> clocks.Moved:
    attempt = doing.attempt
    effects: tuple[Facts, ...] = ()
    for name, form in attempt.action.extends.items():
        more = value_of(case, form, attempt.actor, attempt.now, doing.answers)
        if not isinstance(more, int | float) or more <= 0:
            raise Invalid(
                f"action.{attempt.action.name}",
                "the extension is not a number above zero",
                "give how much more",
            )
        moved = clocks.extend(case, name, float(more), attempt.now, attempt.compiled, attempt.setting)
        case, effects = moved.case, effects + moved.effects
    return clocks.Moved(case, effects)


def _closed(case: Case, doing: _Doing, to: str) -> Case:
    sets_ending = "ending" in doing.attempt.action.sets and case.ending
    ending = case.ending if sets_ending else doing.attempt.compiled.states[to].ending or to
    return replace(case, closed=doing.attempt.now, ending=ending, suspended={})


def _scoped(case: Case, before: Case, setting: Setting) -> Case:
    """Another unit handles it now: its people and those above it may see the case, the former unit's no longer."""
    if case.organisation == before.organisation:
        return case
    return replace(case, scope=scope_of(case.place, case.organisation, setting))


def scope_of(place: int | None, organisation: int | None, setting: Setting) -> tuple[int, ...]:
    """Every place and organisation whose people may see a case of this place and unit."""
    ids = [one for start in (place, organisation) if start is not None for one in setting.ancestors(start)]
    return tuple(dict.fromkeys(ids))


def _record(doing: _Doing, case: Case, effects: tuple[Facts, ...]) -> Record:
    attempt, command = doing.attempt, doing.command
    before = attempt.case
    given = [("file", file.id) for file in command.files if file.id in command.new_files]
    facts: Facts = {
        "action": attempt.action.name,
        "role": attempt.role,
        "organisation": attempt.actor.organisation,
        "from": before.state,
        "to": case.state,
        "answers": doing.answers,
    }
    if case.ending != before.ending:
        facts["ending"] = case.ending
    return Record(
        kind=f"case.{attempt.action.name}",
        actor=attempt.actor.account,
        at=attempt.now,
        subjects=(("case", case.id), *given),
        facts=facts,
        explain=_explain(doing, case, effects),
        cause=case.cause,
    )


def _explain(doing: _Doing, case: Case, effects: tuple[Facts, ...]) -> Facts:
    attempt, compiled = doing.attempt, doing.attempt.compiled
    explain: Facts = {
        "procedure": compiled.name,
        "definition": case.definition,
        "local_time": _local_time(attempt.now, attempt.setting),
    }
    if attempt.role:
        explain["access"] = f"role {attempt.role} may act.{attempt.action.name} {compiled.name} here"
    apart = kept_apart(compiled, attempt.action)
    if apart:
        explain["separation"] = {
            "did_none_of": sorted(apart),
            "other_unit": attempt.action.unlike_organisation,
        }
    if effects:
        explain["clocks"] = list(effects)
    proof = proof_facts(doing.proof, doing.command.files, doing.command.warnings)
    if proof:
        explain["proof"] = proof
    if case.organisation != attempt.case.organisation and case.organisation is not None:
        explain["responsibility"] = responsibility_facts(case, attempt.setting)
    return explain


def responsibility_facts(case: Case, setting: Setting) -> Facts:
    """The unit chosen beside the one the 权责清单 names, with the row and its basis."""
    facts: Facts = {"organisation": case.organisation}
    suggested = setting.responsible(case)
    if suggested is not None:
        unit, found = suggested
        row = None if found.row is None else msgspec.to_builtins(found.row)
        facts.update(
            suggested=unit,
            as_suggested=unit == case.organisation,
            row=row,
            basis=msgspec.to_builtins(found.basis),
        )
    return facts


def _local_time(at: Instant, setting: Setting) -> str:
    return moment(at, ZoneInfo(setting.calendar.zone)).isoformat()
