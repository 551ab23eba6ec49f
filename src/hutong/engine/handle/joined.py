"""Cases that go on by themselves because another ended: those joined to it (并案; each keeps its number), and its parent
once its last part has ended (会办)."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from hutong.engine.handle.act import Acted, act_automatically
from hutong.engine.handle.procedure import Compiled
from hutong.engine.handle.setting import Setting
from hutong.kernel.base import Instant
from hutong.kernel.case import Case
from hutong.kernel.caseview import all_hold
from hutong.kernel.definition.procedure import CHILDREN_ENDED, MAIN_ENDED, Action


def end_joined(
    main: Case, joined: Iterable[Case], now: Instant, compiled: Compiled, setting: Setting
) -> list[Acted]:
    """What happens to cases joined to a main case that has ended: they end too, or go on where their procedure says so (an
    order of the hotline is answered). Those of another definition than `compiled` are for its own call.

    What is joined to one of these in turn follows by calling again with it as the main case.
    """
    ended = []
    for case in joined:
        if case.joined_to != main.id or case.procedure != compiled.name:
            continue
        facts = {**case.facts, "main_ending": main.ending, "main_number": main.number}
        told = replace(case, facts=facts)
        action = _waiting(told, MAIN_ENDED, compiled)
        if action is not None:
            ended.append(act_automatically(told, action.name, now, compiled, setting))
    return ended


def go_on(parent: Case, now: Instant, compiled: Compiled, setting: Setting) -> Acted | None:
    """What a parent does when its last child has ended; None if it waits for nothing in its state."""
    action = _waiting(parent, CHILDREN_ENDED, compiled)
    return None if action is None else act_automatically(parent, action.name, now, compiled, setting)


def waits_for_children(compiled: Compiled) -> bool:
    """Whether a case of the procedure may wait for its children: then their ends are told to it one by one."""
    return any(action.at == CHILDREN_ENDED for action in compiled.procedure.actions)


def _waiting(case: Case, at: str, compiled: Compiled) -> Action | None:
    """The first automatic action of the case's state that waits for this and whose conditions hold."""
    return next(
        (one for one in compiled.leaving[case.state] if one.at == at and all_hold(case, one.when)), None
    )
