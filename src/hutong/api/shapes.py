"""The pieces that many answers are made of, and how kernel values become them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from hutong.engine.directory import Directory
from hutong.kernel.base import DAY, HOUR, MINUTE, SECOND, Instant, Label
from hutong.kernel.clock import instant, iso
from hutong.kernel.errors import Invalid

Id = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
"""An id that a client sends."""
Position = tuple[float, float]
"""Longitude, latitude in degrees."""


class Named(msgspec.Struct, frozen=True):
    """Another row, by id and name."""

    id: int
    label: Label


class PlaceName(msgspec.Struct, frozen=True):
    """A place by id, code and name."""

    id: int
    code: str
    name: Label


class Person(msgspec.Struct, frozen=True):
    """Who did something: the account, its holder's name, the role it was done in, the unit."""

    account: int
    name: Label
    role: str = ""
    organisation: Named | None = None
    simulated: bool = False


def time_of(at: Instant | None) -> str | None:
    return None if at is None else iso(at)


def point(wkb: bytes | None) -> Position | None:
    """A point of a geometry: its own position, or one on it."""
    if wkb is None:
        return None
    shape = shapely.from_wkb(wkb)
    found = shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)
    return round(found.x, 7), round(found.y, 7)


def wkb_of(position: Position | None, field: str = "position") -> bytes | None:
    """WKB of a position that a client sent."""
    if position is None:
        return None
    lon, lat = position
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Invalid(field, f"{lon}, {lat} is no position", "give degrees, longitude first")
    found: bytes = shapely.to_wkb(shapely.Point(lon, lat))
    return found


def place_name(directory: Directory, id: int | None) -> PlaceName | None:
    place = directory.places.get(id or 0)
    return PlaceName(place.id, place.code, place.name) if place else None


def organisation(directory: Directory, id: int | None) -> Named | None:
    return Named(id, directory.organisation_name(id)) if id is not None else None


def person(
    directory: Directory, account: int | None, role: str = "", unit: int | None = None
) -> Person | None:
    """An account as a person; its present unit where `unit` is not known. 0 is the platform."""
    if account is None:
        return None
    held = directory.accounts.get(account)
    own = unit if unit is not None else (held.organisation if held else None)
    return Person(
        account,
        Label("未登录", "not signed in") if account < 0 else directory.account_name(account),
        role,
        organisation(directory, own),
        bool(held and held.simulated),
    )


def finite(value: float | None) -> float | None:
    """JSON has no NaN."""
    return None if value is None or not np.isfinite(value) else float(value)


def numbers(values: Any) -> list[float | None]:
    column = np.asarray(values, np.float64)
    found: list[float | None] = column.tolist()
    for row in np.flatnonzero(~np.isfinite(column)).tolist():
        found[row] = None
    return found


def times(values: Any) -> list[str]:
    return [iso(int(value)) for value in np.asarray(values).tolist()]


def instants_text(values: NDArray[np.int64]) -> list[str]:
    """RFC 3339 in UTC of many instants at once; µs are written for all if one has any."""
    if not len(values):
        return []
    distinct = np.unique(values)
    if 4 * len(distinct) < len(values):
        texts = np.array(instants_text(distinct), object)
        repeated: list[str] = texts[np.searchsorted(distinct, values)].tolist()
        return repeated
    whole = not (values % 1_000_000).any()
    written = np.datetime_as_string(values.astype("datetime64[us]"), unit="s" if whole else "us")
    return [f"{text}Z" for text in written.tolist()]


def box_of(text: str | None, field: str = "bbox") -> tuple[float, float, float, float] | None:
    """A box `west,south,east,north` of a query."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise Invalid(field, f"{text!r} is no box", "write west,south,east,north in degrees") from None
    if not (west <= east and south <= north and abs(west) <= 180 and abs(east) <= 180):
        raise Invalid(field, f"{text!r} is no box", "west before east, south before north, in degrees")
    return west, south, east, north


def instant_of(text: str | None, field: str) -> Instant | None:
    """An RFC 3339 instant of a request."""
    if text is None or text == "":
        return None
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "+"))
        return instant(found if found.tzinfo else found.replace(tzinfo=UTC))
    except ValueError:
        raise Invalid(field, f"{text!r} is no instant", "write it like 2026-07-18T11:00:00Z") from None


_DURATION = re.compile(r"P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?")


def duration_of(text: str, field: str) -> Instant:
    """µs of an ISO 8601 duration of days and smaller units."""
    found = _DURATION.fullmatch(text)
    parts = [int(part or 0) for part in found.groups()] if found else []
    width = sum(n * unit for n, unit in zip(parts, (DAY, HOUR, MINUTE, SECOND), strict=False))
    if width <= 0:
        raise Invalid(field, f"{text!r} is no duration", "write it like PT1H or PT10M")
    return width
