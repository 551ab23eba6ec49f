"""Things of one type as columns, kept until the journal tells of a change: what live layers and tiles are drawn from."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from hutong.kernel import mvt
from hutong.kernel.base import Entity, Instant
from hutong.kernel.ports import Reader, Store
from hutong.kernel.query import Expr, both, equals
from hutong.kernel.thing import Datastream, Thing

PAGE = 5000
E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, eq=False)
class ThingTable:
    """Columns of the things of one type that have geometry. `stream` is the datastream of the property shown, 0 where
    there is none; `geometry` in degrees."""

    id: NDArray[np.int64]
    name: list[str]
    english: list[str]
    code: list[str]
    stream: NDArray[np.int64]
    geometry: NDArray[np.object_]

    @cached_property
    def position(self) -> NDArray[np.float64]:
        """Longitude and latitude of a point of each, shape (n, 2)."""
        points = shapely.point_on_surface(self.geometry)
        return np.column_stack([shapely.get_x(points), shapely.get_y(points)])

    @cached_property
    def mercator(self) -> NDArray[np.object_]:
        found: NDArray[np.object_] = mvt.web_mercator(self.geometry)
        return found

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.mercator)

    @cached_property
    def bounds(self) -> NDArray[np.float64]:
        return np.asarray(shapely.bounds(self.geometry), np.float64).reshape(-1, 4)

    def within(self, box: tuple[float, float, float, float] | None) -> NDArray[np.int64]:
        """Rows whose bounds meet the box."""
        if box is None:
            return np.arange(len(self.id))
        west, south, east, north = box
        left, bottom, right, top = self.bounds.T
        return np.flatnonzero((left <= east) & (right >= west) & (bottom <= north) & (top >= south))


class ThingTables:
    """One table per type, property and filter. `version` changes when they were cleared."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._tables: dict[tuple[str, str | None, str], ThingTable] = {}
        self.version = 0

    def clear(self) -> None:
        with self._lock:
            self._tables = {}
            self.version += 1

    def table(self, type: str, shows: str | None, allowed: Expr, as_of: Instant | None = None) -> ThingTable:
        """The things of a type that the filter allows, with the streams of the observed property `shows`; as they were
        recorded at `as_of`."""
        if as_of is not None:
            with self._store.reader() as reader:
                return _table(reader, type, shows, allowed, as_of)
        key = (type, shows, repr(allowed))
        with self._lock:
            known, version = self._tables.get(key), self.version
        if known is not None:
            return known
        with self._store.reader() as reader:
            made = _table(reader, type, shows, allowed, None)
        with self._lock:
            if version == self.version:
                self._tables[key] = made
        return made


def _table(reader: Reader, type: str, shows: str | None, allowed: Expr, as_of: Instant | None) -> ThingTable:
    where = both(equals("type", type), allowed)
    things = [one for one in every(reader, Thing, where, as_of=as_of) if one.geometry is not None]
    streams: dict[int, int] = {}
    if shows is not None:
        for stream in every(reader, Datastream, equals("property_code", shows), as_of=as_of):
            streams.setdefault(stream.thing, stream.id)
    return ThingTable(
        id=np.array([one.id for one in things], np.int64),
        name=[one.name.zh for one in things],
        english=[one.name.text("en") for one in things],
        code=[one.code for one in things],
        stream=np.array([streams.get(one.id, 0) for one in things], np.int64),
        geometry=np.asarray(shapely.from_wkb(np.array([one.geometry for one in things], object)), object),
    )


def every(
    reader: Reader, noun: type[E], where: Expr, most: int = 1_000_000, *, as_of: Instant | None = None
) -> Iterator[E]:
    """All matching rows (as they were recorded at `as_of`), page by page, at most `most`."""
    after: str | None = None
    while most > 0:
        page = reader.find(noun, where, limit=min(PAGE, most), after=after, as_of=as_of)
        yield from page.rows
        most -= len(page.rows)
        after = page.after
        if after is None:
            return
