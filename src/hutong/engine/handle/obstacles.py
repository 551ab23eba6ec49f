"""Why an action cannot be done: the same answer for the button that is grey and for the command that is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from hutong.engine.handle.clocks import clock_of, limit_of
from hutong.engine.handle.procedure import Compiled
from hutong.engine.handle.roles import role_of
from hutong.engine.handle.separation import own_deed, own_unit
from hutong.engine.handle.setting import Setting
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Facts, Instant, Label
from hutong.kernel.case import Case
from hutong.kernel.caseview import holds, value_at
from hutong.kernel.clock import moment
from hutong.kernel.definition.procedure import Action
from hutong.kernel.errors import Forbidden, HutongError, Refused
from hutong.kernel.worktime import LimitUnit


class Obstacle(msgspec.Struct, frozen=True):
    """What stands in the way. `kind`: state, automatic, access, side, unit, separation, count, clock, window, when, children,
    proof."""

    kind: str
    reason: Label
    remedy: Label
    facts: Facts = {}

    def error(self, action: str) -> HutongError:
        """Forbidden where the access rule says no, Refused for everything the procedure says."""
        wrong = Forbidden if self.kind == "access" else Refused
        chinese = {"kind": self.kind, "zh": self.reason.zh, "remedy_zh": self.remedy.zh}
        return wrong(f"action.{action}", self.reason.en, self.remedy.en, **chinese, **self.facts)


@dataclass(frozen=True)
class Attempt:
    """Somebody wants to do an action on a case now."""

    case: Case
    action: Action
    actor: Actor
    now: Instant
    compiled: Compiled
    setting: Setting

    @cached_property
    def role(self) -> str:
        """The role the actor does it in ("" if none): the first of the action's that the access rule grants here."""
        verb = f"act.{self.action.name}"
        return role_of(self.actor, self.action.roles, verb, self.case.procedure, self.case.scope)


def obstacle(attempt: Attempt) -> Obstacle | None:
    """The first thing that stands in the way of a person, before answers and proof are looked at."""
    for check in _CHECKS:
        found = check(attempt)
        if found is not None:
            return found
    return None


def obstacle_for_platform(attempt: Attempt) -> Obstacle | None:
    """The same where the platform does a person's action: it has no role, and belongs to no side or unit."""
    if attempt.case.source not in attempt.action.by_platform.get(attempt.case.state, ()):
        return _access(attempt)
    found = (check(attempt) for check in _CHECKS if check not in (_access, _side, _unit, _separation))
    return next((one for one in found if one is not None), None)


def _state(attempt: Attempt) -> Obstacle | None:
    if attempt.case.state in attempt.action.of:
        return None
    states = attempt.compiled.states
    here, action = states[attempt.case.state].label, attempt.action
    there = [states[name].label for name in action.of]
    return Obstacle(
        "state",
        Label(
            f"案卷处于「{here.zh}」，不能{action.label.zh}",
            f"the case is {_en(here)}; {_en(action.label)} is not possible there",
        ),
        Label(
            "可在以下状态办理：" + "、".join(one.zh for one in there),
            "it is possible in: " + ", ".join(map(_en, there)),
        ),
        {"state": attempt.case.state},
    )


def _automatic(attempt: Attempt) -> Obstacle | None:
    if not attempt.action.automatic:
        return None
    return Obstacle(
        "automatic",
        Label(
            f"「{attempt.action.label.zh}」由系统自动办理",
            f"{_en(attempt.action.label)} is done by the platform",
        ),
        Label("无需人工操作", "nobody needs to do it"),
    )


