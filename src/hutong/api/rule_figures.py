"""GET /rules/figures: how often rules raised false alarms, and the warnings behind each number."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from litestar import Router, get
from litestar.params import FromPath, FromQuery, QueryParameter

from hutong.api.access import access
from hutong.api.house import House
from hutong.api.requests import InState, Limit, QueryId, TheActor, TheHouse
from hutong.api.rules import every_rule, known_rule
from hutong.api.shapes import PlaceName, instant_of, place_name, time_of
from hutong.api.things_by_type import every
from hutong.api.warning_rows import warning_rows
from hutong.api.warnings import MOST, NEWEST, WarningList
from hutong.engine.flow.rule_figures import DEFINITION, Tally, kept_tallies, row_tallies, total
from hutong.kernel.access import Actor, predicate
from hutong.kernel.base import DAY, Instant, Label
from hutong.kernel.case import Warning
from hutong.kernel.clock import instant
from hutong.kernel.definition.indicator import FALSE_ALARM_RATE
from hutong.kernel.errors import Invalid
from hutong.kernel.query import EVERYTHING, Compare, Expr, Field, In, InScope, Value, both, equals

Step = Literal["hour", "day", "week"]
STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
MOST_STEPS = 800
MOST_ROWS = 50_000
"""Warnings read one by one, where no counter answers: for those who see a part of the city, and by place."""

Since = Annotated[
    str | None, QueryParameter(name="since", description="Raised from then on (default: 30 days ago).")
]
Until = Annotated[str | None, QueryParameter(name="until", description="Raised before then (default: now).")]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """Warnings raised in a period by what became of them. `rate` 0 to 1 with its 95 % interval (Wilson); None while none is
    judged."""

    raised: int
    waiting: int
    confirmed: int
    false_alarm: int
    joined: int
    other: int
    judged: int
    rate: float | None
    low: float | None
    high: float | None


class RuleFigure(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's figure, that of the period of the same length before, and one for each step. `gone`: no pack has the rule any
    more.

    `rows` is where the warnings behind the figure are listed; add `&state=false_alarm` for the false alarms alone.
    """

    rule: str
    label: Label
    gone: bool
    total: Figure
    before: Figure
    raised: list[int]
    judged: list[int]
    false_alarm: list[int]
    target: float | None
    rows: str


