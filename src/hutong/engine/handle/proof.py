"""Proof: the sensor, where there is one, and photos of the same angle."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hutong.kernel.base import Facts, Instant, Label
from hutong.kernel.case import Case, FileStage, Warning
from hutong.kernel.case import File as CaseFile
from hutong.kernel.definition.procedure import Proof

STAGES = {
    "report": Label("上报", "report"),
    "verify": Label("核实", "verification"),
    "handle": Label("处置", "handling"),
    "check": Label("核查", "check"),
    "other": Label("其他", "other"),
}
ROLES = {
    "near": Label("近景", "near"),
    "far": Label("远景", "far"),
    "reference": Label("参照物", "reference"),
    "document": Label("文书", "document"),
}


class Need(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing an action needs as proof: a photo of `stage` and `role`, or that the sensors are clear.

    `same_angle_as` lists the files one of which a photo must match (its own `same_angle_as` names it); empty where there is
    none to match. `met_by`: the files, or the warnings, that meet it; `reason` says what is missing if none does.
    """

    label: Label
    stage: FileStage | None = None
    role: str = ""
    same_angle_as: tuple[int, ...] = ()
    met: bool = False
    met_by: tuple[int, ...] = ()
    reason: Label | None = None


def needs(
    case: Case, proof: Proof | None, files: Sequence[CaseFile], warnings: Sequence[Warning]
) -> tuple[Need, ...]:
    """What the action needs, and what of it is there.

    A photo proves one deed only: what proved the first 反馈 does not prove the second after 返工.
    """
    if proof is None:
        return ()
    spent = frozenset(case.facts.get("proved", ()))
    photos = tuple(_photo(case, proof, role, files, spent) for role in proof.photos)
    return (*photos, _sensors(warnings)) if proof.sensor_clear and warnings else photos


def _photo(case: Case, proof: Proof, role: str, files: Sequence[CaseFile], spent: frozenset[int]) -> Need:
    stage, word = STAGES[proof.stage], ROLES.get(role, Label(role, role))
    label = Label(f"{stage.zh}{word.zh}照片", f"{word.en} photo of the {stage.en}")
    before = tuple(file.id for file in files if file.stage in proof.same_angle_as and file.role == role)
    own = [file for file in files if file.stage == proof.stage and file.role == role and file.id not in spent]
    fresh = [file for file in own if not _too_early(case, file)]
    fitting = tuple(file.id for file in fresh if not before or file.same_angle_as in before)
    return Need(
        label=label,
        stage=proof.stage,
        role=role,
        same_angle_as=before,
        met=bool(fitting),
        met_by=fitting[-1:],
        reason=None if fitting else _missing(label, bool(own), bool(fresh)),
    )


def _too_early(case: Case, file: CaseFile) -> bool:
    """Taken before the work was sent back: it shows what was found wanting."""
    since: Instant | None = case.facts.get("sent_back")
    return since is not None and file.taken is not None and file.taken < since


def _missing(label: Label, any_photo: bool, any_fresh: bool) -> Label:
    if any_fresh:
        return Label(
            f"{label.zh}须与原照片同一角度（请选择对应的原照片）",
            f"the {label.en} does not name the earlier photo whose angle it repeats",
        )
    if any_photo:
        return Label(f"{label.zh}拍摄于返工之前", f"the {label.en} was taken before the work was sent back")
    return Label(f"缺{label.zh}", f"the {label.en} is missing")


def _sensors(warnings: Sequence[Warning]) -> Need:
    """All warnings of the case must have cleared, but for false alarms."""
    real = [warning for warning in warnings if warning.state != "false_alarm"]
    waiting = [warning for warning in real if warning.cleared is None]
    reason = None
    if waiting:
        names = "、".join(warning.title.zh for warning in waiting)
        english = ", ".join(warning.title.en or warning.title.zh for warning in waiting)
        reason = Label(f"监测数据尚未恢复正常：{names}", f"the sensors still show it: {english}")
    label = Label("监测数据恢复正常", "sensors back to normal")
    return Need(
        label=label,
        met=not waiting,
        met_by=() if waiting else tuple(warning.id for warning in real),
        reason=reason,
    )


def proof_facts(found: Sequence[Need], files: Sequence[CaseFile], warnings: Sequence[Warning]) -> Facts:
    """For the journal: the files (with digests) and clearing observations that proved the deed."""
    used = {one for need in found if need.stage is not None for one in need.met_by}
    cleared = {one for need in found if need.stage is None for one in need.met_by}
    facts: Facts = {}
    if used:
        facts["files"] = [file_facts(file) for file in files if file.id in used]
    if cleared:
        facts["sensors"] = [_warning_facts(warning) for warning in warnings if warning.id in cleared]
    return facts


def file_facts(file: CaseFile) -> Facts:
    return {
        "file": file.id,
        "stage": file.stage,
        "role": file.role,
        "digest": file.digest,
        "taken": file.taken,
        "same_angle_as": file.same_angle_as,
    }


def _warning_facts(warning: Warning) -> Facts:
    rows = [msgspec.to_builtins(row) for row in warning.clearing]
    return {"warning": warning.id, "rule": warning.rule, "cleared": warning.cleared, "observations": rows}
