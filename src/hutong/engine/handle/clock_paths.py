"""Walks every way a case can take, following its clocks: what starts twice, never stops, or never ran."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from hutong.engine.handle.fault import Fault
from hutong.engine.handle.procedure import Compiled, starts
from hutong.kernel.definition.procedure import BACK, SAME, Action

Marks = tuple[str, ...]
"""`none`, `running`, `paused` or `stopped` of each clock, in the order of the procedure."""

_AFTER = {"start": "running", "restart": "running", "stop": "stopped", "pause": "paused", "resume": "running"}


def clock_faults(compiled: Compiled) -> list[Fault]:
    return [*_never_moved(compiled), *_twice_started(compiled)]


def _never_moved(compiled: Compiled) -> Iterator[Fault]:
    started = {name for names in compiled.procedure.start_clocks.values() for name in names}
    stopped: set[str] = set()
    for action in compiled.procedure.actions:
        started |= {name for name, effect in action.clocks.items() if effect in ("start", "restart")}
        stopped |= {name for name, effect in action.clocks.items() if effect == "stop"}
    for name in compiled.clocks:
        if name not in started:
            yield Fault(
                f"clocks.{name}", "it never starts", "start it in an action or in start_clocks, or remove it"
            )
        elif name not in stopped:
            yield Fault(f"clocks.{name}", "it never stops", "stop it in the action that ends its stage")


def _twice_started(compiled: Compiled) -> Iterator[Fault]:
    """`start` means a new limit: on a clock that may be running it would hide what was used (`restart` says so)."""
    names = tuple(compiled.clocks)
    told: set[str] = set()
    for action, marks in _situations(compiled):
        for clock, effect in action.clocks.items():
            mark = marks[names.index(clock)]
            path = f"actions.{action.name}.clocks.{clock}"
            if path in told:
                continue
            if effect == "start" and mark in ("running", "paused"):
                told.add(path)
                yield Fault(path, "it may be running already", "stop it before, or write restart")
            if effect == "resume" and mark == "none" and not compiled.clocks[clock].optional:
                told.add(path)
                yield Fault(path, "it may never have started", "start it in an earlier action")


def _situations(compiled: Compiled) -> Iterator[tuple[Action, Marks]]:
    """Every action with every combination of clock marks it can meet, hardly any twice."""
    names = tuple(compiled.clocks)
    queue = deque(
        (
            state,
            "",
            tuple(
                "running" if name in compiled.procedure.start_clocks.get(state, ()) else "none"
                for name in names
            ),
        )
        for state in starts(compiled.procedure)
    )
    seen = set(queue)
    after: dict[tuple[str, bool, Marks], Marks] = {}
    while queue:
        state, back, marks = queue.popleft()
        for action in compiled.leaving[state]:
            to, returns = _goes(compiled, state, back, action)
            ends = compiled.states[to].kind == "end" and compiled.states[state].kind != "end"
            moved = after.get((action.name, ends, marks))
            if moved is None:
                yield action, marks
                moved = after[action.name, ends, marks] = _moved(compiled, marks, action, ends)
            following = to, returns, moved
            if following not in seen:
                seen.add(following)
                queue.append(following)


def _goes(compiled: Compiled, state: str, back: str, action: Action) -> tuple[str, str]:
    """The state an action leads to, and that to which a side state will return."""
    to = {SAME: state, BACK: back}.get(action.to, action.to)
    if compiled.states[to].kind != "side":
        return to, ""
    return to, state if compiled.states[state].kind == "open" else back


def _moved(compiled: Compiled, marks: Marks, action: Action, ends: bool) -> Marks:
    moved = [_mark(action.clocks.get(name), mark) for name, mark in zip(compiled.clocks, marks, strict=True)]
    return tuple("none" if mark == "none" else "stopped" for mark in moved) if ends else tuple(moved)


def _mark(effect: str | None, mark: str) -> str:
    if effect is None or (mark == "none" and effect not in ("start", "restart")):
        return mark
    return mark if effect == "pause" and mark != "running" else _AFTER[effect]
