"""What a replay of cases came to: in words, as a table of differences, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from hutong.app.replay_report import local_time
from hutong.app.replaying_cases import ReplayedCases
from hutong.engine.flow.replaying_cases import ASSUMPTIONS, Load, Rate
from hutong.kernel.base import Instant

COLUMNS = (
    "kind", "number", "what", "present", "changed", "present_late", "changed_late", "ended", "present_by", "changed_by",
)  # fmt: skip


def share(part: int, whole: int) -> str:
    """Of those that ran, how many in time."""
    return f"{100 * (whole - part) / whole:.2f} %" if whole else "–"


def summary(replay: ReplayedCases) -> Iterator[str]:
    """For people, line by line."""
    found, zone = replay.found, replay.zone
    yield f"{local_time(replay.since, zone)} – {local_time(replay.until, zone)}: {found.cases:,} 件案卷 cases"
    yield "按期率 on time: 现行 present → 变更后 changed"
    for rate in found.rates:
        yield f"  {_clock(replay, rate)}: {share(rate.was_late, rate.ran)} → {share(rate.late, rate.ran)} (n = {rate.ran:,})"
    yield f"改派 would have gone to another unit: {len(found.routes):,}"
    yield "部门负荷 load: 件数 cases / 工时 working hours / 人数 people / 平均等候 mean wait / 最长队列 queue / 忙时率 busy"
    before = {one.unit: one for one in found.present}
    after = {one.unit: one for one in found.changed}
    for unit in dict.fromkeys((*before, *after)):
        name = replay.units[unit]
        yield f"  {name.zh} {name.text('en')}: {_load(before.get(unit))} → {_load(after.get(unit))}"
    late = sum(one.was_late for one in found.queues)
    worse = len(found.queues) - late
    yield f"排队推演 by the queue: {late:,} 由超期变按期 late → on time, {worse:,} 由按期变超期 on time → late"
    yield "假设 assumptions:"
    for text in ASSUMPTIONS:
        yield f"  {text.zh} {text.text('en')}"


def _clock(replay: ReplayedCases, rate: Rate) -> str:
    label = replay.clocks.get(rate.clock)
    return f"{label.zh} {label.text('en')}" if label else rate.clock


def _load(load: Load | None) -> str:
    if load is None:
        return "–"
    return f"{load.cases:,} / {load.hours:,.1f} h / {load.people} / {load.wait:.1f} h / {load.queue} / {100 * load.busy:.0f} %"


def table(replay: ReplayedCases) -> list[list[str]]:
    """One line for each difference, under COLUMNS; times are local."""
    found, number = replay.found, replay.numbers

    def when(at: Instant | None) -> str:
        return local_time(at, replay.zone)

    rows = [
        ["clock", number[one.case], one.clock, when(one.was_due), when(one.due), _flag(one.was_late), _flag(not one.was_late),
         when(one.ended), one.was_by, one.by]
        for one in found.clocks
    ]  # fmt: skip
    rows += [
        ["unit", number[one.case], "organisation", replay.units[one.was].zh, replay.units[one.would].zh,
         "", "", "", "", one.basis.zh]
        for one in found.routes
    ]  # fmt: skip
    rows += [
        ["queue", number[one.case], replay.units[one.unit].zh, when(one.was_finished), when(one.finished), _flag(one.was_late),
         _flag(not one.was_late), "", "", when(one.due)]
        for one in found.queues
    ]  # fmt: skip
    return rows


def _flag(late: bool) -> str:
    return "1" if late else "0"


def document(replay: ReplayedCases) -> bytes:
    """All of it as JSON; times are local, as in the table."""
    found = replay.found

    def named(loads: list[Load]) -> list[dict[str, Any]]:
        return [
            msgspec.to_builtins(one) | {"name": msgspec.to_builtins(replay.units[one.unit])} for one in loads
        ]

    whole = {
        "since": local_time(replay.since, replay.zone),
        "until": local_time(replay.until, replay.zone),
        "zone": replay.zone,
        "cases": found.cases,
        "clocks": [msgspec.to_builtins(one) for one in found.rates],
        "present": named(found.present),
        "changed": named(found.changed),
        "differences": [dict(zip(COLUMNS, line, strict=True)) for line in table(replay)],
        "assumptions": [msgspec.to_builtins(one) for one in ASSUMPTIONS],
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=1)