def _access(attempt: Attempt) -> Obstacle | None:
    if attempt.role:
        return None
    roles = [attempt.compiled.roles[name].label for name in attempt.action.roles]
    zh, en = "、".join(role.zh for role in roles), ", ".join(map(_en, roles))
    if attempt.actor.account == 0:
        reason = Label(f"须由人员办理（{zh}）", f"a person must do this ({en})")
        return Obstacle("access", reason, Label(f"请{zh}办理", f"ask somebody who is {en}"))
    grants = tuple(grant for grant in attempt.actor.grants if grant.role in attempt.action.roles)
    held = replace(attempt.actor, grants=grants)
    decision = decide(held, f"act.{attempt.action.name}", attempt.case.procedure, attempt.case.scope)
    outside = (
        Label("，且本案须在其管辖范围内", " within whose area or unit the case lies") if grants else Label("")
    )
    return Obstacle(
        "access",
        Label(f"只能由{zh}办理{outside.zh}", f"this is done by: {en}{outside.en}"),
        Label(f"请{zh}办理", f"ask somebody who is {en}"),
        {"decision": decision.reason},
    )


def _side(attempt: Attempt) -> Obstacle | None:
    """A role only counts with an account of its side: supervision, command and handling are separate bodies."""
    role = attempt.compiled.roles[attempt.role]
    if role.side in ("public", attempt.actor.side):
        return None
    return Obstacle(
        "side",
        Label(
            f"监管分离：{role.label.zh}须属于{SIDES[role.side].zh}，本账号属于{_side_label(attempt.actor.side).zh}",
            f"{_en(role.label)} belongs to {SIDES[role.side].en}, this account to {_side_label(attempt.actor.side).en}",
        ),
        Label("请由相应一方的人员办理", "somebody of that side must do it"),
        {"side": attempt.actor.side},
    )


SIDES = {
    "supervision": Label("监督方", "supervision"),
    "command": Label("指挥方", "command"),
    "handling": Label("处置方", "the handling units"),
    "leadership": Label("领导", "the leadership"),
    "administration": Label("管理方", "administration"),
    "public": Label("公众", "the public"),
}


def _side_label(side: str) -> Label:
    return SIDES.get(side, Label(side, side))


def _unit(attempt: Attempt) -> Obstacle | None:
    """Handling is done by people of the unit the case was dispatched to, or of the unit above or below it."""
    if attempt.compiled.roles[attempt.role].side != "handling":
        return None
    unit, own = attempt.case.organisation, attempt.actor.organisation
    ancestors = attempt.setting.ancestors
    if unit is not None and own is not None and (unit in ancestors(own) or own in ancestors(unit)):
        return None
    name = Label("（未派遣）", "nobody yet") if unit is None else attempt.setting.organisation_name(unit)
    return Obstacle(
        "unit",
        Label(f"本案的处置部门是{name.zh}", f"the case was dispatched to {_en(name)}"),
        Label(
            "由该部门人员办理；职责不清时请退单",
            "its people must do it; a unit that is not responsible returns it",
        ),
        {"organisation": unit},
    )


def _separation(attempt: Attempt) -> Obstacle | None:
    deed = own_deed(attempt.case, attempt.action, attempt.actor, attempt.compiled)
    if deed is not None:
        done = attempt.compiled.actions[deed.action].label
        who = attempt.setting.account_name(deed.account)
        return Obstacle(
            "separation",
            Label(
                f"监管分离：{who.zh}已于 {_local(deed.at, attempt)} 办理「{done.zh}」，不能再{attempt.action.label.zh}",
                f"{_en(who)} did {_en(done)} at {_local(deed.at, attempt)} and may not {_en(attempt.action.label)} too",
            ),
            Label("请由另一人办理", "somebody else must do it"),
            {"deed": deed.action, "account": deed.account, "at": deed.at},
        )
    unit = own_unit(attempt.case, attempt.action, attempt.actor, attempt.compiled, attempt.setting)
    if unit is None:
        return None
    name = attempt.setting.organisation_name(unit)
    return Obstacle(
        "separation",
        Label(
            f"监管分离：{name.zh}是本案处置部门，其人员不能{attempt.action.label.zh}",
            f"{_en(name)} handles this case; its people may not {_en(attempt.action.label)}",
        ),
        Label("请由监督方人员办理", "somebody of another body must do it"),
        {"organisation": unit},
    )


