"""Findings into 预警: titles and explanations in both languages, the common cause, the proof, and
journal records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from hutong.engine.judge.findings import Found
from hutong.kernel.base import Facts, Instant, Label
from hutong.kernel.case import EvidenceRow, Warning
from hutong.kernel.changes import Record
from hutong.kernel.spans import span
from hutong.kernel.thing import Thing

_BLANK = re.compile(r"\{(thing|value|unit|level|place)\}")


@dataclass(eq=False)
class Causes:
    """The common causes findings fold into: per (pack, thing) the newest key and when it was last
    heard of.

    A key is `pack:thing:began of its first finding`.
    """

    known: dict[tuple[str, int], tuple[str, Instant]] = field(default_factory=dict)

    def restore(self, warnings: Iterable[Warning]) -> None:
        """Takes over the causes of stored warnings (those of the longest fold span suffice)."""
        for warning in warnings:
            if warning.cause:
                pack, thing, _ = warning.cause.rsplit(":", 2)
                self._hear((pack, int(thing)), warning.cause, max(warning.raised, warning.cleared or 0))

    def key(self, found: Found, thing: Thing) -> str:
        """The cause of a finding: a running one of the same thing within the fold's span, or its own;
        empty if its rule does not fold."""
        fold = found.version.rule.fold
        if fold is None:
            return ""
        pack = found.version.rule.name.rpartition(".")[0]
        within = span(fold.within)
        targets = thing.links.get(fold.link) or (thing.id,)
        for target in targets:
            key, last = self.known.get((pack, target), ("", 0))
            if key and abs(found.began - last) <= within:
                self._hear((pack, target), key, found.at)
                return key
        key = f"{pack}:{targets[0]}:{found.began}"
        self._hear((pack, targets[0]), key, found.at)
        return key

    def cleared(self, warning: Warning, at: Instant) -> None:
        """A warning of a cause was cleared: the span counts from then."""
        if warning.cause:
            pack, thing, _ = warning.cause.rsplit(":", 2)
            self._hear((pack, int(thing)), warning.cause, at)

    def _hear(self, place: tuple[str, int], key: str, at: Instant) -> None:
        known, last = self.known.get(place, (key, at))
        if known == key or at >= last:
            self.known[place] = (key, max(at, last) if known == key else at)


@dataclass(frozen=True, eq=False)
class Setting:
    """What warnings say beside the finding: the things, the names of places, and whose people may see
    them."""

    things: Mapping[int, Thing]
    scope: Callable[[Thing], tuple[int, ...]]
    place_name: Callable[[int], Label]
    actor: int = 0
    lane: int = 1


Written = tuple[tuple[Warning, ...], tuple[Record, ...]]


def raise_warnings(findings: Iterable[Found], setting: Setting, causes: Causes, now: Instant) -> Written:
    """New warnings, 待研判, and their records. `now` is city time."""
    warnings = [_warning(found, setting, causes, now) for found in findings]
    return tuple(w for w, _ in warnings), tuple(record for _, record in warnings)


def clear_warnings(
    findings: Iterable[Found], stored: Mapping[int, Warning], setting: Setting, causes: Causes, now: Instant
) -> Written:
    """The warnings that cleared, with what proves it. `stored` holds them as they stand, those raised
    in the same run too. Clearing closes no case and judges nothing."""
    warnings, records = [], []
    for found in findings:
        warning = stored.get(found.warning)
        if warning is None:
            continue
        causes.cleared(warning, found.at)
        cleared = msgspec.structs.replace(
            warning,
            cleared=found.at,
            ended=found.ended,
            clearing=found.evidence or (),
            peak=warning.peak if found.peak is None else found.peak.value,
            explanation=_with_late(warning.explanation, found.unjudged),
        )
        warnings.append(cleared)
        records.append(_record("warning.clear", found, cleared, setting, now))
    return tuple(warnings), tuple(records)


def revise_warnings(
    findings: Iterable[Found], stored: Mapping[int, Warning], setting: Setting, causes: Causes, now: Instant
) -> Written:
    """Warnings that late rows changed: raised or cleared at another time, open again, or withdrawn. `stored` as for
    `clear_warnings`. A person's judgement and a case stay as they are; the record says what it was before."""
    warnings, records = [], []
    for found in findings:
        before = stored.get(found.warning)
        if before is None:
            continue
        if found.kind == "withdraw":
            cleared = before.raised if before.cleared is None else before.cleared
            after = msgspec.structs.replace(before, cleared=cleared, ended="withdrawn", revised=now)
        else:
            after = _revised(before, found, now)
        causes.cleared(after, found.at)
        warnings.append(after)
        record = _record(f"warning.{found.kind}", found, after, setting, now)
        was = {"began": before.began, "raised": before.raised, "cleared": before.cleared}
        records.append(msgspec.structs.replace(record, facts={**record.facts, "before": was}))
    return tuple(warnings), tuple(records)


