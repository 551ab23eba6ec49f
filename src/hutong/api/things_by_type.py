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
    """Columns of the things of one type that have geometry, or of all if the type moves. `stream` is the datastream of
    the property shown, 0 where there is none; `geometry` in degrees. `longitude`, `latitude`: the datastreams that say
    where things that move are (None: they do not move)."""

    id: NDArray[np.int64]
    name: list[str]
    english: list[str]
    code: list[str]
    stream: NDArray[np.int64]
    geometry: NDArray[np.object_]
    longitude: NDArray[np.int64] | None = None
    latitude: NDArray[np.int64] | None = None

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
        self._tables: dict[tuple[str, str | None, str, tuple[str, str] | None], ThingTable] = {}
        self.version = 0

    def clear(self) -> None:
        with self._lock:
            self._tables = {}
            self.version += 1

    def table(
        self,
        type: str,
        shows: str | None,
        allowed: Expr,
        as_of: Instant | None = None,
        moves: tuple[str, str] | None = None,
    ) -> ThingTable:
        """The things of a type that the filter allows, with the streams of the observed property `shows`; as they were
        recorded at `as_of`. `moves`: the observed properties that say where they are."""
        if as_of is not None:
            with self._store.reader() as reader:
                return _table(reader, type, shows, allowed, as_of, moves)
        key = (type, shows, repr(allowed), moves)
        with self._lock:
            known, version = self._tables.get(key), self.version
        if known is not None:
            return known
        with self._store.reader() as reader:
            made = _table(reader, type, shows, allowed, None, moves)
        with self._lock:
            if version == self.version:
                self._tables[key] = made
        return made


def _table(
    reader: Reader,
    type: str,
    shows: str | None,
    allowed: Expr,
    as_of: Instant | None,
    moves: tuple[str, str] | None,
) -> ThingTable:
    where = both(equals("type", type), allowed)
    found = every(reader, Thing, where, as_of=as_of)
    things = [one for one in found if moves is not None or one.geometry is not None]
    ids = [one.id for one in things]
    return ThingTable(
        id=np.array(ids, np.int64),
        name=[one.name.zh for one in things],
        english=[one.name.text("en") for one in things],
        code=[one.code for one in things],
        stream=_streams(reader, shows, ids, as_of),
        geometry=np.asarray(shapely.from_wkb(np.array([one.geometry for one in things], object)), object),
        longitude=_streams(reader, moves[0], ids, as_of) if moves else None,
        latitude=_streams(reader, moves[1], ids, as_of) if moves else None,
    )


def _streams(reader: Reader, code: str | None, ids: list[int], as_of: Instant | None) -> NDArray[np.int64]:
    """The first datastream of an observed property at each thing; 0 where there is none."""
    streams: dict[int, int] = {}
    if code is not None:
        found = reader.columns(Datastream, ("thing", "id"), equals("property_code", code), as_of=as_of)
        for thing, stream in zip(found["thing"], found["id"], strict=True):
            streams.setdefault(thing, stream)
    return np.array([streams.get(id, 0) for id in ids], np.int64)


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
