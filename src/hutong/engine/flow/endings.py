"""What was remembered under rules, things or streams that are no more, or under another definition of a rule.

A warning that nobody judges any more ends, with its reason. A changed definition takes over open warnings and alone
decides when they clear; what merely began to hold begins anew. Both are journalled.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from hutong.engine.flow.watching import Watching
from hutong.kernel.base import Instant
from hutong.kernel.case import Ended, Warning
from hutong.kernel.changes import Changes, Record, RuleMark
from hutong.kernel.ports import Reader
from hutong.kernel.thing import Thing


def endings(reader: Reader, watching: Watching, now: Instant) -> Changes | None:
    """The command that settles what a new judge could not take over; None if there is nothing."""
    taken = watching.taken
    if not taken.left and not taken.changed:
        return None
    warnings, records = _ended(reader, watching, taken.left, now)
    records += _carried(watching, taken.changed, now)
    emptied = tuple(RuleMark(mark.rule, mark.thing) for mark in taken.left)
    return Changes(
        lane=watching.lane,
        puts=tuple(warnings),
        records=tuple(records),
        marks=(*emptied, *watching.judge.marks_of(taken.changed)),
        state_version=watching.state_version,
    )


def _ended(
    reader: Reader, watching: Watching, left: Sequence[RuleMark], now: Instant
) -> tuple[list[Warning], list[Record]]:
    things = reader.many(Thing, sorted({mark.thing for mark in left}))
    stored = reader.many(Warning, [mark.warning for mark in left if mark.warning is not None])
    warnings: list[Warning] = []
    records: list[Record] = []
    for mark in left:
        before = stored.get(mark.warning or 0)
        if before is None or before.cleared is not None:
            continue
        reason = _reason(mark, watching, things.get(mark.thing))
        warnings.append(replace(before, cleared=max(now, before.raised), ended=reason))
        records.append(
            Record(
                kind="warning.end",
                actor=0,
                at=now,
                subjects=(("warning", before.id),),
                facts={"ended": reason, "rule": mark.rule, "thing": mark.thing},
                cause=before.cause,
            )
        )
    return warnings, records


def _reason(mark: RuleMark, watching: Watching, thing: Thing | None) -> Ended:
    if mark.rule not in watching.rulebook.rules:
        return "rule_removed"
    if thing is None or thing.retired is not None:
        return "thing_retired"
    return "stream_gone"


def _carried(watching: Watching, changed: Sequence[RuleMark], now: Instant) -> list[Record]:
    """One record per rule whose definition changed."""
    found = []
    for rule in sorted({mark.rule for mark in changed}):
        own = [mark for mark in changed if mark.rule == rule]
        facts = {
            "rule": rule,
            "from": sorted({str(mark.memory.get("version", "")) for mark in own}),
            "to": watching.rulebook.rule_digests.get(watching.rulebook.rules[rule].edition, ""),
            "carried": sum(mark.warning is not None for mark in own),
            "dropped": sum(mark.warning is None for mark in own),
        }
        found.append(Record(kind="rule.change", actor=0, at=now, facts=facts))
    return found
