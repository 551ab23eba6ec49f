"""What an action does beyond its own case: child cases it opens, facts it sets on the parent, the list it amends."""

from __future__ import annotations

import msgspec

from hutong.engine.handle.answers import category_of
from hutong.engine.handle.effects import value_of
from hutong.kernel.access import Actor
from hutong.kernel.base import Facts, Instant, Label
from hutong.kernel.case import Case, Category
from hutong.kernel.caseclock import fact
from hutong.kernel.definition.procedure import OWN_TEXT, Action, Opening


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """A child case to open; `organisation` is the unit it is given to (None: nobody yet)."""

    procedure: str
    """Empty: the one that handles its category."""
    title: Label
    category: Category | None = None
    """None: the parent's."""
    source: str = "parent"
    leads: bool = False
    """The case that opened it is joined to it."""
    text: str = ""
    organisation: int | None = None
    without_caller: bool = False
    facts: Facts = {}


class Amended(msgspec.Struct, frozen=True):
    """The 权责清单 names this unit for the category and place of the case from now on, and why."""

    organisation: int
    basis: str


PARENT_DEED = "parent_deed"
"""Fact of a child: the number of the parent's deed that opened it, from 1."""

APART = "apart"
"""Fact of a child that its parent does not wait for."""


def awaited(child: Case) -> bool:
    """Whether `children_ended` of its parent is about it."""
    return not child.facts.get(APART)


def children(case: Case, action: Action, answers: Facts, actor: Actor, now: Instant) -> tuple[Child, ...]:
    """The child cases of an action, for the parent as it is after it."""
    found = []
    for opening in action.opens:
        units = answers.get(opening.each, ()) if opening.each else (None,)
        facts = {name: value_of(case, form, actor, now, answers) for name, form in opening.facts.items()}
        facts = {name: value for name, value in facts.items() if value is not None}
        facts[PARENT_DEED] = len(case.deeds)
        if not opening.waits:
            facts[APART] = True
        for unit in units:
            found.append(
                Child(
                    procedure=opening.procedure,
                    category=_category(opening, case, answers),
                    source=opening.source,
                    leads=opening.leads,
                    title=_title(opening, case),
                    text=_text(opening, case, answers),
                    organisation=unit,
                    without_caller=opening.without_caller,
                    facts=facts,
                )
            )
    return tuple(found)


def _category(opening: Opening, case: Case, answers: Facts) -> Category:
    given = answers.get(opening.category) if opening.category else None
    return category_of(given) if isinstance(given, str) else case.category


def _title(opening: Opening, case: Case) -> Label:
    if opening.title is None:
        return case.title

    def filled(template: str, language: str) -> str:
        return template.replace("{number}", case.number).replace("{title}", case.title.text(language))

    return Label(filled(opening.title.zh, "zh"), filled(opening.title.en, "en"))


def _text(opening: Opening, case: Case, answers: Facts) -> str:
    if opening.leads or opening.text == OWN_TEXT:
        return case.text
    text = answers.get(opening.text) or fact(case, opening.text) if opening.text else ""
    return str(text or "")


def on_parent(case: Case, action: Action, answers: Facts, actor: Actor, now: Instant) -> Facts:
    """`facts.NAME` of the parent → its value (None: it goes)."""
    return {target: value_of(case, form, actor, now, answers) for target, form in action.on_parent.items()}


def amended(case: Case, action: Action, answers: Facts) -> Amended | None:
    """What the action changes in the 权责清单, if its flag says so; the basis is what was given as one, or as the reason."""
    if not action.amends_list or answers.get(action.amends_list) is not True or case.organisation is None:
        return None
    reasons = (answers.get(name) for name in ("basis", "reason", "note"))
    basis = next((one for one in reasons if isinstance(one, str) and one), action.label.zh)
    return Amended(case.organisation, f"{basis}（{case.number}）" if case.number else basis)
