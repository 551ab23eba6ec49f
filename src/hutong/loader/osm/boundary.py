"""The city's area: a boundary file (GeoJSON) or, without one, the extract's rectangle."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from hutong.kernel.base import Label
from hutong.kernel.codes import county_of, parse_division
from hutong.kernel.errors import HutongError, Invalid
from hutong.loader.osm.extract import Box
from hutong.loader.osm.plane import Geometries, Plane, area_m2

_CODE_KEYS = ("code", "adcode", "division")
_WIDTHS = (6, 9, 12)
"""Digits of a county's, a street's, a community's code."""
_NAME_KEYS = ("name", "name:zh", "NAME")
_MOST_MISSING = 0.1
"""Share of the boundary that the extract may leave uncovered."""
_LARGEST = 20_000_000_000.0
"""m²: beyond it one plane is too coarse."""


@dataclass(frozen=True)
class Districts:
    """Disjoint polygons in units of `plane`, with their codes, all of a county, a street or a community."""

    polygons: Geometries
    codes: list[str]
    plane: Plane
    names: dict[str, Label]
    """Names by code, where the boundary file gives them."""
    label: Label
    """The city's."""
    given: bool
    """Whether a boundary file gave the polygons."""


def read_districts(path: Path | None, division: str, name: Label, box: Box) -> Districts:
    """One district for the extract's rectangle, or one per polygon of the boundary file. Raises Invalid."""
    code = county_of(division, "division")
    if path is None:
        if box[0] >= box[2] or box[1] >= box[3]:
            raise Invalid("osm", "the extract covers no area", "take a larger extract, or give a boundary")
        plane = Plane.of(box)
        return Districts(plane.units(np.array([shapely.box(*box)])), [code], plane, {}, name, False)
    features = _features(path)
    shapes = np.array([_polygon(path, i, f.get("geometry")) for i, f in enumerate(features)], dtype=object)
    _check_overlap(path, shapes, box)
    plane = Plane.of(tuple(shapely.total_bounds(shapes).tolist()))
    polygons = _disjoint(plane.units(shapes))
    facts = [f.get("properties") or {} for f in features]
    codes = [_code(path, i, f, code) for i, f in enumerate(facts)]
    if len({len(c) for c in codes}) > 1:
        raise Invalid(
            "boundary",
            f"{path.name} mixes codes of 6, 9 and 12 digits",
            "give polygons of one level, all of it",
        )
    names = {c: found for c, f in zip(codes, facts, strict=True) if (found := _label(f))}
    return Districts(polygons, codes, plane, names, name, True)


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise Invalid(
            "boundary", f"{path.name} is not readable GeoJSON: {error}", "give a GeoJSON file in WGS-84"
        ) from error
    kind = data.get("type") if isinstance(data, dict) else None
    if kind == "FeatureCollection" and data.get("features"):
        return list(data["features"])
    if kind == "Feature":
        return [data]
    if kind in ("Polygon", "MultiPolygon"):
        return [{"geometry": data, "properties": {}}]
    raise Invalid("boundary", f"{path.name} holds no feature", "give polygons as GeoJSON")


def _polygon(path: Path, number: int, geometry: Any) -> Any:
    where = f"boundary feature {number + 1}"
    try:
        found = shape(geometry)
    except (
        HutongError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        shapely.errors.ShapelyError,
    ) as error:
        raise Invalid(where, f"{path.name}: not a geometry: {error}", "mend or remove it") from error
    if found.geom_type not in ("Polygon", "MultiPolygon") or found.is_empty:
        raise Invalid(where, f"{path.name}: is a {found.geom_type}", "only polygons make a boundary")
    west, south, east, north = found.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise Invalid(where, f"{path.name}: not in degrees", "convert it to WGS-84 longitude and latitude")
    return found if found.is_valid else shapely.make_valid(found, method="structure", keep_collapsed=False)


def _check_overlap(path: Path, shapes: Geometries, box: Box) -> None:
    whole = shapely.union_all(shapes)
    size = float(area_m2(whole))
    if size > _LARGEST:
        raise Invalid("boundary", f"{size / 1e6:,.0f} km² is too large for one city", "split it")
    covered = float(area_m2(shapely.intersection(whole, shapely.box(*box)))) / size
    bounds = ", ".join(f"{v:.4f}" for v in whole.bounds)
    extent = ", ".join(f"{v:.4f}" for v in box)
    if covered < 1 - _MOST_MISSING:
        raise Invalid(
            "boundary",
            f"the extract covers {covered:.0%} of {path.name} (boundary {bounds}; extract {extent})",
            "take an extract that covers the boundary, or a boundary within the extract",
            covered=covered,
        )


def _disjoint(polygons: Geometries) -> Geometries:
    """Where two overlap, the first keeps the common part."""
    taken: Any = shapely.Polygon()
    result = np.empty(len(polygons), dtype=object)
    for i, polygon in enumerate(polygons):
        rest = shapely.difference(shapely.set_precision(polygon, 1), taken, grid_size=1)
        parts = shapely.get_parts(rest)
        result[i] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2], grid_size=1)
        taken = shapely.union(taken, result[i], grid_size=1)
    return result


def _code(path: Path, number: int, facts: dict[str, Any], default: str) -> str:
    found = next((str(facts[key]) for key in _CODE_KEYS if facts.get(key)), "")
    if not found:
        return default
    field = f"boundary feature {number + 1}"
    code = parse_division(found, field).padded
    if len(code) not in _WIDTHS:
        raise Invalid(field, f"{path.name}: {found} is no county, street or community", "give its full code")
    if code[:2] != default[:2]:
        raise Invalid(
            field,
            f"{path.name}: code {code} is not in the province of --division {default}",
            "give the division that contains the boundary",
        )
    return code


def _label(facts: dict[str, Any]) -> Label | None:
    name = next((str(facts[key]) for key in _NAME_KEYS if facts.get(key)), "")
    return Label(name, str(facts.get("name_en") or facts.get("name:en") or "")) if name else None
