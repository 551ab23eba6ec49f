"""What came of a night beside its cases: the calls about one failure, and the responses."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from hutong.app.city import RunningCity
from hutong.engine.directory import everything
from hutong.kernel.base import Label
from hutong.kernel.case import Case, Warning
from hutong.kernel.clock import moment
from hutong.kernel.plan import Calling, Response

SOURCE = "hotline"
ANSWERED = "answer_joined"


class Folded(msgspec.Struct, frozen=True, kw_only=True):
    """Alarms and calls about one failure. `main`: number of the case they folded into; `answered`: orders whose caller was
    told what became of it; `visited`: those called back afterwards."""

    main: str
    alarms: int
    calls: int
    joined: int
    answered: int
    visited: int
    streets: int

    def rows(self) -> list[tuple[Label, str]]:
        return [
            (Label("一台坏泵的报警", "alarms of one failed pump"), str(self.alarms)),
            (Label("同一原因的来电", "calls of the same cause"), f"{self.joined} / {self.calls}"),
            (Label("已逐一答复的来电", "callers answered, each"), str(self.answered)),
            (Label("已回访的来电", "callers called back"), str(self.visited)),
        ]


class Responded(msgspec.Struct, frozen=True, kw_only=True):
    """A response: its levels in turn, local times, and 叫应."""

    label: Label
    levels: tuple[int, ...]
    started: str
    ended: str
    called: int
    confirmed: int

    def rows(self) -> list[tuple[Label, str]]:
        levels = " → ".join(str(one) for one in self.levels)
        return [
            (Label("应急响应级别", "response levels"), levels),
            (Label("响应起止", "response from, to"), f"{self.started}–{self.ended or '…'}"),
            (Label("叫应（人次 / 确认）", "people called, confirmed"), f"{self.called} / {self.confirmed}"),
        ]


def folded(running: RunningCity, cases: list[Case], warnings: Iterable[Warning]) -> Folded | None:
    """The calls of the night and the failure they were about; None for a night without calls."""
    night = running.city.head.night
    if night is None or night.calls is None:
        return None
    listed = list(warnings)
    rule = night.calls.rule
    failed = min(
        (one for one in listed if one.rule == rule), key=lambda one: (one.raised, one.id), default=None
    )
    if failed is None or failed.case is None:
        return None
    by_id = {one.id: one for one in cases}
    orders = [one for one in cases if one.source == SOURCE]
    joined = [one for one in orders if _root(one, by_id).id == failed.case]
    did = {one.id: {deed.action for deed in one.deeds} for one in joined}
    return Folded(
        main=by_id[failed.case].number,
        alarms=sum(one.cause == failed.cause for one in listed),
        calls=len(orders),
        joined=len(joined),
        answered=sum(ANSWERED in did[one.id] and bool(one.facts.get("answer")) for one in joined),
        visited=sum(bool(one.facts.get("visited")) for one in joined),
        streets=len({one.position_text for one in joined if one.position_text}),
    )


def _root(case: Case, by_id: dict[int, Case]) -> Case:
    """The case it was joined to in the end."""
    while case.joined_to is not None:
        case = by_id[case.joined_to]
    return case


def responded(running: RunningCity) -> tuple[Responded, ...]:
    """The responses of the night in the order in which they were started."""
    zone = running.rulebook.zone
    with running.store.reader() as reader:
        responses = sorted(everything(reader, Response), key=lambda one: one.started)
        callings = everything(reader, Calling)
    found = []
    for one in responses:
        plan = running.rulebook.plans.get(one.plan)
        own = [calling for calling in callings if calling.response == one.id]
        found.append(
            Responded(
                label=plan.label if plan else Label(one.plan, one.plan),
                levels=tuple(change.level for change in one.changes),
                started=moment(one.started, zone).strftime("%H:%M"),
                ended=moment(one.ended, zone).strftime("%H:%M") if one.ended else "",
                called=len(own),
                confirmed=sum(calling.state == "confirmed" for calling in own),
            )
        )
    return tuple(found)
