"""Walks the graph of states: what cannot be reached, what cannot be left, and who could check himself."""

from __future__ import annotations

from collections.abc import Iterator

from hutong.engine.handle.fault import Fault
from hutong.engine.handle.procedure import Compiled, edges, entered_from, reachable, starts, targets
from hutong.engine.handle.separation import kept_apart
from hutong.kernel.definition.procedure import SAME, Action


def state_faults(compiled: Compiled) -> list[Fault]:
    return [
        *_unreachable(compiled),
        *_dead_ends(compiled),
        *_separation(compiled),
        *_principle(compiled),
        *_approvers(compiled),
    ]


def _unreachable(compiled: Compiled) -> Iterator[Fault]:
    reached = reachable(edges(compiled), starts(compiled.procedure))
    for state in compiled.procedure.states:
        if state.name not in reached:
            yield Fault(
                f"states.{state.name}", "no case ever gets there", "lead an action to it, or remove it"
            )


def _dead_ends(compiled: Compiled) -> Iterator[Fault]:
    graph = edges(compiled)
    ends = {state.name for state in compiled.procedure.states if state.kind == "end"}
    if not ends:
        yield Fault("states", "no state is an end", "mark one `kind: end`")
    for state in compiled.procedure.states:
        if state.kind != "end" and not reachable(graph, [state.name]) & ends:
            yield Fault(
                f"states.{state.name}", "no way leads from it to an end", "add an action that leads on"
            )
        if state.kind == "side" and not entered_from(compiled, state.name):
            yield Fault(
                f"states.{state.name}", "a side state is entered from an open one", "lead an action to it"
            )


def can_follow(compiled: Compiled, first: Action, then: Action) -> bool:
    """Whether a case may see `first` and, any number of steps later, `then`."""
    after = {target for state in first.of for target in targets(compiled, first, state)}
    return bool(reachable(edges(compiled), after) & set(then.of))


def _separation(compiled: Compiled) -> Iterator[Fault]:
    """Proves 监管分离: wherever one of a pair can follow the other, the later one names the earlier in `unlike`."""
    for index, pair in enumerate(compiled.procedure.separation):
        one, other = (compiled.actions[name] for name in pair)
        if one.name == other.name:
            yield Fault(
                f"separation.{index}", "an action cannot be kept apart from itself", "name two actions"
            )
            continue
        for first, then in ((one, other), (other, one)):
            if not then.automatic and can_follow(compiled, first, then) and first.name not in then.unlike:
                yield Fault(
                    f"actions.{then.name}.unlike",
                    f"one account could {first.name} and later {then.name} the same case",
                    f"add {first.name} to `unlike`",
                )
        yield from _unit_apart(compiled, one, other)


def _principle(compiled: Compiled) -> Iterator[Fault]:
    """Nobody checks or closes what he dispatched or handled, whether the procedure lists such pairs or not."""
    actions = [action for action in compiled.procedure.actions if not action.automatic]
    worked = [action for action in actions if _dispatches(action) or _finishes_work(compiled, action)]
    checked_states = {action.to for action in worked if _finishes_work(compiled, action)}
    for then in actions:
        checks = bool(checked_states & set(then.of)) and then.to != SAME and not _by_handlers(compiled, then)
        if not checks and not _closes(compiled, then):
            continue
        for first in worked:
            if first.name not in kept_apart(compiled, then) and can_follow(compiled, first, then):
                yield Fault(
                    f"actions.{then.name}.unlike",
                    f"nobody checks or closes what he dispatched or handled: one account could {first.name} and {then.name}",
                    f"add {first.name} to `unlike`, or the pair to `separation`",
                )
            elif _by_handlers(compiled, first):
                yield from _unit_apart(compiled, first, then)


def _dispatches(action: Action) -> bool:
    return any(ask.to == "organisation" for ask in action.asks)


def _by_handlers(compiled: Compiled, action: Action) -> bool:
    return any(compiled.roles[role].side == "handling" for role in action.roles)


def _finishes_work(compiled: Compiled, action: Action) -> bool:
    """Done by a handling unit, and the case goes on to somebody else."""
    goes_on = action.to in compiled.states and compiled.states[action.to].kind == "open"
    return goes_on and action.to not in action.of and _by_handlers(compiled, action)


def _closes(compiled: Compiled, action: Action) -> bool:
    return action.to in compiled.states and compiled.states[action.to].ending == "closed"


def _unit_apart(compiled: Compiled, one: Action, other: Action) -> Iterator[Fault]:
    """What is kept apart from a deed of the handling unit is kept from all its people."""
    for first, then in ((one, other), (other, one)):
        if (
            _by_handlers(compiled, first)
            and not _by_handlers(compiled, then)
            and not then.unlike_organisation
        ):
            yield Fault(
                f"actions.{then.name}.unlike_organisation",
                f"a colleague of whoever did {first.name} could {then.name}",
                "set `unlike_organisation: true`",
            )


def _approvers(compiled: Compiled) -> Iterator[Fault]:
    """An approval is not given by whoever asked for it: it names every action that leads to where it is given."""
    for action in compiled.procedure.actions:
        if not action.approver:
            continue
        for asked in compiled.procedure.actions:
            leads = any(set(targets(compiled, asked, state)) & set(action.of) for state in asked.of)
            if leads and asked.to != SAME and not asked.automatic and asked.name not in action.unlike:
                yield Fault(
                    f"actions.{action.name}.unlike",
                    f"whoever did {asked.name} could approve it himself",
                    f"add {asked.name} to `unlike`",
                )
