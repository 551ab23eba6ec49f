"""What is wrong with a procedure before any case runs on it: names, graph, clocks, rights, 监管分离."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from hutong.engine.handle.answers import CASE_FIELDS
from hutong.engine.handle.clock_paths import clock_faults
from hutong.engine.handle.condition_faults import condition_faults
from hutong.engine.handle.effects import FORMS, PREFIXES, known_form, known_target
from hutong.engine.handle.fault import Fault, located
from hutong.engine.handle.procedure import Compiled, compile_procedure
from hutong.engine.handle.state_paths import state_faults
from hutong.kernel.access import Actor, Grant, Permission, decide
from hutong.kernel.definition.procedure import (
    BACK,
    CHILDREN_ENDED,
    MAIN_ENDED,
    SAME,
    Action,
    Procedure,
    RoleDefinition,
)

__all__ = ["Fault", "faults"]


def faults(procedure: Procedure, roles: Iterable[RoleDefinition]) -> list[Fault]:
    """Every mistake; with wrong names the graph is not walked, since what it says would mislead."""
    compiled = compile_procedure(procedure, roles)
    named = [
        *_doubled(compiled),
        *_unknown_names(compiled),
        *_action_faults(compiled),
        *condition_faults(compiled),
    ]
    found = named or [*state_faults(compiled), *clock_faults(compiled), *_rights(compiled)]
    return [located(fault, procedure) for fault in dict.fromkeys(found)]


def _doubled(compiled: Compiled) -> Iterator[Fault]:
    procedure = compiled.procedure
    for group, items in (
        ("states", procedure.states),
        ("actions", procedure.actions),
        ("clocks", procedure.clocks),
        ("windows", procedure.windows),
    ):
        names = [item.name for item in items]
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            yield Fault(f"{group}.{name}", "the name is used twice", "give each its own name")


def _unknown(path: str, name: str, known: Collection[str], noun: str) -> Iterator[Fault]:
    if name not in known:
        yield Fault(path, f"there is no {noun} {name!r}", f"use one of: {', '.join(known) or 'none defined'}")


def _unknown_names(compiled: Compiled) -> Iterator[Fault]:
    procedure, states, clocks = compiled.procedure, compiled.states, compiled.clocks
    yield from _unknown("start", procedure.start, states, "state")
    for source, state in procedure.opens.items():
        yield from _unknown(f"opens.{source}", state, states, "state")
    for state, started in procedure.start_clocks.items():
        yield from _unknown(f"start_clocks.{state}", state, states, "state")
        for clock in started:
            yield from _unknown(f"start_clocks.{state}", clock, clocks, "clock")
    for state, sets in procedure.start_sets.items():
        yield from _unknown(f"start_sets.{state}", state, states, "state")
        yield from _wrong_sets(f"start_sets.{state}", sets, ())
    for item in procedure.states:
        for role in item.turn:
            yield from _unknown(f"states.{item.name}.turn", role, compiled.roles, "role")
    for definition in procedure.clocks:
        for role in definition.escalate:
            yield from _unknown(f"clocks.{definition.name}.escalate", role, compiled.roles, "role")
    for index, row in enumerate(procedure.limits):
        yield from _unknown(
            f"limits.{index}.stage", row.stage, (*clocks, *compiled.windows), "clock or window"
        )
    for index, pair in enumerate(procedure.separation):
        for name in pair:
            yield from _unknown(f"separation.{index}", name, compiled.actions, "action")


def _platform_faults(action: Action, path: str) -> Iterator[Fault]:
    """What the platform does in a person's place it must be able to: it takes no photos and knows only the unit."""
    if not action.by_platform:
        return
    for state in action.by_platform:
        yield from _unknown(path, state, action.of, "state of the action")
    units = [ask.name for ask in action.asks if ask.to == "organisation"]
    wanted = [ask.name for ask in action.asks if ask.required and ask.to != "organisation"]
    if len(units) != 1 or wanted or action.proof or action.automatic or action.approver:
        yield Fault(
            path,
            "the platform cannot do it in a person's place",
            "only an action that asks for one unit (`to: organisation`) and requires nothing else: no answers, proof, approval",
        )


