"""The decisions about a response as rows and records: started, another level, ended."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from hutong.engine.flow.responding.commands import ChangeLevel, StartResponse
from hutong.engine.flow.responding.gathering import AT_MOST, Gathering
from hutong.engine.handle import clocks
from hutong.engine.handle.act import act_automatically
from hutong.engine.handle.open import OpenCase
from hutong.engine.respond.stock import Supply
from hutong.engine.rulebook import MAIN_CASE, report_condition
from hutong.kernel.base import Facts, Label
from hutong.kernel.case import Case, Warning
from hutong.kernel.changes import Record
from hutong.kernel.definition.plan import Level, PlanDefinition
from hutong.kernel.errors import Refused
from hutong.kernel.plan import LevelChange, Proposal, Response
from hutong.kernel.query import IsNull, both, equals, field


def started(gathering: Gathering, plan: PlanDefinition, level: Level, wanted: StartResponse) -> Response:
    """A new response with everything its level brings."""
    proposal = open_proposal(gathering, plan.name)
    main = _main_case(gathering, plan, level, wanted, proposal)
    now, actor = gathering.now, gathering.actor
    response = Response(
        id=gathering.desk.store.new_ids(1)[0],
        plan=plan.name,
        definition=gathering.desk.rulebook.plan_digests[plan.name],
        case=main.id,
        event_grade=wanted.event_grade,
        colour=wanted.colour,
        level=level.level,
        commander=actor.account,
        started=now,
        mode=level.mode,
        proposal=proposal.id if proposal else None,
        warnings=proposal.warnings if proposal else (),
        changes=(_change(gathering, wanted),),
    )
    gathering.tasks(plan, level, main)
    supplies = gathering.reserve(level, response.id, wanted.accept_shortage)
    gathering.enter_mode(level.mode, response.id)
    empty = gathering.call(plan, level, response)
    if proposal is not None:
        gathering.put(replace(proposal, state="started", response=response.id))
    facts: Facts = {"plan": plan.name, "reason": wanted.reason, **_decided(wanted), "mode": level.mode}
    if empty:
        facts["nobody_on"] = empty
    _record(gathering, response, "start", facts, _explain(gathering, plan, supplies, proposal))
    return response


def level_changed(
    gathering: Gathering,
    plan: PlanDefinition,
    levels: tuple[Level, Level],
    response: Response,
    wanted: ChangeLevel,
) -> Response:
    """Another level (before, after): calls anew, adds tasks, sets aside or gives back, goes to another mode. Where only the
    grade or the colour is another, nothing but the record is."""
    before, level = levels
    after = replace(
        response,
        level=level.level,
        event_grade=wanted.event_grade,
        colour=wanted.colour,
        mode=level.mode,
        changes=(*response.changes, _change(gathering, wanted)),
    )
    if (after.level, after.event_grade, after.colour) == (
        response.level,
        response.event_grade,
        response.colour,
    ):
        raise Refused(
            "level", "nothing is other than it is", "change the level, grade or colour", zh="没有变化"
        )
    supplies: tuple[Supply, ...] = ()
    if level.level != before.level:
        supplies = _moved(gathering, plan, levels, after, wanted.accept_shortage)
    proposal = open_proposal(gathering, plan.name)
    if proposal is not None and proposal.level >= level.level:
        gathering.put(replace(proposal, state="started", response=response.id))
    facts: Facts = {"reason": wanted.reason, **_decided(wanted), "level_before": before.level}
    _record(gathering, after, "change_level", facts, _explain(gathering, plan, supplies, proposal))
    return after


def _moved(
    gathering: Gathering,
    plan: PlanDefinition,
    levels: tuple[Level, Level],
    response: Response,
    accept_shortage: bool,
) -> tuple[Supply, ...]:
    """What the other level brings, and what of the former one goes."""
    before, level = levels
    main = _main_under(gathering, plan, level, response)
    gathering.drop_calls(response.id)
    gathering.tasks(plan, level, main)
    gathering.release(response.id, {one.kind: one.amount for one in level.needs})
    supplies = gathering.reserve(level, response.id, accept_shortage)
    if level.mode != before.mode:
        gathering.enter_mode(level.mode, response.id)  # first: what both modes need is not taken back
        gathering.leave_mode(before.mode, response.id)
    gathering.call(plan, level, response)
    return supplies


def ended(gathering: Gathering, response: Response, reason: str, drop_tasks: bool) -> Response:
    """The response over: its tasks ended, resources given back, the mode left, nobody needs to confirm any more."""
    main = gathering.reader.get(Case, response.case)
    children = both(equals("parent", main.id), IsNull(field("closed")))
    tasks = gathering.reader.find(Case, children, limit=AT_MOST).rows
    if tasks and not drop_tasks:
        raise Refused(
            "tasks",
            f"{len(tasks)} tasks have not ended",
            "wait for them, or end them with the response",
            kind="open_tasks",
            zh=f"还有 {len(tasks)} 项任务未结束；请等待，或确认随响应一并终止",
            tasks=[one.id for one in tasks],
        )
    for task in tasks:
        _perform(gathering, task, "end_with_response", "response_ended")
    _perform(gathering, main, "end", "ends_at")
    gathering.drop_calls(response.id)
    gathering.release(response.id)
    gathering.leave_mode(response.mode, response.id)
    after = replace(response, ended=gathering.now, end_reason=reason, ended_by=gathering.actor.account)
    facts: Facts = {"reason": reason, "tasks_dropped": len(tasks), "level": response.level}
    _record(gathering, after, "end", facts, {"plan": response.plan, "plan_definition": response.definition})
    return after


def open_proposal(gathering: Gathering, plan: str) -> Proposal | None:
    """The plan's proposal that waits for a decision."""
    where = both(equals("plan", plan), equals("state", "open"))
    found = gathering.reader.find(Proposal, where, limit=1).rows
    return found[0] if found else None


