"""The explanation in sentences, Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from hutong.engine.record.step import Step
from hutong.kernel.base import Facts, Instant, Label
from hutong.kernel.case import Case, EvidenceRow
from hutong.kernel.clock import moment
from hutong.kernel.definition.procedure import Procedure
from hutong.kernel.worktime import LIMIT_UNITS, LimitUnit


def _account(one: int) -> Label:
    return Label("系统", "the platform") if one == 0 else Label(f"账号 {one}", f"account {one}")


def _organisation(one: int) -> Label:
    return Label(f"机构 {one}", f"organisation {one}")


@dataclass(frozen=True)
class Names:
    """How people and units are called for the reader; the journal itself holds ids only."""

    account: Callable[[int], Label] = _account
    organisation: Callable[[int], Label] = _organisation
    zone: str = "Asia/Shanghai"

    def local(self, at: Instant) -> str:
        return moment(at, ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M")


def sentence(step: Step, facts: Facts, procedure: Procedure, names: Names) -> Label:
    """One step: when, who, what, which way, and what it rests on."""
    parts = [_head(step, facts, procedure, names)]
    parts.extend(_answers(step, facts, procedure, names))
    parts.extend(_clock(one, procedure, names) for one in step.clocks)
    parts.extend(_triage(step.triage))
    parts.extend(_responsibility(step, names))
    parts.extend(_proof(step, names))
    if step.late_by:
        minutes = step.late_by // 60_000_000
        parts.append(
            Label(
                f"系统恢复后补记（晚 {minutes} 分钟）", f"recorded {minutes} min late, after an interruption"
            )
        )
    return Label("；".join(part.zh for part in parts), "; ".join(part.text("en") for part in parts))


def _head(step: Step, facts: Facts, procedure: Procedure, names: Names) -> Label:
    when = names.local(step.at)
    zh, en = (
        f"{when} {step.who.zh} {step.action.zh}",
        f"{when} {step.who.text('en')}: {step.action.text('en')}",
    )
    if step.role is not None:
        zh = f"{when} {step.role.zh}（{step.who.zh}）{step.action.zh}"
        en = f"{when} {step.who.text('en')} ({step.role.text('en')}): {step.action.text('en')}"
    if "clock" in facts:
        label = _clock_label(facts["clock"], procedure)
        zh, en = f"{zh}（{label.zh}）", f"{en} ({label.text('en')})"
    if step.after is not None and step.before != step.after:
        before_zh = f"{step.before.zh} → " if step.before else ""
        before_en = f"{step.before.text('en')} → " if step.before else ""
        zh, en = f"{zh}：{before_zh}{step.after.zh}", f"{en}: {before_en}{step.after.text('en')}"
    return Label(zh, en)


def _answers(step: Step, facts: Facts, procedure: Procedure, names: Names) -> Iterable[Label]:
    action = next((one for one in procedure.actions if one.name == facts.get("action")), None)
    for ask in action.asks if action else ():
        given = step.answers.get(ask.name)
        if given is None:
            continue
        value = _value(ask.kind, given, names)
        if ask.kind == "choice" and given in ask.choices:
            value = ask.choices[given]
        yield Label(f"{ask.label.zh}：{value.zh}", f"{ask.label.text('en')}: {value.text('en')}")


def _value(kind: str, given: Any, names: Names) -> Label:
    if kind == "organisation":
        return names.organisation(given)
    if kind == "account":
        return names.account(given)
    text = names.local(given) if kind == "date" else f"{given:g}" if kind == "number" else str(given)
    return Label(text, text)


_EFFECTS = {
    "start": Label("开始计时", "clock starts"),
    "restart": Label("重新计时", "clock starts again"),
    "stop": Label("停止计时", "clock stops"),
    "pause": Label("暂停计时", "clock stands still"),
    "resume": Label("继续计时", "clock goes on"),
    "extend": Label("时限延长", "limit grows"),
    "warn": Label("即将到期", "is nearly due"),
    "overdue": Label("时限届满", "has run out"),
    "escalate": Label("超期上报", "is overdue"),
    "mode_on": Label("转为战时时限", "has the limit of the mode"),
    "mode_off": Label("恢复平时时限", "has its usual limit again"),
}


def _clock_label(name: str, procedure: Procedure) -> Label:
    return next((clock.label for clock in procedure.clocks if clock.name == name), Label(name, name))


def _clock(moved: Facts, procedure: Procedure, names: Names) -> Label:
    label, effect = _clock_label(moved["clock"], procedure), _EFFECTS[moved["effect"]]
    zh_unit, en_unit = LIMIT_UNITS[LimitUnit(moved["unit"])]
    zh, en = f"{label.zh}{effect.zh}", f"{label.text('en')} {effect.en}"
    if moved["effect"] == "stop":
        late = Label("，已超期", ", overdue") if moved.get("overdue") else Label("", "")
        used = f"{moved['used']:.4g}"
        return Label(
            f"{zh}，用时 {used} {zh_unit}{late.zh}",
            f"{en} after {used} of {moved['amount']:g} × {en_unit}{late.en}",
        )
    zh, en = f"{zh}（{moved['amount']:g} {zh_unit}", f"{en} ({moved['amount']:g} × {en_unit}"
    if moved.get("due") is not None:
        zh, en = f"{zh}，{names.local(moved['due'])} 到期", f"{en}, due {names.local(moved['due'])}"
    limit = moved.get("limit")
    if limit:
        zh, en = (
            f"{zh}，依据：{limit['source']} [{limit['confidence']}]",
            f"{en}, by: {limit['source']} [{limit['confidence']}]",
        )
    return Label(f"{zh}）", f"{en})")


def _responsibility(step: Step, names: Names) -> Iterable[Label]:
    found = step.responsibility
    if not found or found.get("suggested") is None:
        return
    unit = names.organisation(found["suggested"])
    agrees = found.get("as_suggested")
    zh = "与权责清单一致" if agrees else "权责清单所列部门为"
    en = "as the list of responsibilities says" if agrees else "the list of responsibilities names"
    basis = Label(**found["basis"])
    yield Label(f"{zh}：{unit.zh}（{basis.zh}）", f"{en}: {unit.text('en')} ({basis.text('en')})")


def _triage(why: Facts) -> Iterable[Label]:
    """What the platform rested on where it did a person's action."""
    if not why:
        return
    measured, words = why["measured"], [one["text"] for one in why["words"]]
    sure, least = f"{why['confidence']:.0%}", f"{why['threshold']:.0%}"
    known = f"{measured['share']:.1%} ({measured['low']:.1%}–{measured['high']:.1%}, n = {measured['n']})"
    yield Label(
        f"系统代为办理：模型 {why['model'][:12]} 以 {sure} 的置信度（门槛 {least}）判为该类别，依据「{'、'.join(words)}」；"
        f"在较晚的已结案卷上检验，准确率 {known}，本市要求不低于 {why['asked']:.1%}",
        f"done by the platform: model {why['model'][:12]} is {sure} sure of the class (from {least}) because of "
        f"{', '.join(words)}; precision on later closed cases {known}, the city asks for {why['asked']:.1%}",
    )


