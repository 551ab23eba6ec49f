"""Rows of `retention` in city.yaml: what they name exists, and no datastream is kept for less than any row's minimum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence

from hutong.kernel.definition.retention import Observed, RetentionRow, binding, governing, key_of
from hutong.loader.checks.known import Known
from hutong.loader.city_source import CitySource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_

CITY = "city.yaml"
Points = Callable[[str, Path_, str, Collection[str], str], Iterator[Problem]]
"""Tells a name that is none of those there are."""


def retention_problems(source: CitySource, known: Known, points: Points) -> Iterator[Problem]:
    rows = source.head.retention if source.head else ()
    counted = Counter(key_of(row) for row in rows)
    for index, row in enumerate(rows):
        path: Path_ = ("retention", index)
        yield from points(CITY, (*path, "property"), row.property, {"*", *known.properties}, "property")
        yield from points(CITY, (*path, "type"), row.type, known.types, "type") if row.type else ()
        yield from _row(source, path, row)
        if counted[key_of(row)] > 1:
            reason = "another row is about the same property, type and class"
            yield source.problem(CITY, (*path, "property"), reason, "keep one of them")
    yield from _too_short(source, known, rows)


def _row(source: CitySource, path: Path_, row: RetentionRow) -> Iterator[Problem]:
    def problem(key: str, reason: str, remedy: str) -> Problem:
        return source.problem(CITY, (*path, key), reason, remedy)

    if row.rows_days < 1:
        yield problem("rows_days", f"{row.rows_days} days are fewer than 1", "keep them longer")
    if row.rollups_days is not None and row.rollups_days < row.rows_days:
        reason = "hourly values would go before the rows they are of"
        yield problem("rollups_days", reason, "keep them at least as long")
    if not row.source.strip():
        yield problem("source", "is empty", "name the rule, or `city rule`")


def _too_short(source: CitySource, known: Known, rows: Sequence[RetentionRow]) -> Iterator[Problem]:
    """A wish that is shorter than a minimum which binds the same datastreams, told once a row."""
    told: set[str] = set()
    for observed in _observed(known, rows):
        row, least = governing(rows, observed), binding(rows, observed)
        if row is None or least is None or row.rows_days >= least.least_days or key_of(row) in told:
            continue
        told.add(key_of(row))
        other = row is not least and observed.property
        what = f" of {observed.property} at {observed.type}" if other else ""
        reason = f"{row.rows_days} days are fewer than the least{what}, {least.least_days} by {least.source}"
        remedy = f"keep them for {least.least_days} days or longer"
        yield source.problem(CITY, ("retention", rows.index(row), "rows_days"), reason, remedy)


def _observed(known: Known, rows: Sequence[RetentionRow]) -> Iterator[Observed]:
    """Every kind of datastream that packs define, and those that only a row speaks of."""
    for one in known.properties.values():
        for type_ in one.of:
            yield Observed(one.name, type_, one.data_class)
    for row in rows:
        if row.property not in known.properties:
            yield Observed("", row.type or "", row.data_class or Observed("", "").data_class)
