"""Replay: what rules say of stored history, compared with other rules and with what was really raised. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Literal

import msgspec
import numpy as np

from hutong.engine.judge import Found, Judge, Judged
from hutong.kernel.base import Instant
from hutong.kernel.case import Warning
from hutong.kernel.definition.rule import Condition, Level, Rule
from hutong.kernel.observation import ObservationBatch

Verdict = Literal["both", "more", "fewer", "neither"]


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """A warning that rules raise in a replay. `cleared` None: it still stands at the end."""

    rule: str
    thing: int
    began: Instant
    raised: Instant
    cleared: Instant | None = None
    value: float | None = None
    peak: float | None = None
    unit: str = ""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A rule and thing at one time: `present` is what the present rules say, `changed` what the changed ones do, `real` the
    stored warnings of that time (several if it was raised again)."""

    rule: str
    thing: int
    present: Episode | None
    changed: Episode | None
    real: tuple[Warning, ...] = ()
    counted: Literal["", "present", "changed"] = ""
    """Which of them stands in another difference already: one long warning can take the place of several."""

    @property
    def verdict(self) -> Verdict:
        if self.present and self.changed:
            return "both"
        return "more" if self.changed else "fewer" if self.present else "neither"

    @property
    def at(self) -> Instant:
        return min(one.raised for one in (self.present, self.changed, *self.real) if one is not None)

    @property
    def later(self) -> Instant | None:
        """µs by which the changed rules raise it later (negative: earlier)."""
        if not (self.present and self.changed) or self.counted:
            return None
        return self.changed.raised - self.present.raised

    @property
    def longer(self) -> Instant | None:
        """µs by which it clears later; None if it does not clear in both."""
        if not (self.present and self.changed) or self.counted:
            return None
        if self.present.cleared is None or self.changed.cleared is None:
            return None
        return self.changed.cleared - self.present.cleared

    @property
    def vanished(self) -> tuple[Warning, ...]:
        """Stored warnings that the changed rules would not have raised."""
        return self.real if self.verdict == "fewer" else ()


