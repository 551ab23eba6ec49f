"""What a replay came to, as a table of differences and as JSON."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from hutong.app.replaying import Replay
from hutong.engine.flow.replaying import Difference
from hutong.kernel.base import SECOND, Instant, Label

COLUMNS = (
    "rule", "thing", "name_zh", "name_en", "verdict", "present_raised", "present_cleared", "changed_raised",
    "changed_cleared", "present_peak", "changed_peak", "unit", "really_raised", "judged", "cases",
)  # fmt: skip


def local_time(at: Instant | None, zone: str) -> str:
    """For people: local time to the second; empty if there is none."""
    if at is None:
        return ""
    return datetime.fromtimestamp(at // SECOND, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def table(replay: Replay) -> list[list[str]]:
    """One line for each difference, under COLUMNS; times are local."""
    return [_line(replay, one) for one in replay.differences]


def _line(replay: Replay, one: Difference) -> list[str]:
    zone, name = replay.zone, replay.names.get(one.thing, Label(f"#{one.thing}"))
    was, now = one.present, one.changed
    return [
        one.rule,
        str(one.thing),
        name.text("zh"),
        name.text("en"),
        one.verdict,
        local_time(was.raised if was else None, zone),
        local_time(was.cleared if was else None, zone),
        local_time(now.raised if now else None, zone),
        local_time(now.cleared if now else None, zone),
        "" if was is None or was.peak is None else f"{was.peak:g}",
        "" if now is None or now.peak is None else f"{now.peak:g}",
        now.unit if now else was.unit if was else "",
        " ".join(local_time(each.raised, zone) for each in one.real),
        " ".join(each.state for each in one.real),
        " ".join(replay.cases[each.case] for each in one.real if each.case in replay.cases),
    ]


def document(replay: Replay) -> bytes:
    """All of it as JSON; times are RFC 3339 in the city's zone, as in the table."""
    rows = [dict(zip(COLUMNS, line, strict=True)) for line in table(replay)]
    summary = [
        msgspec.to_builtins(one)
        | {"cases": [replay.cases[case] for case in one.cases if case in replay.cases]}
        for one in replay.summary
    ]
    whole = {
        "since": local_time(replay.since, replay.zone),
        "until": local_time(replay.until, replay.zone),
        "zone": replay.zone,
        "rows": replay.rows,
        "seconds": round(replay.seconds, 3),
        "rules": summary,
        "differences": rows,
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=1)