def _revised(warning: Warning, found: Found, now: Instant) -> Warning:
    peak = warning.peak if found.peak is None else found.peak.value
    evidence = warning.evidence if found.evidence is None else found.evidence
    return msgspec.structs.replace(
        warning,
        began=found.began,
        raised=found.at,
        cleared=found.cleared,
        clearing=found.clearing,
        ended="",
        evidence=evidence,
        peak=peak,
        revised=now,
    )


def _warning(found: Found, setting: Setting, causes: Causes, now: Instant) -> tuple[Warning, Record]:
    rule, thing = found.version.rule, setting.things[found.thing]
    warning = Warning(
        id=found.warning,
        lane=setting.lane,
        provenance=thing.provenance,
        rule=rule.name,
        rule_version=found.version.digest,
        thing=thing.id,
        place=thing.place,
        colour=rule.colour,
        title=Label(
            zh=f"{thing.name.text('zh')} {rule.label.text('zh')}",
            en=f"{rule.label.text('en')}: {thing.name.text('en')}",
        ),
        explanation=Label(
            zh=_said(rule.says.text("zh"), found, thing, setting, "zh"),
            en=_said(rule.says.text("en"), found, thing, setting, "en"),
        ),
        cause=causes.key(found, thing),
        began=found.began,
        raised=found.at,
        seen=now,
        peak=None if found.peak is None else found.peak.value,
        evidence=found.evidence or (),
        scope=setting.scope(thing),
    )
    return warning, _record("warning.raise", found, warning, setting, now)


def _said(sentence: str, found: Found, thing: Thing, setting: Setting, language: str) -> str:
    """The sentence with its blanks filled in."""
    words = {
        "thing": thing.name.text(language),
        "value": _number(found.value),
        "unit": "" if found.unit == "1" else found.unit,
        "level": _number(found.level),
        "place": "" if thing.place is None else setting.place_name(thing.place).text(language),
    }
    return _BLANK.sub(lambda blank: words[blank[1]], sentence)


def _number(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) < 1e6 else f"{value:.6g}"


def _with_late(explanation: Label, unjudged: int) -> Label:
    """Says that rows that came later did not unraise a warning of missing data."""
    if not unjudged:
        return explanation
    return Label(
        zh=f"{explanation.zh}（预警后补到 {unjudged} 条数据，当时确实缺报，未据以撤回）",
        en=f"{explanation.en} ({unjudged} rows came after the warning; they were missing then, so it was not withdrawn.)",
    )


def _record(kind: str, found: Found, warning: Warning, setting: Setting, now: Instant) -> Record:
    rule = found.version.rule
    explain: dict[str, Any] = {
        "rule": rule.name,
        "definition": found.version.digest,
        "source": rule.source,
        "level": found.level,
        "hold": rule.clear_for if found.kind == "clear" else rule.hold,
        "evidence": [_row(row) for row in found.evidence or ()],
    }
    facts: Facts = {
        "thing": found.thing,
        "began": found.began,
        "at": found.at,
        "value": found.value,
        "peak": warning.peak,
        "colour": warning.colour,
    }
    if warning.ended:
        facts["ended"] = warning.ended
    return Record(
        kind=kind,
        actor=setting.actor,
        at=now,
        subjects=(("warning", warning.id),),
        facts=facts,
        explain=explain,
        cause=warning.cause,
    )


def _row(row: EvidenceRow) -> list[Any]:
    return [row.stream, row.observation, row.time, row.number]