class Player:
    """One judge on its way through history. Rows must come in time order, slice after slice."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self._ids = count(1)
        self._found: dict[int, Episode] = {}

    def play(self, rows: ObservationBatch, until: Instant) -> None:
        """Judges a slice, and what time alone makes true before its end."""
        if len(rows):
            self._take(self.judge.run(rows, self._ids))
        self._take(self.judge.tick(until, self._ids))

    def _take(self, judged: Judged) -> None:
        for found in judged.raised:
            self._found[found.warning] = _episode(found)
        for found in judged.revised:
            known = self._found.get(found.warning)
            if known is not None:
                self._found[found.warning] = msgspec.structs.replace(
                    known, began=found.began, raised=found.at, cleared=found.cleared
                )
        for found in judged.cleared:
            known = self._found.get(found.warning)
            if known is not None:
                peak = known.peak if found.peak is None else found.peak.value
                self._found[found.warning] = msgspec.structs.replace(known, cleared=found.at, peak=peak)
        for found in judged.withdrawn:
            self._found.pop(found.warning, None)

    def episodes(self, since: Instant) -> list[Episode]:
        """What was raised from `since` on, in order of time."""
        return sorted(
            (one for one in self._found.values() if one.raised >= since),
            key=lambda one: (one.raised, one.rule, one.thing),
        )


def _episode(found: Found) -> Episode:
    return Episode(
        rule=found.plan.rule.name,
        thing=found.thing,
        began=found.began,
        raised=found.at,
        value=found.value,
        peak=None if found.peak is None else found.peak.value,
        unit=found.unit,
    )


def in_time_order(rows: ObservationBatch) -> ObservationBatch:
    """As if every row had come in time: when they really arrived is not kept."""
    order = np.argsort(rows.time, kind="stable")
    return ObservationBatch(
        source="replay",
        stream=rows.stream[order],
        time=rows.time[order],
        number=rows.number[order],
        quality=rows.quality[order],
        sequence=None if rows.sequence is None else rows.sequence[order],
    )


# ---- which rules are concerned -----------------------------------------------------------------------------


def conditions_of(rule: Rule) -> Iterator[Condition]:
    """All conditions of a rule, the inner ones too."""
    waiting = [one for one in (rule.when, rule.clear) if one is not None]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [*(one.all or ()), *(one.any or ())]


def parameters_of(rule: Rule) -> set[str]:
    """Qualified names of the parameters a rule compares with."""
    pack = rule.name.rpartition(".")[0]
    found: set[str] = set()
    for condition in conditions_of(rule):
        rise = condition.rises_faster_than
        levels = (
            condition.above,
            condition.below,
            condition.equals,
            *(condition.outside or ()),
            rise and rise.by,
        )
        found |= {level.parameter for level in levels if isinstance(level, Level) and level.parameter}
        found |= set(condition.formula.parameters.values()) if condition.formula else set()
    return {name if "." in name else f"{pack}.{name}" for name in found}


# ---- comparison --------------------------------------------------------------------------------------------


def compare(
    present: Iterable[Episode], changed: Iterable[Episode], real: Iterable[Warning], until: Instant
) -> list[Difference]:
    """Pairs episodes of the same rule and thing that overlap in time; each is in one difference only."""
    was, now = _by_place(present), _by_place(changed)
    stored: dict[tuple[str, int], list[Warning]] = {}
    for warning in real:
        stored.setdefault((warning.rule, warning.thing), []).append(warning)
    found: list[Difference] = []
    for place in sorted({*was, *now, *stored}):
        found += _paired(place, was.get(place, []), now.get(place, []), stored.get(place, []), until)
    return sorted(found, key=lambda one: (one.at, one.rule, one.thing))


def _by_place(episodes: Iterable[Episode]) -> dict[tuple[str, int], list[Episode]]:
    found: dict[tuple[str, int], list[Episode]] = {}
    for one in episodes:
        found.setdefault((one.rule, one.thing), []).append(one)
    return found


def _paired(
    place: tuple[str, int],
    present: list[Episode],
    changed: list[Episode],
    real: list[Warning],
    until: Instant,
) -> Iterator[Difference]:
    rule, thing = place
    left, warnings = list(changed), list(real)
    pairs: list[tuple[Episode | None, Episode | None, Literal["", "present", "changed"]]] = []
    for one in sorted(present, key=lambda each: each.raised):
        other = next((each for each in left if _overlap(one, each, until)), None)
        if other is not None:
            left.remove(other)
            pairs.append((one, other, ""))
        else:
            covering = next((each for each in changed if _overlap(one, each, until)), None)
            pairs.append((one, covering, "changed" if covering else ""))
    for other in left:
        covering = next((each for each in present if _overlap(each, other, until)), None)
        pairs.append((covering, other, "present" if covering else ""))
    for was, now, counted in pairs:
        taken = _taken(warnings, was, now, until)
        yield Difference(rule=rule, thing=thing, present=was, changed=now, real=taken, counted=counted)
    for warning in warnings:
        yield Difference(rule=rule, thing=thing, present=None, changed=None, real=(warning,))


def _taken(
    warnings: list[Warning], present: Episode | None, changed: Episode | None, until: Instant
) -> tuple[Warning, ...]:
    """The stored warnings of this time; they are taken out of the list."""
    own = tuple(
        one for one in warnings if any(each and _overlap(one, each, until) for each in (present, changed))
    )
    for one in own:
        warnings.remove(one)
    return own


def _overlap(one: Episode | Warning, other: Episode, until: Instant) -> bool:
    return one.raised <= (other.cleared or until) and other.raised <= (one.cleared or until)


class RuleChange(msgspec.Struct, kw_only=True):
    """What a change does to one rule."""

    rule: str
    present: int = 0
    changed: int = 0
    both: int = 0
    more: int = 0
    fewer: int = 0
    earlier: int = 0
    later: int = 0
    longer: int = 0
    shorter: int = 0
    real: int = 0
    unexplained: int = 0
    """Stored warnings that the present rules do not give either: other rules, parameters, or late rows."""
    vanished_false: int = 0
    """Stored warnings judged false alarms that the changed rules would not have raised."""
    vanished_confirmed: int = 0
    vanished_waiting: int = 0
    cases: tuple[int, ...] = ()
    """Cases of warnings that the changed rules would not have raised."""


def summed(differences: Iterable[Difference], rules: Iterable[str]) -> list[RuleChange]:
    """Per rule."""
    found = {name: RuleChange(rule=name) for name in rules}
    for one in differences:
        into = found.setdefault(one.rule, RuleChange(rule=one.rule))
        _count(into, one)
    return list(found.values())


def _count(into: RuleChange, one: Difference) -> None:
    into.present += one.present is not None and one.counted != "present"
    into.changed += one.changed is not None and one.counted != "changed"
    into.both += one.verdict == "both"
    into.more += one.verdict == "more"
    into.fewer += one.verdict == "fewer"
    into.earlier += (one.later or 0) < 0
    into.later += (one.later or 0) > 0
    into.longer += (one.longer or 0) > 0
    into.shorter += (one.longer or 0) < 0
    into.real += len(one.real)
    into.unexplained += len(one.real) if one.present is None else 0
    for warning in one.vanished:
        into.vanished_false += warning.state == "false_alarm"
        into.vanished_waiting += warning.state == "to_judge"
        into.vanished_confirmed += warning.state in ("confirmed", "joined")
    cases = {warning.case for warning in one.vanished if warning.case is not None}
    into.cases = tuple(sorted({*into.cases, *cases}))


def same_outcome(one: Difference) -> bool:
    """Nothing of it changes."""
    if one.present is None or one.changed is None or one.counted:
        return False
    return one.present.raised == one.changed.raised and one.present.cleared == one.changed.cleared
