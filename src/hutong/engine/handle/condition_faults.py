"""What is wrong with what an action asks of the case and does beyond it: conditions, child cases, parents, the list."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping

from hutong.engine.handle.effects import READ, known_form
from hutong.engine.handle.fault import Fault
from hutong.engine.handle.procedure import Compiled
from hutong.kernel.caseview import known_path
from hutong.kernel.definition.procedure import CHILDREN_ENDED, MAIN_ENDED, SAME, Action, Condition, Opening

IN_TITLE = ("title", "number")


def condition_faults(compiled: Compiled) -> Iterator[Fault]:
    for window in compiled.procedure.windows:
        if not known_path(window.since, tuple(compiled.actions)):
            reason = f"{window.since!r} cannot be read of a case"
            yield Fault(f"windows.{window.name}.since", reason, "name an instant: closed, facts.NAME")
    for action in compiled.procedure.actions:
        path = f"actions.{action.name}"
        for index, condition in enumerate(action.when):
            yield from _condition(condition, f"{path}.when.{index}", compiled)
        for index, opening in enumerate(action.opens):
            yield from _opening(opening, f"{path}.opens.{index}", action)
        yield from _on_parent(action, path)
        yield from _amends(action, path)
        if action.at is not None and not action.automatic:
            yield Fault(f"{path}.at", "a person does it when he wants to", "remove it, or mark it automatic")
        if action.children_ended and action.automatic and action.at in (MAIN_ENDED, CHILDREN_ENDED):
            yield Fault(f"{path}.children_ended", "the platform waits by `at`", "remove one of the two")


def _condition(condition: Condition, path: str, compiled: Compiled) -> Iterator[Fault]:
    if not known_path(condition.path, tuple(compiled.actions)):
        yield Fault(
            f"{path}.path",
            f"{condition.path!r} cannot be read of a case",
            "use a field of the case, facts.NAME, suspended.NAME, category.kind, category.code or deeds.ACTION",
        )
    tests = (condition.equals, condition.at_least, condition.at_most, condition.given)
    if all(one is None for one in tests) and not condition.one_of:
        yield Fault(path, "asks for nothing", "give equals, one_of, at_least, at_most or given")


def _opening(opening: Opening, path: str, action: Action) -> Iterator[Fault]:
    asks = {ask.name: ask.kind for ask in action.asks}
    if opening.each and asks.get(opening.each) != "organisations":
        yield Fault(
            f"{path}.each",
            f"the action asks for no list of units {opening.each!r}",
            "name an ask of kind organisations",
        )
    if opening.category and asks.get(opening.category) != "category":
        yield Fault(
            f"{path}.category",
            f"the action asks for no category {opening.category!r}",
            "name an ask of kind category",
        )
    if not opening.procedure and not opening.category:
        yield Fault(f"{path}.procedure", "is missing", "name a procedure, or an ask that gives the category")
    if opening.leads and (opening.each or action.to == SAME):
        yield Fault(
            f"{path}.leads", "there is one case that leads, from a state of its own", "drop `each`, name `to`"
        )
    for text in (opening.title.zh, opening.title.en) if opening.title else ():
        strange = [name for name in _places(text) if name not in IN_TITLE]
        if strange:
            yield Fault(f"{path}.title", f"{{{strange[0]}}} is not filled in", "use {title} and {number}")
    yield from _forms(opening.facts, f"{path}.facts", asks)


def _places(text: str) -> list[str]:
    try:
        return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return [text]


def _on_parent(action: Action, path: str) -> Iterator[Fault]:
    for target in action.on_parent:
        group, dot, name = target.partition(".")
        if group != "facts" or not dot or not name:
            yield Fault(f"{path}.on_parent.{target}", "only facts of a parent are set", "write facts.NAME")
    yield from _forms(action.on_parent, f"{path}.on_parent", {ask.name: ask.kind for ask in action.asks})


def _forms(forms: dict[str, str], path: str, asks: Mapping[str, str]) -> Iterator[Fault]:
    for name, form in forms.items():
        prefix, _, given = form.partition(":")
        if not known_form(form):
            readable = ", ".join(READ)
            yield Fault(
                f"{path}.{name}",
                f"{form!r} is no value",
                f"use now, actor, ask:…, fact:…, text:…, or field:… of {readable}",
            )
        elif prefix == "ask" and given not in asks:
            yield Fault(f"{path}.{name}", f"the action does not ask for {given!r}", "add it to `asks`")


def _amends(action: Action, path: str) -> Iterator[Fault]:
    if not action.amends_list:
        return
    if not any(ask.name == action.amends_list and ask.kind == "flag" for ask in action.asks):
        reason = f"the action asks no yes or no {action.amends_list!r}"
        yield Fault(f"{path}.amends_list", reason, "name an ask of kind flag")
    if "organisation" not in action.sets and not any(ask.to == "organisation" for ask in action.asks):
        yield Fault(f"{path}.amends_list", "the action names no unit", "ask for one with `to: organisation`")
