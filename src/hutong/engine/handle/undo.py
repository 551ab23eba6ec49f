"""Undo within a grace time: the state before, as a new version."""

from __future__ import annotations

from msgspec.structs import replace

from hutong.engine.handle.act import Acted
from hutong.engine.handle.procedure import Compiled
from hutong.engine.handle.setting import Setting
from hutong.kernel.access import Actor
from hutong.kernel.base import Instant
from hutong.kernel.case import Case, Deed
from hutong.kernel.changes import Record
from hutong.kernel.errors import Refused


def undo(case: Case, before: Case, actor: Actor, now: Instant, compiled: Compiled, setting: Setting) -> Acted:
    """Takes back the last deed of the case. `before` is the version just before it (Reader.versions).

    Refused if it was somebody else's, is final, was done by the platform, is too long ago, or the case has moved on (another
    deed, a clock that warned or ran out). Clocks stand as if the deed had never been done; the journal keeps both.
    """
    deed = _undoable(case, before, actor, now, compiled, setting)
    restored = replace(before, version=case.version)
    record = Record(
        kind="case.undo",
        actor=actor.account,
        at=now,
        subjects=(("case", case.id),),
        facts={
            "action": "undo",
            "undone": deed.action,
            "role": deed.role,
            "organisation": actor.organisation,
            "from": case.state,
            "to": restored.state,
        },
        explain={
            "procedure": compiled.name,
            "definition": case.definition,
            "restores_version": before.version,
            "done_at": deed.at,
            "grace": setting.grace,
        },
        cause=case.cause,
    )
    return Acted(case=restored, records=(record,))


def _undoable(
    case: Case, before: Case, actor: Actor, now: Instant, compiled: Compiled, setting: Setting
) -> Deed:
    if not case.deeds or case.deeds[:-1] != before.deeds or before.version + 1 != case.version:
        raise _refused(
            "the case has moved on since", "use the actions the case offers now", "案卷已有新的变化，不能撤销"
        )
    deed = case.deeds[-1]
    action = compiled.actions[deed.action]
    if deed.account != actor.account or deed.account == 0:
        raise _refused("it was done by somebody else", "ask whoever did it", "只能由本人撤销")
    if action.final:
        label = action.label
        raise _refused(
            f"{label.text('en')} cannot be undone", "reopen the case instead", f"「{label.zh}」不可撤销"
        )
    if now - deed.at > setting.grace:
        raise _refused(
            "the time for undoing has passed", "use the actions the case offers now", "已超过可撤销时间"
        )
    return deed


def _refused(reason: str, remedy: str, zh: str) -> Refused:
    return Refused("action.undo", reason, remedy, kind="undo", zh=zh)
