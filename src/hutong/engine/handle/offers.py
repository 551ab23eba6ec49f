"""What somebody can do on a case now, and why not: what the console shows before a button is pressed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hutong.engine.handle.clocks import clock_of, limit_of
from hutong.engine.handle.notices import next_roles
from hutong.engine.handle.obstacles import Attempt, Obstacle, obstacle
from hutong.engine.handle.procedure import Compiled, targets
from hutong.engine.handle.proof import Need, needs
from hutong.engine.handle.setting import Setting
from hutong.kernel.access import Actor
from hutong.kernel.base import Instant, Label
from hutong.kernel.case import Case, Warning
from hutong.kernel.case import File as CaseFile
from hutong.kernel.caseclock import Effect
from hutong.kernel.definition.procedure import SAME, Action, Ask
from hutong.kernel.worktime import LIMIT_UNITS, LimitUnit


class Offer(msgspec.Struct, frozen=True, omit_defaults=True):
    """An action of the case's state. `mine`: the actor holds a role that does it, here. `reason` and `remedy` say why it is
    not allowed; missing proof and answers are not reasons, they are in `proof` and `asks`.

    `effects`: what will happen, sentence by sentence; `seen_by`: roles whose turn it is then. `suggested`: the
    organisation that the 权责清单 names, where one is asked for.
    """

    action: str
    label: Label
    allowed: bool
    mine: bool
    reason: Label | None = None
    remedy: Label | None = None
    obstacle: str = ""
    asks: tuple[Ask, ...] = ()
    proof: tuple[Need, ...] = ()
    effects: tuple[Label, ...] = ()
    seen_by: tuple[Label, ...] = ()
    to: str = ""
    final: bool = False
    suggested: int | None = None
    suggested_because: Label | None = None
    help: Label | None = None


def allowed(
    case: Case,
    actor: Actor,
    now: Instant,
    compiled: Compiled,
    setting: Setting,
    files: Sequence[CaseFile] = (),
    warnings: Sequence[Warning] = (),
) -> list[Offer]:
    """Every action of the case's state that people do, in the order of the procedure."""
    actions = [action for action in compiled.leaving[case.state] if not action.automatic]
    attempts = [Attempt(case, action, actor, now, compiled, setting) for action in actions]
    return [_offer(attempt, files, warnings) for attempt in attempts]


def _offer(attempt: Attempt, files: Sequence[CaseFile], warnings: Sequence[Warning]) -> Offer:
    found: Obstacle | None = obstacle(attempt)
    case, action, compiled = attempt.case, attempt.action, attempt.compiled
    to = _to(case, action, compiled)
    unit = attempt.setting.responsible(case) if _asks_unit(action) else None
    return Offer(
        action=action.name,
        label=action.label,
        allowed=found is None,
        mine=bool(attempt.role),
        reason=found.reason if found else None,
        remedy=found.remedy if found else None,
        obstacle=found.kind if found else "",
        asks=action.asks,
        proof=needs(case, action.proof, files, warnings),
        effects=(*_state_effect(case, to, compiled), *_clock_effects(attempt)),
        seen_by=tuple(compiled.roles[role].label for role in (*next_roles(compiled, to), *action.tells)),
        to=to,
        final=action.final,
        suggested=unit[0] if unit else None,
        suggested_because=unit[1].basis if unit else None,
        help=action.help,
    )


def _asks_unit(action: Action) -> bool:
    return any(ask.kind == "organisation" for ask in action.asks)


def _to(case: Case, action: Action, compiled: Compiled) -> str:
    if action.to == SAME:
        return case.state
    back = case.facts.get("back")
    found = targets(compiled, action, case.state)
    return str(back) if back in found else found[0]


def _state_effect(case: Case, to: str, compiled: Compiled) -> tuple[Label, ...]:
    if to == case.state:
        return ()
    state = compiled.states[to].label
    return (Label(f"案卷变为「{state.zh}」", f"The case becomes {state.text('en')}."),)


_WORDS: dict[Effect, Label] = {
    "start": Label("开始计时", "starts"),
    "restart": Label("重新计时", "starts again"),
    "stop": Label("停止计时", "stops"),
    "pause": Label("暂停计时", "stands still"),
    "resume": Label("继续计时", "goes on with what is left"),
}


def _clock_effects(attempt: Attempt) -> list[Label]:
    told = []
    for name, effect in attempt.action.clocks.items():
        label, word = attempt.compiled.clocks[name].label, _WORDS[effect]
        limit = _limit_words(attempt, name, effect)
        if limit is not None:
            told.append(
                Label(f"{label.zh}{word.zh}{limit.zh}", f"The {label.text('en')} clock {word.en}{limit.en}.")
            )
    for name in attempt.action.extends:
        label = attempt.compiled.clocks[name].label
        told.append(Label(f"{label.zh}时限延长", f"The {label.text('en')} limit grows."))
    return told


def _limit_words(attempt: Attempt, name: str, effect: Effect) -> Label | None:
    """How long a starting clock has; None where the effect would do nothing."""
    if effect not in ("start", "restart"):
        clock = clock_of(attempt.case, name)
        idle = clock is None or (clock.mark == "stopped" and effect == "stop")
        return None if idle else Label("", "")
    limit = limit_of(
        attempt.case, attempt.compiled.clocks[name], attempt.compiled, attempt.setting, attempt.now
    )
    if limit is None:
        return None
    zh, en = LIMIT_UNITS[LimitUnit(limit.unit)]
    return Label(f"（{limit.amount:g} {zh}）", f" ({limit.amount:g} × {en})")
