"""A small city for the tests of judge: pumps and gauges, rules, a judge, and what it finds in plain tuples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import msgspec
import numpy as np

from hutong.engine.judge import Found, Judge, compile_rules
from hutong.engine.observe import StreamTable, stream_table
from hutong.kernel.base import SECOND, Label
from hutong.kernel.case import Category
from hutong.kernel.changes import RuleMark
from hutong.kernel.definition.rule import Condition, Fold, Rule
from hutong.kernel.observation import Latest, ObservationBatch, Quality, batch
from hutong.kernel.thing import Datastream, SameTime, Thing

START = 1_784_000_000 * SECOND
GAUGE = "test.gauge"
LEVEL, FLOW = "test.level", "test.flow"
FIRST_STREAM = 1000

Row = tuple[int, float, float]
"""(stream number, second, value); level of gauge g is stream 2g, flow is 2g + 1."""


def at(second: float) -> int:
    return START + round(second * SECOND)


def gauges(number: int, **properties: float) -> dict[int, Thing]:
    return {
        g + 1: Thing(
            id=g + 1,
            type=GAUGE,
            code=f"G{g}",
            name=Label(f"水位计{g}", f"Gauge {g}"),
            properties={"crown": 5.0, **properties},
            links={"served_by": (900,)},
        )
        for g in range(number)
    }


def table(number: int, same_time: SameTime = "keep_all") -> StreamTable:
    return stream_table(
        Datastream(
            id=FIRST_STREAM + 2 * g + k,
            name="",
            thing=g + 1,
            sensor=1,
            observed_property=1,
            property_code=code,
            unit="m",
            same_time=same_time,
        )
        for g in range(number)
        for k, code in enumerate((LEVEL, FLOW))
    )


def rule(when: Condition, name: str = "test.rule", **more: Any) -> Rule:
    return Rule(
        name=name,
        label=Label("规则", "Rule"),
        type=GAUGE,
        property=LEVEL,
        when=when,
        colour="blue",
        says=Label("{thing}水位 {value} {unit}，高于 {level}", "{thing}: {value} {unit}, above {level}"),
        category=Category("other", "test"),
        fold=Fold(link="served_by", within="1 h"),
        **more,
    )


def judge(
    rules: Sequence[Rule],
    number: int = 3,
    parameters: Mapping[str, float] | None = None,
    functions: Mapping[str, Any] | None = None,
    same_time: SameTime = "keep_all",
    **properties: float,
) -> Judge:
    given = parameters or {"test.limit": 5.0}
    return compile_rules(
        rules, table(number, same_time), gauges(number, **properties), given, functions or {}
    )


def rows(feed: Sequence[Row], quality: Sequence[Quality] | None = None) -> ObservationBatch:
    columns = list(zip(*feed, strict=True)) if feed else [(), (), ()]
    made = batch(
        "test",
        np.array(columns[0], np.int64) + FIRST_STREAM,
        [at(s) for s in columns[1]],
        columns[2],
        None if quality is None else [int(q) for q in quality],
    )
    return msgspec.structs.replace(made, sequence=_sequence(made))


def _sequence(made: ObservationBatch) -> np.ndarray[Any, np.dtype[np.int64]]:
    """A row's own number, whenever it comes."""
    return (made.time - START) // (SECOND // 10) * 100 + made.number.astype(np.int64) % 100


def brief(found: Found) -> tuple[str, int, str, float, float]:
    """(rule, thing, raised or cleared, second, second it began)."""
    word = {"raise": "raised", "clear": "cleared", "revise": "revised", "withdraw": "withdrawn"}[found.kind]
    seconds = ((found.at - START) / SECOND, (found.began - START) / SECOND)
    return (found.plan.rule.name, found.thing, word, *seconds)


class Night:
    """Feeds a judge and keeps what it says and what would be stored."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.ids: Iterator[int] = count(1)
        self.found: list[Found] = []
        self.marks: dict[tuple[str, int], RuleMark] = {}
        self.fed: list[Row] = []
        self.beyond = self.unjudged = 0

    def feed(self, feed: Sequence[Row], quality: Sequence[Quality] | None = None) -> Night:
        self.fed.extend(feed)
        self._take(self.judge.run(rows(feed, quality), self.ids))
        return self

    def tick(self, second: float) -> Night:
        self._take(self.judge.tick(at(second), self.ids))
        return self

    def _take(self, judged: Any) -> None:
        self.found += sorted(judged.said, key=lambda found: found.at)
        self.beyond += judged.beyond
        self.unjudged += judged.unjudged
        for mark in judged.marks:
            if mark.empty:
                self.marks.pop((mark.rule, mark.thing), None)
            else:
                self.marks[mark.rule, mark.thing] = mark

    def restart(self, fresh: Judge) -> None:
        """What a new process does: marks, latest values and recent rows from the store."""
        fresh.load(self.marks.values())
        newest: dict[int, tuple[int, float]] = {}
        for stream, second, value in self.fed:
            if stream not in newest or at(second) >= newest[stream][0]:
                newest[stream] = (at(second), value)
        streams = sorted(newest)
        latest = Latest(
            np.array(streams, np.int64) + FIRST_STREAM,
            np.array([newest[s][0] for s in streams], np.int64),
            np.array([newest[s][1] for s in streams], float),
        )
        fresh.warm(latest, [rows(sorted(self.fed, key=lambda row: row[1]))] if self.fed else [])
        self.judge = fresh

    @property
    def standing(self) -> set[tuple[str, int, int, int, int | None]]:
        """(rule, thing, began, raised, cleared) of all warnings as they are in the end, but for those withdrawn."""
        found: dict[int, tuple[str, int, int, int, int | None]] = {}
        for one in self.found:
            rule, thing = one.plan.rule.name, one.thing
            match one.kind:
                case "raise" | "revise":
                    found[one.warning] = (rule, thing, one.began, one.at, one.cleared)
                case "clear":
                    found[one.warning] = (*found[one.warning][:4], one.at)
                case _:
                    del found[one.warning]
        return set(found.values())

    @property
    def said(self) -> list[tuple[str, int, str, float, float]]:
        return [brief(found) for found in self.found]


def said(found: Iterable[Found]) -> list[tuple[str, int, str, float, float]]:
    return [brief(each) for each in found]
