"""Who should hear of an action: those who can act next, and those the action tells."""

from __future__ import annotations

from hutong.engine.handle.procedure import Compiled
from hutong.kernel.base import Label
from hutong.kernel.case import Case, Notice
from hutong.kernel.definition.procedure import SAME, Action, Telling


def notices(case: Case, before: Case, action: Action, compiled: Compiled) -> tuple[Notice, ...]:
    """One per role: `todo` for those whose turn it is in a state just entered, `told` for the others."""
    state = compiled.states[case.state].label
    name = case.number or case.title.zh
    english = case.number or case.title.text("en")
    found = []
    if case.state != before.state:
        text = Label(
            f"案卷 {name} {state.zh}：{case.title.zh}",
            f"Case {english} is {state.text('en')}: {case.title.text('en')}",
        )
        found = [_to(role, case, "todo", text, compiled) for role in next_roles(compiled, case.state)]
    text = Label(
        f"案卷 {name} {action.label.zh}：{case.title.zh}",
        f"Case {english}, {action.label.text('en')}: {case.title.text('en')}",
    )
    found.extend(_to(role, case, "told", text, compiled) for role in action.tells)
    return (*found, *outside(case, action.sends, compiled))


def outside(case: Case, sends: tuple[Telling, ...], compiled: Compiled) -> tuple[Notice, ...]:
    """Texts sent outside the console; number, category and link are filled when they are sent."""
    found = []
    for telling in sends:
        filled = Label(
            _filled(telling.text.zh, "zh", case, compiled), _filled(telling.text.en, "en", case, compiled)
        )
        if telling.to == "reporter" and case.subject is not None:
            found.append(
                Notice(
                    case.id,
                    "progress",
                    filled,
                    subject=case.subject,
                    channels=telling.by,
                    language=language_of(case),
                )
            )
        elif telling.to == "handler" and case.organisation is not None:
            found.extend(
                Notice(
                    case.id,
                    "work",
                    filled,
                    role=role.name,
                    organisation=case.organisation,
                    channels=telling.by,
                )
                for role in compiled.roles.values()
                if role.side == "handling"
            )
    return tuple(found)


def language_of(case: Case) -> str:
    """The language its reporter used, where the face that took the report told it."""
    return "en" if case.facts.get("language") == "en" else "zh"


def _filled(text: str, language: str, case: Case, compiled: Compiled) -> str:
    noun, state = compiled.procedure.noun, compiled.states[case.state].label
    return text.replace("{noun}", noun.text(language)).replace("{state}", state.text(language))


def next_roles(compiled: Compiled, state: str) -> tuple[str, ...]:
    """The roles whose turn it is: those the state names, or all with an action that leads on from it."""
    if compiled.ended(state):
        return ()
    if compiled.states[state].turn:
        return compiled.states[state].turn
    leading = [action for action in compiled.leaving[state] if action.to != SAME]
    return tuple(dict.fromkeys(role for action in leading for role in action.roles))


def _to(role: str, case: Case, kind: str, text: Label, compiled: Compiled) -> Notice:
    unit = case.organisation if compiled.roles[role].side == "handling" else None
    return Notice(case.id, kind, text, role=role, organisation=unit)


def notices_on_opening(case: Case, compiled: Compiled) -> tuple[Notice, ...]:
    """The same for a case that was just opened; of a part of another the reporter hears through that one."""
    state = compiled.states[case.state].label
    title = case.title
    text = Label(f"新案卷{state.zh}：{title.zh}", f"A new case is {state.text('en')}: {title.text('en')}")
    todo = (_to(role, case, "todo", text, compiled) for role in next_roles(compiled, case.state))
    part = case.parent is not None
    return (*todo, *(() if part else outside(case, compiled.procedure.sends, compiled)))
