"""部件普查: rows of an exchange table become things, or are refused with the reason; and go out the same way.

A row is checked by what the type's `exchange` says (kernel/definition/thing.py) and by the city: its division, its classes, its
unit grids, its outline. Positions are converted to CGCS2000 once, when they come in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
import shapely

from hutong.kernel.base import Label
from hutong.kernel.datums import GeographicDatum, to_wgs84
from hutong.kernel.definition.thing import Exchange, ExchangeField
from hutong.kernel.errors import Invalid
from hutong.kernel.identifiers import parse_credit_code

LON, LAT = "X", "Y"
"""Columns of the position, in degrees; the standard's 18 fields have none of their own."""
POSITION = {LON: ("经度", "lon", "longitude"), LAT: ("纬度", "lat", "latitude")}


@dataclass(frozen=True)
class CensusCity:
    """What a row is checked against. `grid`: the unit grid (id) at a position; `grids`: unit grids by code; `classes`: classes
    of components; `choices`: property → the codes it may have."""

    division: str
    classes: Collection[str]
    grids: Mapping[str, int]
    grid: Callable[[float, float], int | None]
    choices: Mapping[str, Collection[str]]


class Surveyed(msgspec.Struct, frozen=True, kw_only=True):
    """A row as a thing. `retired`: it stands no more. `elsewhere`: the position lies in another grid than the row says."""

    code: str
    name: Label
    component_class: str | None
    place: int
    geometry: bytes
    properties: dict[str, Any]
    retired: bool
    elsewhere: bool


class Refusal(Exception):
    """Why a row is not taken: the column, the reason, and what to do."""

    def __init__(self, column: str, reason: str, remedy: str) -> None:
        super().__init__(f"{column}: {reason}. {remedy}")
        self.column = column
        self.reason = reason
        self.remedy = remedy


def surveyed(
    row: Mapping[str, str], exchange: Exchange, city: CensusCity, datum: GeographicDatum = "cgcs2000"
) -> Surveyed:
    """The thing of a row (column → text, with X and Y); Refusal if anything of it is wrong."""
    values = {one.into: _value(row.get(one.column, "").strip(), one, city) for one in exchange.fields}
    columns = {one.into: one.column for one in exchange.fields}
    code, column = str(values["code"]), columns["code"]
    _check_division(code, column, exchange, city)
    kind = _class(code, column, exchange, city)
    place = city.grids.get(str(values["grid"]))
    if place is None:
        reason = f"there is no unit grid {values['grid']!r}"
        raise Refusal(columns["grid"], reason, "write the grid it stands in, 15 digits")
    _check_dates(values, columns)
    lon, lat, found = _position(row, city, datum)
    properties = {
        name: value for name, value in values.items() if name not in ("code", "name", "grid") and value
    }
    return Surveyed(
        code=code,
        name=Label(str(values["name"])),
        component_class=kind,
        place=place,
        geometry=shapely.to_wkb(shapely.Point(lon, lat)),
        properties=properties,
        retired=values.get(exchange.retired_by) in exchange.retired_values,
        elsewhere=found != place,
    )


def row_of(thing: Mapping[str, Any], exchange: Exchange) -> list[str]:
    """The cells of a thing in the order of the fields, then X and Y. `thing`: code, name, grid (code), properties by name,
    `position` (lon, lat)."""
    cells = []
    for one in exchange.fields:
        text = str(thing.get(one.into) or "")
        cells.append(text.replace("-", "") if one.kind == "date" else text)
    lon, lat = thing["position"] or ("", "")
    return [*cells, str(lon), str(lat)]


def _value(text: str, one: ExchangeField, city: CensusCity) -> str:
    """The text as it is kept; dates as YYYY-MM-DD."""
    if not text:
        if one.required:
            raise Refusal(one.column, f"{one.label.zh} is missing", "fill it in: the field is mandatory")
        return ""
    if one.kind == "digits":
        if len(text) != one.length or not (text.isascii() and text.isdigit()):
            raise Refusal(one.column, f"{text!r} has not {one.length} digits", "write the whole code")
        return text
    if one.kind == "date":
        return _date(text, one.column)
    if len(text) > one.length:
        raise Refusal(one.column, f"is longer than {one.length} characters", "shorten it")
    if one.kind == "credit_code":
        return _credit_code(text, one.column)
    if one.kind == "code" and text not in city.choices.get(one.into, ()):
        known = "/".join(city.choices.get(one.into, ()))
        raise Refusal(one.column, f"{text!r} is no such code", f"write one of {known}")
    return text


def _date(text: str, column: str) -> str:
    digits = text.replace("-", "")
    try:
        if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
            raise ValueError
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        raise Refusal(column, f"{text!r} is no date", "write it like 20260701") from None


def _credit_code(text: str, column: str) -> str:
    try:
        parse_credit_code(text, column)
    except Invalid as error:
        raise Refusal(column, error.reason, error.remedy) from None
    return text


def _check_division(code: str, column: str, exchange: Exchange, city: CensusCity) -> None:
    if exchange.division is None:
        return
    first, behind = exchange.division
    if code[first:behind] != city.division:
        reason = f"begins with {code[first:behind]}, the city is {city.division}"
        raise Refusal(column, reason, "take it into its own city, or mend the code")


def _class(code: str, column: str, exchange: Exchange, city: CensusCity) -> str | None:
    if exchange.component_class is None:
        return None
    first, behind = exchange.component_class
    kind = code[first:behind]
    if kind not in city.classes:
        raise Refusal(column, f"{kind} is no class of components", "see the classes of GB/T 47678.5-2026")
    return kind


def _check_dates(values: Mapping[str, str], columns: Mapping[str, str]) -> None:
    since, changed = values.get("since", ""), values.get("changed", "")
    if since and changed and changed < since:
        raise Refusal(
            columns["changed"], f"{changed} is before {since}", "the change comes after the first date"
        )


def _position(
    row: Mapping[str, str], city: CensusCity, datum: GeographicDatum
) -> tuple[float, float, int | None]:
    """Longitude, latitude and the unit grid there."""
    try:
        lon, lat = float(row.get(LON, "")), float(row.get(LAT, ""))
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise ValueError
    except ValueError:
        reason = f"{row.get(LON, '')!r}, {row.get(LAT, '')!r} is no position"
        raise Refusal(f"{LON}, {LAT}", reason, "give longitude and latitude in degrees") from None
    lons, lats = to_wgs84(lon, lat, datum)
    lon, lat = round(float(lons), 8), round(float(lats), 8)
    grid = city.grid(lon, lat)
    if grid is None:
        remedy = "check the position, and in which datum it is"
        raise Refusal(f"{LON}, {LAT}", f"{lon}, {lat} lies outside the city", remedy)
    return lon, lat, grid
