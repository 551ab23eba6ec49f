"""Why a case went as it did: who, what, when, under which definition, on which observations and photos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from hutong.engine.record.step import Explanation, Proved, Step
from hutong.engine.record.words import Names, full_text, sentence
from hutong.kernel.base import Facts, Label
from hutong.kernel.case import Case, EvidenceRow, Warning
from hutong.kernel.definition.procedure import Procedure, RoleDefinition
from hutong.kernel.errors import NotFound
from hutong.kernel.ports import JournalRecord

__all__ = ["Defined", "Explanation", "Names", "Proved", "Step", "explain"]


@dataclass(frozen=True)
class Defined:
    """A stored definition of a procedure, with the roles it was used with."""

    procedure: Procedure
    roles: Mapping[str, RoleDefinition] = field(default_factory=dict)


Definitions = Callable[[str], Defined]
"""Digest → definition; NotFound if it was never stored."""


def explain(
    case: Case,
    journal: Iterable[JournalRecord],
    definitions: Definitions,
    *,
    names: Names | None = None,
    warnings: Sequence[Warning] = (),
) -> Explanation:
    """The explanation of a case from its journal records (in order of position); records of others are passed over.

    A record names the digest of its definition, so a procedure changed since is still explained in its own words.
    """
    names = names or Names()
    records = [record for record in journal if _about(record, case)]
    steps = tuple(_step(record, _defined(record, case, definitions), names) for record in records)
    current = definitions(case.definition).procedure
    state = next(
        (one.label for one in current.states if one.name == case.state), Label(case.state, case.state)
    )
    opened_by = tuple(row for warning in warnings for row in warning.evidence)
    explanation = Explanation(
        case=case.id,
        number=case.number,
        procedure=current.label,
        state=state,
        definitions=tuple(dict.fromkeys(step.definition for step in steps if step.definition)),
        steps=steps,
        opened_by=opened_by,
        cleared_by=_observations(steps),
        files=_files(steps),
        text=Label("", ""),
    )
    lines = [step.text for step in steps]
    return msgspec.structs.replace(explanation, text=full_text(case, current, state, lines, opened_by, names))


def _about(record: JournalRecord, case: Case) -> bool:
    return any(noun == "case" and id == case.id for noun, id, _ in record.subjects)


def _defined(record: JournalRecord, case: Case, definitions: Definitions) -> Defined:
    digest = record.explain.get("definition") or case.definition
    try:
        return definitions(digest)
    except NotFound:
        return definitions(case.definition)


def _step(record: JournalRecord, defined: Defined, names: Names) -> Step:
    facts, why = record.facts, record.explain
    states = {state.name: state.label for state in defined.procedure.states}
    role = defined.roles.get(facts.get("role", ""))
    proof = why.get("proof", {})
    step = Step(
        position=record.position,
        at=record.at,
        recorded_at=record.recorded_at,
        hash=record.hash,
        kind=record.kind,
        action=_action_label(record, defined.procedure),
        account=record.actor,
        who=names.account(record.actor),
        role=None if role is None else role.label,
        organisation=facts.get("organisation"),
        before=states.get(facts.get("from", "")),
        after=states.get(facts.get("to", "")),
        answers=facts.get("answers", {}),
        definition=why.get("definition", ""),
        clocks=tuple(why.get("clocks", ())),
        responsibility=why.get("responsibility", {}),
        separation=why.get("separation", {}),
        triage=why.get("triage", {}),
        proof=Proved(tuple(proof.get("files", ())), tuple(proof.get("sensors", ()))),
        late_by=why.get("late_by", 0),
        text=Label("", ""),
    )
    return msgspec.structs.replace(step, text=sentence(step, facts, defined.procedure, names))


_OWN_WORDS = {
    "open": Label("建案", "opened"),
    "add_warning": Label("并入同一对象的预警", "took in a further warning of the same thing"),
    "take_over": Label("人工接管", "took the case from the simulated posts"),
    "rate": Label("报案人评价", "the reporter said whether it is solved"),
    "support": Label("又一位邻居反映", "one neighbour more reported it"),
    "attach": Label("上传附件", "attached a file"),
    "undo": Label("撤销上一步", "took back the last action"),
    "warn": Label("临期预警", "warned"),
    "overdue": Label("超期", "ran out"),
    "escalate": Label("逐级上报", "told the line above"),
    "mode_on": Label("平战转换：转入战时", "came under a mode"),
    "mode_off": Label("平战转换：恢复平时", "left the mode"),
    "start": Label("启动响应", "started the response"),
    "change_level": Label("调整响应", "changed the response"),
    "release": Label("释放资源", "released a resource"),
}


def _action_label(record: JournalRecord, procedure: Procedure) -> Label:
    name = record.facts.get("action") or record.kind.partition(".")[2]
    for action in procedure.actions:
        if action.name == name:
            return action.label
    return _OWN_WORDS.get(name, Label(record.kind, record.kind))


def _observations(steps: Iterable[Step]) -> tuple[EvidenceRow, ...]:
    rows: list[Any] = [
        row for step in steps for sensor in step.proof.sensors for row in sensor.get("observations", ())
    ]
    return tuple(msgspec.convert(row, EvidenceRow) for row in rows)


def _files(steps: Iterable[Step]) -> tuple[Facts, ...]:
    return tuple(file for step in steps for file in step.proof.files)