def _count(attempt: Attempt) -> Obstacle | None:
    limit = most(attempt.action, attempt.compiled, attempt.setting)
    done = sum(deed.action == attempt.action.name for deed in attempt.case.deeds)
    if limit is None or done < limit:
        return None
    return Obstacle(
        "count",
        Label(
            f"{attempt.action.label.zh}最多 {limit} 次，已用完",
            f"{_en(attempt.action.label)} was done {done} times already",
        ),
        Label("请与指挥方协商", "agree on it with the command side"),
        {"at_most": limit},
    )


def most(action: Action, compiled: Compiled, setting: Setting) -> int | None:
    """How often it may be done on one case: by the city's word, or the procedure's (None: as often as one likes)."""
    return setting.at_most.get(f"{compiled.name}.{action.name}", action.at_most)


def _clock(attempt: Attempt) -> Obstacle | None:
    name = attempt.action.before_due
    clock = clock_of(attempt.case, name) if name else None
    if clock is None or clock.due is None or (attempt.now < clock.due and not clock.overdue):
        return None
    label = attempt.compiled.clocks[clock.name].label
    return Obstacle(
        "clock",
        Label(
            f"须在{label.zh}时限前提出，时限已于 {_local(clock.due, attempt)} 到期",
            f"it must be done before the {_en(label)} limit, which ran out at {_local(clock.due, attempt)}",
        ),
        Label("请尽快完成处置", "finish the work as soon as possible"),
        {"clock": clock.name, "due": clock.due},
    )


def _window(attempt: Attempt) -> Obstacle | None:
    """What must be asked for soon is refused once its time is over."""
    name = attempt.action.within
    end = window_end(attempt.case, name, attempt.compiled, attempt.setting) if name else None
    if name is None or end is None or attempt.now <= end:
        return None
    label = attempt.compiled.windows[name].label
    return Obstacle(
        "window",
        Label(
            f"须在{label.zh}内提出，已于 {_local(end, attempt)} 截止",
            f"it must be asked for within {_en(label)}, which ended at {_local(end, attempt)}",
        ),
        Label("请与指挥方协商", "agree on it with the command side"),
        {"window": name, "end": end},
    )


def window_end(case: Case, name: str, compiled: Compiled, setting: Setting) -> Instant | None:
    """When a window is over; None if it has not begun."""
    window = compiled.windows[name]
    since = value_at(case, window.since)
    if not isinstance(since, int) or isinstance(since, bool):
        return None
    limit = limit_of(case, window, compiled, setting, since)
    return None if limit is None else setting.calendar.add(since, limit.amount, LimitUnit(limit.unit))


def _when(attempt: Attempt) -> Obstacle | None:
    """The first condition that does not hold, in the words its procedure gives."""
    found = next((one for one in attempt.action.when if not holds(attempt.case, one)), None)
    if found is None:
        return None
    return Obstacle(
        "when",
        Label(found.label.zh, _en(found.label)),
        Label("条件满足后方可办理", "it can be done once that holds"),
        {"path": found.path},
    )


def _children(attempt: Attempt) -> Obstacle | None:
    """会办: what waits for its parts waits for every one of them."""
    if not attempt.action.children_ended:
        return None
    waiting = attempt.setting.open_children(attempt.case.id)
    if not waiting:
        return None
    names = [one.number or one.title.zh for one in waiting[:5]]
    more_zh, more_en = ("等", " …") if len(waiting) > len(names) else ("", "")
    return Obstacle(
        "children",
        Label(
            f"尚有 {len(waiting)} 件子案卷未办结：{'、'.join(names)}{more_zh}",
            f"{len(waiting)} of its parts have not ended: {', '.join(names)}{more_en}",
        ),
        Label("待各协办任务办结", "wait until each of them has ended"),
        {"children": [one.id for one in waiting]},
    )


_CHECKS: tuple[Callable[[Attempt], Obstacle | None], ...] = (
    _state,
    _automatic,
    _access,
    _side,
    _unit,
    _separation,
    _count,
    _clock,
    _window,
    _when,
    _children,
)


def _local(at: Instant, attempt: Attempt) -> str:
    return moment(at, ZoneInfo(attempt.setting.calendar.zone)).strftime("%Y-%m-%d %H:%M")


def _en(label: Label) -> str:
    return label.text("en")
