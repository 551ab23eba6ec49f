"""`hutong replay rules`: changed rules over a city's stored history, beside whoever serves it. Nothing is written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hutong.app.beside import beside
from hutong.app.city import functions_of
from hutong.engine.directory import everything
from hutong.engine.flow.replaying import (
    Difference,
    Player,
    RuleChange,
    compare,
    conditions_of,
    in_time_order,
    parameters_of,
    summed,
)
from hutong.engine.judge import Judge, compile_rules
from hutong.engine.observe import StreamTable, stream_table
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import DAY, HOUR, MINUTE, Instant, Label
from hutong.kernel.case import Case, Warning
from hutong.kernel.clock import instant
from hutong.kernel.definition.rule import Rule
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.observation import ObservationBatch
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Field, In, Value, both
from hutong.kernel.spans import span
from hutong.kernel.thing import Datastream, Thing
from hutong.loader.changed_rules import ChangedRules, read_changed
from hutong.loader.city import load_city

Tell = Callable[[Label, float], None]
SLICE_ROWS = 500_000
"""About as many rows are in memory at once."""
FIRST_SLICE = HOUR
LONGEST_SLICE = 7 * DAY
LEAST_WARMUP = DAY
"""Rules begin so much before the period, so that what already held then is known."""
PAGE = 5000
SINCE = "days, hours or minutes before the end (`7 d`), or a local time (2026-07-18 19:00)"


@dataclass(eq=False)
class Replay:
    """What came of it. `rows`: observations judged, by each set of rules; `seconds`: how long reading and judging took."""

    since: Instant
    until: Instant
    rules: tuple[str, ...]
    differences: list[Difference]
    summary: list[RuleChange]
    names: dict[int, Label]
    cases: dict[int, str]
    labels: dict[str, Label]
    rows: int
    seconds: float
    zone: str = field(default="Asia/Shanghai")

    @property
    def speed(self) -> float:
        return self.rows / self.seconds if self.seconds else 0.0


def replay_rules(
    folder: Path,
    changed: Path,
    since: str,
    until: str | None,
    tell: Tell,
    *,
    database: str | None = None,
    packs: tuple[Path, ...] = (),
) -> Replay:
    """Present and changed rules over the same rows. Times as SINCE says; `until`: the newest row, if not given."""
    city, sources = load_city(folder, packs)
    with beside(folder, database) as store, store.reader() as reader:
        book = Rulebook(city, functions_of(sources), reader.definition)
        return replay_over(book, reader, changed, since, until, tell)


def replay_over(
    book: Rulebook, reader: Reader, changed: Path, since: str, until: str | None, tell: Tell
) -> Replay:
    """The same with a city that is open already."""
    packs = book.city.packs
    parameters = [one.name for pack in packs for one in pack.parameters]
    rules = list(dict.fromkeys(one.name for pack in packs for one in pack.rules))
    given = read_changed(changed, rules, parameters, book.types)
    return _Run(book, reader, given).over(since, until, tell)


class _Run:
    def __init__(self, book: Rulebook, reader: Reader, changed: ChangedRules) -> None:
        self.book, self.reader, self.changed = book, reader, changed
        self.table: StreamTable = stream_table(everything(reader, Datastream), book.properties)
        self.things = {one.id: one for one in everything(reader, Thing) if one.retired is None}
        present = [one for pack in book.city.packs for one in pack.rules]
        touched = {one.name for one in changed.rules} | set(changed.without)
        touched |= {one.name for one in present if parameters_of(one) & set(changed.parameters)}
        if not touched:
            raise Invalid(
                "with", "no rule of the city uses what is changed", "change a rule or a parameter of one"
            )
        self.present = [one for one in present if one.name in touched]
        replaced = {one.name for one in changed.rules} | set(changed.without)
        self.next = [*changed.rules, *(one for one in self.present if one.name not in replaced)]
        self.names = tuple(sorted(touched))
        self._check()

    def _check(self) -> None:
        for rule in self.changed.rules:
            for one in (rule.property, *(each.property for each in conditions_of(rule) if each.property)):
                if one not in self.book.properties:
                    raise Invalid(
                        f"rule {rule.name}", f"there is no observed property {one}", "name one of the packs'"
                    )

    def over(self, since: str, until: str | None, tell: Tell) -> Replay:
        now = self._newest()
        end = self._instant(until, now + 1, "until") if until else now + 1
        start = self._instant(since, end, "since")
        if start >= end:
            raise Invalid("since", "is not before the end of the replay", "give an earlier time")
        players = [
            Player(self._judge(rules, end, changed))
            for rules, changed in ((self.present, False), (self.next, True))
        ]
        streams = self._streams([one.judge for one in players])
        begin = start - max(LEAST_WARMUP, *(_warmup(rule) for rule in (*self.present, *self.next)))
        begun, rows = time.perf_counter(), 0
        for batch, at in self._slices(streams, begin, end):
            rows += len(batch)
            for player in players:
                player.play(batch, at)
            tell(Label(f"{rows:,} 行", f"{rows:,} rows"), (at - begin) / (end - begin))
        seconds = time.perf_counter() - begun
        real = self._real(start, end)
        found = compare(players[0].episodes(start), players[1].episodes(start), real, end)
        return self._told(start, end, found, rows, seconds)

    def _told(
        self, start: Instant, end: Instant, found: list[Difference], rows: int, seconds: float
    ) -> Replay:
        cases = sorted({one.case for each in found for one in each.real if one.case is not None})
        numbers = {id: one.number for id, one in self.reader.many(Case, cases).items()}
        labels = {one.name: one.label for one in (*self.present, *self.next)}
        return Replay(
            since=start,
            until=end,
            rules=self.names,
            differences=found,
            summary=summed(found, self.names),
            names={one.thing: self.things[one.thing].name for one in found if one.thing in self.things},
            cases=numbers,
            labels=labels,
            rows=rows,
            seconds=seconds,
            zone=self.book.city.head.zone,
        )

    def _judge(self, rules: list[Rule], at: Instant, changed: bool) -> Judge:
        parameters = self.book.parameters(at) | (self.changed.parameters if changed else {})
        return compile_rules(
            rules, self.table, self.things, parameters, self.book.functions, zone=self.book.zone
        )

    def _streams(self, judges: list[Judge]) -> NDArray[np.int64]:
        found = np.union1d(*(judge.warmup_needs()[0] for judge in judges))
        if not len(found):
            raise NotFound(
                "rules", "nothing of the city has the streams these rules watch", "look at their types"
            )
        return found

    def _slices(
        self, streams: NDArray[np.int64], begin: Instant, end: Instant
    ) -> Iterator[tuple[ObservationBatch, Instant]]:
        """Rows of all streams in time order, slice by slice, and the end of each."""
        at, width = begin, FIRST_SLICE
        while at < end:
            upto = min(end, at + width)
            rows = self.reader.scan(streams, at, upto)
            yield in_time_order(rows), upto
            share = SLICE_ROWS / max(len(rows), 1)
            width = int(min(max(width * min(share, 4), MINUTE), LONGEST_SLICE))
            at = upto

    def _real(self, start: Instant, end: Instant) -> list[Warning]:
        at = Field(("raised",))
        where = both(
            In(Field(("rule",)), self.names), Compare("ge", at, Value(start)), Compare("lt", at, Value(end))
        )
        found: list[Warning] = []
        after: str | None = None
        while True:
            page = self.reader.find(Warning, where, limit=PAGE, after=after)
            found += page.rows
            after = page.after
            if after is None:
                return found

    def _newest(self) -> Instant:
        latest = self.reader.latest(self.table.id)
        if not len(latest.time):
            raise NotFound("history", "the city has no observations", "import some or run it for a while")
        return int(latest.time.max())

    def _instant(self, text: str, end: Instant, field: str) -> Instant:
        try:
            at = datetime.fromisoformat(text.strip())
        except ValueError:
            try:
                return end - span(text, field)
            except Invalid as wrong:
                raise Invalid(field, f"{text!r} is no time", f"give {SINCE}") from wrong
        return instant(at if at.tzinfo else at.replace(tzinfo=self.book.zone))


def _warmup(rule: Rule) -> int:
    """As long as a rule may look back, twice."""
    spans = [rule.late, *(one for one in (rule.hold, rule.clear_for) if not one.endswith("rows"))]
    for one in conditions_of(rule):
        spans += [one.missing_for] if one.missing_for else []
        spans += [one.rises_faster_than.within] if one.rises_faster_than else []
        spans += [one.unusual.learn] if one.unusual else []
    return 2 * sum(span(one, f"rule {rule.name}") for one in spans)
