"""A procedure made ready to run: names looked up once, and the graph its states and actions form."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hutong.kernel.base import Label
from hutong.kernel.definition.procedure import (
    BACK,
    SAME,
    Action,
    ClockDefinition,
    Procedure,
    RoleDefinition,
    State,
    Window,
)


@dataclass(frozen=True)
class Compiled:
    """A procedure with its roles, by name. `digest` names the definition in the journal."""

    procedure: Procedure
    roles: Mapping[str, RoleDefinition]
    digest: str = ""
    states: Mapping[str, State] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)
    clocks: Mapping[str, ClockDefinition] = field(default_factory=dict)
    windows: Mapping[str, Window] = field(default_factory=dict)
    leaving: Mapping[str, tuple[Action, ...]] = field(default_factory=dict)
    """State → the actions that can be done in it, in the order of the file."""

    @property
    def name(self) -> str:
        return self.procedure.name

    def ended(self, state: str) -> bool:
        return self.states[state].kind == "end"


def compile_procedure(procedure: Procedure, roles: Iterable[RoleDefinition], digest: str = "") -> Compiled:
    """Ready to run; `faults` says beforehand whether it should be."""
    return Compiled(
        procedure=procedure,
        roles={role.name: role for role in roles},
        digest=digest,
        states={state.name: state for state in procedure.states},
        actions={action.name: action for action in procedure.actions},
        clocks={clock.name: clock for clock in procedure.clocks},
        windows={window.name: window for window in procedure.windows},
        leaving={
            state.name: tuple(action for action in procedure.actions if state.name in action.of)
            for state in procedure.states
        },
    )


def departed_roles(procedure: Procedure, roles: Mapping[str, RoleDefinition]) -> tuple[RoleDefinition, ...]:
    """Roles that an older version of a procedure names and nobody defines any more: names without rights, so that its cases
    can still be looked at."""
    named = [
        *(role for action in procedure.actions for role in (*action.roles, *action.tells)),
        *(role for state in procedure.states for role in state.turn),
        *(role for clock in procedure.clocks for role in clock.escalate),
    ]
    return tuple(
        RoleDefinition(name=name, label=Label(name, name), side="administration", may={})
        for name in dict.fromkeys(named)
        if name not in roles
    )


def starts(procedure: Procedure) -> tuple[str, ...]:
    """Every state a case may begin in."""
    return tuple(dict.fromkeys((procedure.start, *procedure.opens.values())))


def targets(compiled: Compiled, action: Action, state: str) -> tuple[str, ...]:
    """The states the action may lead to from `state`; `$back` may lead to each the side state was entered from."""
    if action.to == SAME:
        return (state,)
    if action.to == BACK:
        return entered_from(compiled, state)
    return (action.to,)


def entered_from(compiled: Compiled, side: str) -> tuple[str, ...]:
    """The open states from which a side state is reached, directly or through other side states."""
    found: dict[str, None] = {}
    seen, queue = {side}, deque([side])
    while queue:
        target = queue.popleft()
        for action in compiled.procedure.actions:
            if action.to != target:
                continue
            for origin in action.of:
                kind = compiled.states[origin].kind
                if kind == "open":
                    found[origin] = None
                elif kind == "side" and origin not in seen:
                    seen.add(origin)
                    queue.append(origin)
    return tuple(found)


def edges(compiled: Compiled) -> dict[str, set[str]]:
    """State → states one action further."""
    return {
        state: {target for action in actions for target in targets(compiled, action, state)}
        for state, actions in compiled.leaving.items()
    }


def reachable(graph: Mapping[str, set[str]], origins: Iterable[str]) -> set[str]:
    """Everything that can be reached from the origins, themselves included."""
    seen = set(origins)
    queue = deque(seen)
    while queue:
        for target in graph.get(queue.popleft(), ()):
            if target not in seen:
                seen.add(target)
                queue.append(target)
    return seen
