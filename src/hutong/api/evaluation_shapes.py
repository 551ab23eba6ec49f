"""Sheets of evaluation as the console and other programs read them: every number with its definition."""

from __future__ import annotations

import msgspec

from hutong.api.house import House
from hutong.engine.flow.measuring import Line, Sheet, values_of
from hutong.kernel.base import Label
from hutong.kernel.clock import local_date
from hutong.kernel.definition.indicator import AMOUNT, RATE, IndicatorDefinition
from hutong.kernel.definition.thing import Parameter


class CountShape(msgspec.Struct, frozen=True):
    """Something counted; its cases can be listed."""

    name: str
    label: Label


class Setting(msgspec.Struct, frozen=True):
    """A weight, step or lowest value that the city may set. `confirmed`: not 待核实."""

    name: str
    label: Label
    value: float
    source: str
    confidence: str
    confirmed: bool


class PartShape(msgspec.Struct, frozen=True):
    """A part of a score; the value is null where there is nothing to judge by."""

    name: str
    label: Label
    value: float | None
    weight: float


class FigureShape(msgspec.Struct, frozen=True):
    """The value of an indicator (null: its denominator is zero)."""

    value: float | None
    grade: str
    parts: list[PartShape]


class IndicatorShape(msgspec.Struct, frozen=True, kw_only=True):
    """What an indicator is, in words: `definition` names what is divided by what."""

    name: str
    label: Label
    unit: str
    decimals: int
    better: str
    target: float | None
    definition: Label
    source: str
    confidence: str
    confirmed: bool
    graded: bool
    counts: list[str]
    settings: list[Setting]


class SheetShape(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    object: str
    role: str
    label: Label
    pack: Label
    indicators: list[IndicatorShape]
    counts: list[CountShape]


class LineShape(msgspec.Struct, frozen=True, kw_only=True):
    """A row. `within`: the unit of an account, or the place around a place."""

    id: int
    name: Label
    within: Label
    simulated: bool
    counts: dict[str, float]
    figures: dict[str, FigureShape]
    excused: int


OBJECTS = {
    "organisation": Label("部门", "Units"),
    "area": Label("区域", "Areas"),
    "value": Label("分类", "Kinds"),
    "city": Label("全市", "City"),
}


def sheet_shape(house: House, sheet: Sheet) -> SheetShape:
    head = next(pack.head for pack in house.rulebook.city.packs if pack.head.name == sheet.pack)
    role = house.rulebook.roles.get(sheet.role)
    return SheetShape(
        key=sheet.key,
        object=sheet.object,
        role=sheet.role,
        label=role.label if role else OBJECTS[sheet.object],
        pack=head.label,
        indicators=[_indicator(house, sheet, one) for one in sheet.indicators],
        counts=[CountShape(one.name, one.label) for one in sheet.counts],
    )


def _indicator(house: House, sheet: Sheet, one: IndicatorDefinition) -> IndicatorShape:
    used = [*one.parameters.values(), *(name for name in one.grades.values() if name)]
    used += [sheet.day_starts] if sheet.day_starts else []
    return IndicatorShape(
        name=one.name,
        label=one.label,
        unit=one.unit,
        decimals=one.decimals,
        better=one.better,
        target=one.target,
        definition=_definition(sheet, one),
        source=one.source,
        confidence=one.confidence,
        confirmed=not one.confidence.startswith("M-"),
        graded=bool(one.grades),
        counts=list(dict.fromkeys(one.counts.values())),
        settings=_settings(house, used),
    )


def _definition(sheet: Sheet, one: IndicatorDefinition) -> Label:
    labels = {count.name: count.label for count in sheet.counts}
    if one.formula == RATE:
        part, whole = labels[one.counts["n"]], labels[one.counts["of"]]
        return Label(f"{part.zh} ÷ {whole.zh}", f"{part.text('en')} ÷ {whole.text('en')}")
    if one.formula == AMOUNT:
        return labels[one.counts["n"]]
    parts = one.parts.values()
    return Label(
        "加权合计：" + " + ".join(part.zh for part in parts),
        "Weighted sum: " + " + ".join(part.text("en") for part in parts),
    )


def _settings(house: House, names: list[str]) -> list[Setting]:
    values = house.rulebook.parameters(house.now())
    day = local_date(house.now(), house.rulebook.zone).isoformat()
    known = {one.name: one for pack in house.rulebook.city.packs for one in pack.parameters}
    return [
        _setting(known[name], values[name], day, name in house.rulebook.city.head.parameters)
        for name in dict.fromkeys(names)
        if name in known and name in values
    ]


def _setting(parameter: Parameter, value: float, day: str, of_city: bool) -> Setting:
    held = max(
        (one for one in parameter.values if one.since <= day),
        key=lambda one: one.since,
        default=parameter.values[0],
    )
    source, confidence = ("city.yaml", "L") if of_city else (held.source, held.confidence)
    return Setting(
        parameter.name, parameter.label, value, source, confidence, not confidence.startswith("M-")
    )


def line_shape(house: House, sheet: Sheet, line: Line) -> LineShape:
    name, around, simulated = _named(house, sheet, line.id)
    return LineShape(
        id=line.id,
        name=name,
        within=around,
        simulated=simulated,
        counts=line.counts,
        figures={one.name: _figure(line, one) for one in sheet.indicators},
        excused=line.excused,
    )


def _figure(line: Line, one: IndicatorDefinition) -> FigureShape:
    found = line.figures[one.name]
    parts = [
        PartShape(
            part.name,
            one.parts.get(part.name, Label(part.name, part.name)),
            None if part.value is None else round(part.value, 4),
            part.weight,
        )
        for part in found.score.parts
    ]
    value = None if found.value is None else round(found.value, one.decimals)
    return FigureShape(value, found.grade, parts)


def _named(house: House, sheet: Sheet, id: int) -> tuple[Label, Label, bool]:
    directory = house.directory
    if sheet.object == "role":
        account = directory.accounts[id]
        unit = (
            directory.organisation_name(account.organisation)
            if account.organisation is not None
            else Label("")
        )
        return directory.account_name(id), unit, account.simulated
    if sheet.object == "organisation":
        parent = directory.organisations[id].parent
        around = directory.organisation_name(parent) if parent else Label("")
        return directory.organisation_name(id), around, False
    if sheet.object == "area":
        place = directory.places[id]
        return place.name, directory.place_name(place.parent), False
    if sheet.object == "value":
        return list(values_of(sheet).values())[id - 1], Label(""), False
    return OBJECTS["city"], Label(""), False