def _proof(step: Step, names: Names) -> Iterable[Label]:
    for file in step.proof.files:
        angle = file.get("same_angle_as")
        zh = f"证据：照片 {file['file']}（{file['stage']}/{file['role']}，SHA-256 {file['digest'][:12]}…"
        en = f"proof: photo {file['file']} ({file['stage']}/{file['role']}, SHA-256 {file['digest'][:12]}…"
        if angle is not None:
            zh, en = f"{zh}，与照片 {angle} 同角度", f"{en}, same angle as photo {angle}"
        yield Label(f"{zh}）", f"{en})")
    for sensor in step.proof.sensors:
        rows = sensor.get("observations", ())
        told = ", ".join(_observation(row, names) for row in rows) or "—"
        zh = f"证据：预警 {sensor['warning']} 于 {names.local(sensor['cleared'])} 解除（观测 {told}）"
        en = f"proof: warning {sensor['warning']} cleared at {names.local(sensor['cleared'])} (observations {told})"
        yield Label(zh, en)


def _observation(row: Facts, names: Names) -> str:
    """Stream and time name an observation; its value stands beside them, as it was copied."""
    value = "" if row["number"] is None else f"={row['number']:g}{row.get('unit', '')}"
    return f"{row['stream']}@{names.local(row['time'])[11:]}{value}"


def full_text(
    case: Case,
    procedure: Procedure,
    state: Label,
    lines: list[Label],
    evidence: Sequence[EvidenceRow],
    names: Names,
) -> Label:
    """The whole explanation: a heading, the observations it began with, one line a step."""
    number = case.number or str(case.id)
    zh = [f"{procedure.noun.zh} {number} {case.title.zh}（{state.zh}），流程定义 {case.definition[:12]}"]
    heading = f"{procedure.noun.text('en')} {number}: {case.title.text('en')} ({state.text('en')})"
    en = [f"{heading}, definition {case.definition[:12]}"]
    if evidence:
        told = ", ".join(_observation(msgspec.to_builtins(row), names) for row in evidence)
        zh.append(f"由 {len(evidence)} 条观测触发：{told}")
        en.append(f"triggered by {len(evidence)} observations: {told}")
    return Label(
        "\n".join([*zh, *(line.zh for line in lines)]), "\n".join([*en, *(line.text("en") for line in lines)])
    )
