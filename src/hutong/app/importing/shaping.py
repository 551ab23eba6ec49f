"""Blocks of rows as batches: names become datastreams, values their unit; what cannot be is told by row and column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hutong.app.importing.columns import Bools, Ints, coded, numbers, qualities, times
from hutong.app.importing.layout import Layout, StreamColumn
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.observation import ObservationBatch
from hutong.kernel.units import FloatArray, conversion

SOURCE = "import"


@dataclass(frozen=True)
class Target:
    """A datastream that rows may go to."""

    id: int
    thing: str
    property: str
    kind: str
    unit: str


@dataclass(frozen=True)
class Refused:
    """A cell that was not taken. `row` counts the file's rows of data from 1."""

    row: int
    column: str
    reason: str


@dataclass(eq=False)
class Block:
    """Rows ready to be kept; `rows` and `columns` say where each stood in the file."""

    batch: ObservationBatch
    rows: Ints
    columns: Sequence[str]
    refused: list[Refused] = field(default_factory=list)


class Targets:
    """Datastreams by id, and by code of the thing and property."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self.by_id = {one.id: one for one in targets}
        self._named: dict[tuple[str, str], list[Target]] = {}
        for one in targets:
            for name in {one.property, one.property.rpartition(".")[2]}:
                self._named.setdefault((one.thing, name), []).append(one)

    def named(self, thing: str, name: str) -> Target:
        found = self._named.get((thing, name), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise Invalid("property", f"{thing} has {len(found)} datastreams of {name}", "name one by its id")
        raise NotFound("thing", f"{thing!r} has no datastream of {name!r}", "make it first, or mend the name")

    def numbered(self, id: str | int) -> Target:
        found = self.by_id.get(int(id)) if str(id).isdigit() else None
        if found is None:
            raise NotFound(
                "datastream", f"there is no datastream {id}", "list them with /sta/v1.1/Datastreams"
            )
        return found


Convert = Callable[[FloatArray], FloatArray]


class Long:
    """A row is one value."""

    def __init__(self, layout: Layout, targets: Targets, zone: str, only: Target | None = None) -> None:
        self.layout, self.targets, self.zone, self.only = layout, targets, zone, only
        self._converts: dict[int, Convert | None] = {}

    def block(self, rows: Any, first: int) -> Block:
        layout = self.layout
        stream, reasons = self._streams(rows)
        time, untimed = times(rows.column(layout.time), self.zone, layout.time_format)
        number, wrong = numbers(rows.column(layout.value))
        quality = np.zeros(len(time), np.uint8)
        unknown = np.zeros(len(time), bool)
        if layout.quality:
            quality, unknown = qualities(rows.column(layout.quality))
        empty = np.isnan(number) & ~wrong
        texts = self._texts(rows.column(layout.value), stream)
        told = np.zeros(len(time), bool)
        told[list(texts)] = True
        wrong, empty = wrong & ~told, empty & ~told
        refused = [
            *_refuse(stream < 0, first, layout.datastream or layout.thing, lambda row: reasons[row]),
            *_refuse(untimed & (stream >= 0), first, layout.time, lambda row: "is no time"),
            *_refuse(wrong & (stream >= 0), first, layout.value, lambda row: "is no number"),
            *_refuse(empty & (stream >= 0), first, layout.value, lambda row: "is empty"),
            *_refuse(unknown & (stream >= 0), first, layout.quality, lambda row: "is no quality"),
        ]
        keep = np.flatnonzero((stream >= 0) & ~untimed & ~wrong & ~empty & ~unknown)
        self._convert(stream, number)
        place = {int(row): at for at, row in enumerate(keep)} if texts else {}
        batch = ObservationBatch(
            SOURCE, stream[keep], time[keep], number[keep], quality[keep],
            texts={place[row]: text for row, text in texts.items() if row in place},
        )  # fmt: skip
        return Block(batch, keep + first, [layout.value] * len(keep), _each_row_once(refused))

    def _streams(self, rows: Any) -> tuple[Ints, Callable[[int], str] | Any]:
        """Datastream ids (−1 where there is none), and why there is none."""
        layout = self.layout
        if self.only is not None:
            return np.full(rows.num_rows, self.only.id, np.int64), {}
        if layout.datastream:
            at, names = coded(rows.column(layout.datastream))
            found = [self._found(lambda name=name: self.targets.numbered(name)) for name in names]
        else:
            things, codes = coded(rows.column(layout.thing))
            kinds, properties = coded(rows.column(layout.property))
            pairs, at = np.unique(things * len(properties) + kinds, return_inverse=True)
            found = [
                self._found(
                    lambda pair=pair: self.targets.named(
                        codes[pair // len(properties)], properties[pair % len(properties)]
                    )
                )
                for pair in pairs.tolist()
            ]
        ids = np.array([one.id if isinstance(one, Target) else -1 for one in found], np.int64)
        reasons = ["" if isinstance(one, Target) else one for one in found]
        return ids[at], _Reasons(reasons, at)

    @staticmethod
    def _found(look: Callable[[], Target]) -> Target | str:
        try:
            return look()
        except (Invalid, NotFound) as error:
            return error.reason

    def _texts(self, column: Any, stream: Ints) -> dict[int, str]:
        """Values of datastreams whose results are text."""
        texts = [id for id in np.unique(stream).tolist() if id >= 0 and self.targets.by_id[id].kind == "text"]
        if not texts:
            return {}
        rows = np.flatnonzero(np.isin(stream, texts)).tolist()
        found = {row: column[row].as_py() for row in rows}
        return {row: str(value) for row, value in found.items() if value is not None}

    def _convert(self, stream: Ints, number: NDArray[np.float64]) -> None:
        """Numbers into the unit of their datastream, in place."""
        if not self.layout.units:
            return
        for id in np.unique(stream).tolist():
            if id not in self._converts:
                self._converts[id] = self._conversion(id)
            convert = self._converts[id]
            if convert is not None:
                rows = stream == id
                number[rows] = convert(number[rows])

    def _conversion(self, id: int) -> Convert | None:
        target = self.targets.by_id.get(id)
        unit = self.layout.units.get(target.property) if target else None
        return conversion(unit, target.unit) if unit and target else None


class _Reasons:
    """Why a row has no datastream."""

    def __init__(self, reasons: Sequence[str], at: Ints) -> None:
        self._reasons, self._at = reasons, at

    def __getitem__(self, row: int) -> str:
        return self._reasons[int(self._at[row])]


class Wide:
    """A row is one time; each column is a datastream. Empty cells are no values."""

    def __init__(self, layout: Layout, targets: Targets, zone: str) -> None:
        self.layout, self.zone = layout, zone
        found = {name: _target(targets, one) for name, one in layout.columns.items()}
        self._ids = {name: target.id for name, target in found.items()}
        self._converts: Mapping[str, Convert] = {
            name: conversion(one.unit, found[name].unit) for name, one in layout.columns.items() if one.unit
        }

    def block(self, rows: Any, first: int) -> Block:
        time, untimed = times(rows.column(self.layout.time), self.zone, self.layout.time_format)
        refused = _refuse(untimed, first, self.layout.time, lambda _: "is no time")
        names = list(self._ids)
        values = np.empty((len(time), len(names)))
        for at, name in enumerate(names):
            number, wrong = numbers(rows.column(name))
            refused += _refuse(wrong & ~untimed, first, name, lambda _: "is no number")
            values[:, at] = self._converts[name](number) if name in self._converts else number
        row, column = np.nonzero(~np.isnan(values) & ~untimed[:, None])
        batch = ObservationBatch(
            SOURCE,
            np.array(list(self._ids.values()), np.int64)[column],
            time[row],
            values[row, column],
            np.zeros(len(row), np.uint8),
        )
        return Block(batch, row + first, np.array(names, object)[column], refused)


def _target(targets: Targets, one: StreamColumn) -> Target:
    return targets.numbered(one.datastream) if one.datastream else targets.named(one.thing, one.property)


def _refuse(wrong: Bools, first: int, column: str, reason: Callable[[int], str]) -> list[Refused]:
    return [Refused(first + row, column, reason(row)) for row in np.flatnonzero(wrong).tolist()]


def _each_row_once(refused: list[Refused]) -> list[Refused]:
    """The first reason of each row, in the order of the file."""
    first = {one.row: one for one in reversed(refused)}
    return [first[row] for row in sorted(first)]