class IndicatorFigure(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator of a pack whose formula is `false_alarm_rate`: over all its rules. `value`, `low`, `high`, `target` in
    its unit."""

    name: str
    label: Label
    unit: str
    target: float | None
    value: float | None
    low: float | None
    high: float | None
    rules: list[str]
    source: str


class RuleFigures(msgspec.Struct, frozen=True, kw_only=True):
    """`starts`: begins of the steps. `complete` is false if more warnings than can be read fall into the period."""

    since: str
    until: str
    step: str
    starts: list[str]
    definition: Label
    complete: bool
    total: Figure
    rows: list[RuleFigure]
    indicators: list[IndicatorFigure]


class PlaceFigure(msgspec.Struct, frozen=True):
    place: PlaceName | None
    figure: Figure


class PlaceFigures(msgspec.Struct, frozen=True):
    """Places with the most false alarms first."""

    rows: list[PlaceFigure]
    complete: bool


class _Period(msgspec.Struct, frozen=True):
    since: Instant
    until: Instant
    starts: list[Instant]

    @property
    def before(self) -> _Period:
        start = self.since - (self.until - self.since)
        return _Period(start, self.since, [start])


Tallies = dict[str, dict[Instant, Tally]]


@get(
    "/rules/figures", guards=[access("read", "warning")], sync_to_thread=True, summary="False alarms of rules"
)
def figures(
    house: TheHouse, actor: TheActor, since: Since = None, until: Until = None, step: FromQuery[Step] = "day"
) -> RuleFigures:
    """From kept counters, so that it costs the same with ten or ten million warnings; who may read a part of the city only
    gets figures of that part. The period begins with a whole step of local time."""
    period = _period(house, since, until, step)
    allowed = predicate(actor, "read", "warning")
    key = ("rule figures", repr(allowed), period.since, period.until // 1_000_000, step)
    return house.cached(key, 2, lambda: _figures(house, allowed, period, step))


def _period(house: House, since: str | None, until: str | None, step: Step) -> _Period:
    last = instant_of(until, "until") or house.now() + 1
    first = instant_of(since, "since")
    first = last - 30 * DAY if first is None else first
    zone = house.rulebook.zone
    at = datetime.fromtimestamp(first / 1e6, zone).replace(minute=0, second=0, microsecond=0)
    if step != "hour":
        at = at.replace(hour=0)
    if step == "week":
        at -= timedelta(days=at.weekday())
    starts: list[Instant] = []
    while instant(at) < last:
        starts.append(instant(at))
        if len(starts) > MOST_STEPS:
            raise Invalid(
                "step",
                f"the period has more than {MOST_STEPS} of it",
                "give a shorter period or a longer step",
            )
        at += STEPS[step]
    if not starts:
        raise Invalid("since", "is not before `until`", "give a period")
    return _Period(starts[0], last, starts)


def _figures(house: House, allowed: Expr, period: _Period, step: Step) -> RuleFigures:
    found, complete = _tallies(house, allowed, period)
    earlier, _ = _tallies(house, allowed, period.before)
    labels = {versions[0].name: versions[-1].label for _, versions in every_rule(house)}
    targets = _targets(house)
    names = [*labels, *sorted(set(found) - set(labels))]
    return RuleFigures(
        since=time_of(period.since) or "",
        until=time_of(period.until) or "",
        step=step,
        starts=[time_of(at) or "" for at in period.starts],
        definition=DEFINITION,
        complete=complete,
        total=figure(total(one for own in found.values() for one in own.values())),
        rows=[
            RuleFigure(
                rule=name,
                label=labels.get(name, Label(name)),
                gone=name not in labels,
                total=figure(total(found.get(name, {}).values())),
                before=figure(total(earlier.get(name, {}).values())),
                target=targets.get(name),
                rows=_link(name, period),
                **_columns(found.get(name, {}), period),
            )
            for name in names
        ],
        indicators=_indicators(house, found),
    )


def _columns(own: dict[Instant, Tally], period: _Period) -> dict[str, list[int]]:
    tallies = [own.get(at, Tally()) for at in period.starts]
    return {
        "raised": [one.raised for one in tallies],
        "judged": [one.judged for one in tallies],
        "false_alarm": [one.false_alarm for one in tallies],
    }


def _link(rule: str, period: _Period) -> str:
    return f"/api/v1/rules/{rule}/warnings?since={time_of(period.since)}&until={time_of(period.until)}"


def _tallies(house: House, allowed: Expr, period: _Period) -> tuple[Tallies, bool]:
    with house.store.reader() as reader:
        if allowed == EVERYTHING:
            return kept_tallies(reader, period.starts, period.until), True
        where = both(allowed, _raised(period.since, period.until))
        rows = [(one.raised, one.rule, one.state) for one in every(reader, Warning, where, MOST_ROWS)]
    return row_tallies(rows, period.starts, period.until), len(rows) < MOST_ROWS


def _raised(since: Instant | None, until: Instant | None) -> Expr:
    at = Field(("raised",))
    return both(
        None if since is None else Compare("ge", at, Value(since)),
        None if until is None else Compare("lt", at, Value(until)),
    )


def figure(tally: Tally) -> Figure:
    low, high = tally.interval or (None, None)
    return Figure(
        raised=tally.raised,
        waiting=tally.waiting,
        confirmed=tally.confirmed,
        false_alarm=tally.false_alarm,
        joined=tally.joined,
        other=tally.other,
        judged=tally.judged,
        rate=tally.rate,
        low=low,
        high=high,
    )


# ---- indicators of packs -----------------------------------------------------------------------------------


def _targets(house: House) -> dict[str, float]:
    """Rule → the target of the indicator that counts it."""
    return {
        rule: one.target
        for pack in house.rulebook.city.packs
        for one in pack.indicators
        if one.formula == FALSE_ALARM_RATE and one.target is not None
        for rule in one.arguments.get("rules", ())
    }


def _indicators(house: House, found: Tallies) -> list[IndicatorFigure]:
    rows = []
    for pack in house.rulebook.city.packs:
        for one in pack.indicators:
            if one.formula != FALSE_ALARM_RATE:
                continue
            rules = list(one.arguments.get("rules") or [rule.name for rule in pack.rules])
            together = total(tally for rule in rules for tally in found.get(rule, {}).values())
            low, high = together.interval or (None, None)
            factor = 100 if one.unit == "%" else 1
            rows.append(
                IndicatorFigure(
                    name=one.name,
                    label=one.label,
                    unit=one.unit,
                    target=one.target,
                    value=_times(together.rate, factor),
                    low=_times(low, factor),
                    high=_times(high, factor),
                    rules=rules,
                    source=one.source,
                )
            )
    return rows


def _times(value: float | None, factor: int) -> float | None:
    return None if value is None else value * factor


# ---- the rows behind ---------------------------------------------------------------------------------------


@get(
    "/rules/{name:str}/warnings",
    guards=[access("read", "warning")],
    sync_to_thread=True,
    summary="Warnings of a rule",
)
def behind(
    house: TheHouse,
    actor: TheActor,
    name: FromPath[str],
    since: Since = None,
    until: Until = None,
    states: InState = None,
    place: QueryId = None,
    after: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> WarningList:
    """The rows that a figure counts: raised in the period, newest first."""
    where = both(_of_rule(actor, name, since, until, place), _in_states(states))
    with house.store.reader() as reader:
        page = reader.find(Warning, where, order=NEWEST, limit=min(limit, MOST), after=after)
        return WarningList(warning_rows(house, reader, page.rows), page.after)


@get(
    "/rules/{name:str}/places",
    guards=[access("read", "warning")],
    sync_to_thread=True,
    summary="Figures of a rule by place",
)
def by_place(
    house: TheHouse, actor: TheActor, name: FromPath[str], since: Since = None, until: Until = None
) -> PlaceFigures:
    """Reads the warnings of the period, 50,000 at most."""
    known_rule(house, name)
    with house.store.reader() as reader:
        rows = list(every(reader, Warning, _of_rule(actor, name, since, until, None), MOST_ROWS))
    found: dict[int | None, Tally] = defaultdict(Tally)
    for one in rows:
        found[one.place] = found[one.place].plus(one.state, 1)
    ordered = sorted(found.items(), key=lambda one: (-one[1].false_alarm, -one[1].raised))
    listed = [PlaceFigure(place_name(house.directory, id), figure(tally)) for id, tally in ordered]
    return PlaceFigures(listed, len(rows) < MOST_ROWS)


def _of_rule(actor: Actor, name: str, since: str | None, until: str | None, place: int | None) -> Expr:
    return both(
        predicate(actor, "read", "warning"),
        equals("rule", name),
        _raised(instant_of(since, "since"), instant_of(until, "until")),
        None if place is None else InScope((place,)),
    )


def _in_states(text: str | None) -> Expr | None:
    states = tuple(part for part in (text or "").split(",") if part)
    return In(Field(("state",)), states) if states else None


router = Router("/", route_handlers=[figures, behind, by_place], tags=["rules"])