def _action_faults(compiled: Compiled) -> Iterator[Fault]:
    for action in compiled.procedure.actions:
        path = f"actions.{action.name}"
        yield from _action_names(compiled, action, path)
        yield from _wrong_sets(f"{path}.sets", action.sets, tuple(ask.name for ask in action.asks))
        yield from _platform_faults(action, f"{path}.by_platform")
        yield from _who(compiled, action, path)
        for ask in action.asks:
            if ask.to is not None and "." in ask.to:
                known = ", ".join(CASE_FIELDS)
                yield Fault(
                    f"{path}.asks.{ask.name}.to", f"{ask.to!r} is no field", f"use a fact's name or {known}"
                )
            if ask.kind == "choice" and not ask.choices:
                yield Fault(
                    f"{path}.asks.{ask.name}", "is a choice without choices", "list the choices with labels"
                )


def _action_names(compiled: Compiled, action: Action, path: str) -> Iterator[Fault]:
    for state in action.of:
        yield from _unknown(f"{path}.of", state, compiled.states, "state")
    if not action.of:
        yield Fault(f"{path}.of", "is empty", "name the states in which it can be done")
    if action.to not in (BACK, SAME):
        yield from _unknown(f"{path}.to", action.to, compiled.states, "state")
    if action.to == BACK and any(
        s in compiled.states and compiled.states[s].kind != "side" for s in action.of
    ):
        yield Fault(
            f"{path}.to", "$back leads out of side states only", "name the state, or mark `of` as side states"
        )
    for clock in (*action.clocks, *action.extends, *filter(None, [action.before_due])):
        yield from _unknown(f"{path}.clocks", clock, compiled.clocks, "clock")
    if action.within is not None:
        yield from _unknown(f"{path}.within", action.within, compiled.windows, "window")
    for other in action.unlike:
        yield from _unknown(f"{path}.unlike", other, compiled.actions, "action")
    for role in (*action.roles, *action.tells):
        yield from _unknown(f"{path}.roles", role, compiled.roles, "role")


def _wrong_sets(path: str, sets: dict[str, str], asks: tuple[str, ...]) -> Iterator[Fault]:
    for target, form in sets.items():
        if not known_target(target):
            yield Fault(
                f"{path}.{target}", "is no field that may be set", "use filed, organisation, …, or facts.NAME"
            )
        if not known_form(form):
            forms = ", ".join((*FORMS, *(f"{prefix}…" for prefix in PREFIXES)))
            yield Fault(f"{path}.{target}", f"{form!r} is no value", f"use one of: {forms}")
        elif form.startswith("ask:") and form[4:] not in asks:
            yield Fault(f"{path}.{target}", f"the action does not ask for {form[4:]!r}", "add it to `asks`")


def _who(compiled: Compiled, action: Action, path: str) -> Iterator[Fault]:
    if action.automatic:
        if action.roles:
            yield Fault(f"{path}.roles", "an automatic action has no roles", "remove them, or `automatic`")
        if action.at is None and action.does != "reporter_reopens":
            yield Fault(
                f"{path}.at",
                "is missing",
                f"say when: a fact with an instant, {MAIN_ENDED} or {CHILDREN_ENDED}",
            )
        return
    if not action.roles:
        yield Fault(f"{path}.roles", "nobody may do it", "name a role, or mark it automatic")


def _rights(compiled: Compiled) -> Iterator[Fault]:
    """A role that an action names must be granted it, or the action is a button nobody can press."""
    for action in compiled.procedure.actions:
        for name in action.roles:
            role = compiled.roles[name]
            grants = tuple(Grant(name, Permission(v, n)) for v, nouns in role.may.items() for n in nouns)
            if not decide(Actor(1, grants=grants), f"act.{action.name}", compiled.name).allowed:
                yield Fault(
                    f"actions.{action.name}.roles",
                    f"role {name} does not hold act.{action.name} on {compiled.name}",
                    f"add `act.{action.name}: [{compiled.name}]` to what the role may",
                )