def _main_case(
    gathering: Gathering,
    plan: PlanDefinition,
    level: Level,
    wanted: StartResponse,
    proposal: Proposal | None,
) -> Case:
    taken = _taken_up(gathering, proposal)
    opened = gathering.desk.opened(
        OpenCase(
            id=gathering.desk.store.new_ids(1)[0],
            category=MAIN_CASE,
            title=Label(
                f"{plan.label.zh} {level.label.zh}", f"{plan.label.text('en')}: {level.label.text('en')}"
            ),
            text=wanted.reason,
            source="plan",
            warnings=tuple(one.id for one in taken),
            condition=report_condition(plan.name, level.level),
            facts={"plan": plan.name, "level": level.level},
        ),
        gathering.actor,
        gathering.following.setting,
    )
    gathering.following.add_opened(opened)
    for one in taken:
        gathering.put(
            replace(
                one,
                state="confirmed",
                case=opened.case.id,
                judged_by=gathering.actor.account,
                judged_at=gathering.now,
                judged_reason=wanted.reason,
            )
        )
    return opened.case


def _taken_up(gathering: Gathering, proposal: Proposal | None) -> list[Warning]:
    """Warnings of the proposal that nobody has judged: starting the response confirms them."""
    ids = proposal.taken_up if proposal else ()
    return [one for one in gathering.reader.many(Warning, ids).values() if one.state == "to_judge"]


def _main_under(gathering: Gathering, plan: PlanDefinition, level: Level, response: Response) -> Case:
    """The main case under another level: reports are due as that level wants."""
    case = gathering.reader.get(Case, response.case)
    compiled = gathering.desk.rulebook.procedure(case)
    facts = {**case.facts, "level": level.level, "condition": report_condition(plan.name, level.level)}
    title = Label(f"{plan.label.zh} {level.label.zh}", f"{plan.label.text('en')}: {level.label.text('en')}")
    setting = gathering.following.setting
    case = replace(case, facts=facts, title=title)
    moved = clocks.move(case, {"reporting": "restart"}, gathering.now, compiled, setting)
    case = clocks.with_next_due(moved.case, compiled, setting)
    gathering.following.cases[case.id] = case
    return case


def _perform(gathering: Gathering, case: Case, action: str, fact: str) -> None:
    """An automatic action whose instant is now."""
    compiled = gathering.desk.rulebook.procedure(case)
    due = replace(case, facts={**case.facts, fact: gathering.now})
    gathering.following.add(
        act_automatically(due, action, gathering.now, compiled, gathering.following.setting)
    )


def _change(gathering: Gathering, wanted: StartResponse | ChangeLevel) -> LevelChange:
    return LevelChange(
        at=gathering.now,
        account=gathering.actor.account,
        level=wanted.level,
        event_grade=wanted.event_grade,
        colour=wanted.colour,
        reason=wanted.reason,
    )


def _decided(wanted: StartResponse | ChangeLevel) -> Facts:
    """The three fields."""
    return {"level": wanted.level, "event_grade": wanted.event_grade, "colour": wanted.colour}


def _explain(
    gathering: Gathering, plan: PlanDefinition, supplies: tuple[Supply, ...], proposal: Proposal | None
) -> Facts:
    explain: Facts = {
        "plan": plan.name,
        "plan_definition": gathering.desk.rulebook.plan_digests[plan.name],
        "access": "commander of the level",
        "undo": "not possible: people have been called; end the response instead",
        "resources": [_supplied(one) for one in supplies],
    }
    if proposal is not None:
        explain["proposal"] = proposal.id
        explain["reasons"] = [one.zh for one in proposal.reasons]
        explain["warnings"] = list(proposal.warnings)
    return explain


def _supplied(one: Supply) -> dict[str, Any]:
    taken = [{"resource": taking.resource.code, "amount": taking.amount} for taking in one.takings]
    return {"kind": one.kind, "needed": one.needed, "short": one.short, "taken": taken}


def _record(gathering: Gathering, response: Response, action: str, facts: Facts, explain: Facts) -> None:
    """The decision's own record comes first and names every row."""
    actor = gathering.actor
    record = Record(
        kind=f"response.{action}",
        actor=actor.account,
        at=gathering.now,
        subjects=(("response", response.id), ("case", response.case), *gathering.named),
        facts={
            "action": action,
            "role": next(
                (one for one in actor.roles if one == "commander"), actor.roles[0] if actor.roles else ""
            ),
            "organisation": actor.organisation,
            **facts,
        },
        explain=explain,
    )
    gathering.following.records.insert(0, record)
