"""Who is responsible: category × place → unit (权责清单).

部件先属主后属地, 事件先属地后属主: one city's rule [L], a setting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from hutong.engine.handle.setting import Found
from hutong.kernel.base import Instant, Label
from hutong.kernel.case import Category
from hutong.kernel.definition.pack import ResponsibilityRow
from hutong.kernel.party import Responsibility

COMPONENT_MAJORS = ("01", "02", "03", "04", "05")
"""大类 of GB/T 47678.5-2026 whose matters are states of components (…异常)."""


def owner_first(category: Category) -> bool:
    """Components and the matters that are their defects belong to their owner first."""
    return category.kind == "component" or (
        category.kind == "matter" and category.code.startswith(COMPONENT_MAJORS)
    )


def find_unit(
    rows: Iterable[ResponsibilityRow],
    category: Category,
    places: Sequence[str],
    owner: str | None = None,
    *,
    by_owner: bool | None = None,
    first: Iterable[ResponsibilityRow] = (),
) -> Found | None:
    """The unit for a category at a place; None if no row fits and nothing owns the thing.

    `places`: codes of the place and those around it, nearest first. `owner`: code of the organisation that owns the thing,
    if known. `first`: rows that come before `rows` (those of the store). `by_owner` overrides the order (None:
    `owner_first`). Of the rows, the longest code wins, then the nearest place; `*` fits everywhere and is furthest.
    """
    owner_comes_first = owner_first(category) if by_owner is None else by_owner
    owned = None if owner is None else Found(owner, None, _OWNER)
    if owned is not None and owner_comes_first:
        return owned
    row = _best_row(first, category, places) or _best_row(rows, category, places)
    return owned if row is None else Found(row.organisation, row, _basis(row))


_OWNER = Label("部件先属主后属地：权属单位", "the unit that owns the component comes first")


def _best_row(
    rows: Iterable[ResponsibilityRow], category: Category, places: Sequence[str]
) -> ResponsibilityRow | None:
    distance = {place: near for near, place in reversed(list(enumerate(places)))}
    distance["*"] = len(places)
    fitting = [
        row
        for row in rows
        if row.kind in (category.kind, "*") and category.code.startswith(row.code) and row.place in distance
    ]
    return min(fitting, key=lambda row: (-len(row.code), distance[row.place], row.kind == "*"), default=None)


def _basis(row: ResponsibilityRow) -> Label:
    where_zh = "全市" if row.place == "*" else row.place
    where_en = "the whole city" if row.place == "*" else row.place
    clause = row.basis or "—"
    code = row.code or "*"
    return Label(
        f"权责清单：{row.kind} {code} × {where_zh}（{clause}）",
        f"list of responsibilities: {row.kind} {code} in {where_en} ({clause})",
    )


class Duties:
    """The 权责清单 as stored, by kind and code, so that a look-up reads the few rows that may fit."""

    def __init__(self, rows: Iterable[Responsibility], unit_code: Callable[[int], str]) -> None:
        self._rows: dict[tuple[str, str], list[tuple[Responsibility, ResponsibilityRow]]] = {}
        for row in sorted(rows, key=lambda one: (-one.since, -one.id)):
            made = ResponsibilityRow(
                kind=row.kind,
                code=row.code,
                place=row.area,
                organisation=unit_code(row.organisation),
                basis=row.basis,
            )
            self._rows.setdefault((row.kind, row.code), []).append((row, made))

    @property
    def listed(self) -> bool:
        """Whether the store keeps a list; if not, the city's file is the list."""
        return bool(self._rows)

    def of(self, category: Category, at: Instant, *, decided: bool = False) -> list[ResponsibilityRow]:
        """Rows in force whose code the category's begins with, newest first; `decided`: only those a 会商 made."""
        codes = [category.code[:length] for length in range(len(category.code) + 1)]
        return [
            made
            for kind in (category.kind, "*")
            for code in codes
            for row, made in self._rows.get((kind, code), ())
            if row.since <= at
            and (row.until is None or at < row.until)
            and (row.case is not None or not decided)
        ]


def responsible_unit(
    duties: Duties,
    rows: Iterable[ResponsibilityRow],
    category: Category,
    places: Sequence[str],
    owner: str | None,
    at: Instant,
) -> Found | None:
    """The unit by the list as it stands: what a 会商 decided comes before everything, rows of the store before `rows`."""
    decided = find_unit(duties.of(category, at, decided=True), category, places)
    return decided or find_unit(rows, category, places, owner, first=duties.of(category, at))
