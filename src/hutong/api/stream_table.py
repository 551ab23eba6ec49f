"""All datastreams an asker may read as columns, kept until the journal tells of a change: what history is chosen from."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hutong.api.things_by_type import every
from hutong.engine.directory import Directory
from hutong.kernel.base import Label
from hutong.kernel.ports import Reader, Store
from hutong.kernel.query import EVERYTHING, Expr, Field, In, both
from hutong.kernel.thing import Datastream, Thing

Ints = NDArray[np.int64]
THINGS = 5000
"""Things read at a time."""
KEPT = 50
"""Tables kept: one per distinct grant."""


@dataclass(frozen=True, eq=False)
class StreamTable:
    """Row i is one datastream; `id` ascends. `place` is 0 where the thing stands in none."""

    id: Ints
    thing: Ints
    place: Ints
    type: NDArray[np.object_]
    property: NDArray[np.object_]
    unit: NDArray[np.object_]
    code: NDArray[np.object_]
    """Code of the thing."""
    name: NDArray[np.object_]
    """Label of the thing."""
    stream_name: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.id)

    def rows_of(self, streams: Ints) -> Ints:
        """Row of each stream, −1 where it is not in the table."""
        if not len(self.id):
            return np.full(len(streams), -1)
        at = np.minimum(np.searchsorted(self.id, streams), len(self.id) - 1)
        found: Ints = np.where(self.id[at] == streams, at, -1)
        return found


class StreamTables:
    """One table per filter of what may be read."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._tables: dict[str, StreamTable] = {}
        self._version = 0

    def clear(self) -> None:
        with self._lock:
            self._tables = {}
            self._version += 1

    def table(self, allowed: Expr) -> StreamTable:
        """The streams of the things that the filter allows."""
        key = repr(allowed)
        with self._lock:
            known, version = self._tables.get(key), self._version
        if known is not None:
            return known
        with self._store.reader() as reader:
            made = _table(reader, allowed)
        with self._lock:
            if version == self._version:
                if len(self._tables) >= KEPT:
                    self._tables.pop(next(iter(self._tables)))
                self._tables[key] = made
        return made


def _table(reader: Reader, allowed: Expr) -> StreamTable:
    streams = sorted(every(reader, Datastream, EVERYTHING, 10_000_000), key=lambda one: one.id)
    things = _things(reader, sorted({one.thing for one in streams}), allowed)
    kept = [(one, things[one.thing]) for one in streams if one.thing in things]
    return StreamTable(
        id=np.array([one.id for one, _ in kept], np.int64),
        thing=np.array([one.thing for one, _ in kept], np.int64),
        place=np.array([thing.place or 0 for _, thing in kept], np.int64),
        type=_objects([thing.type for _, thing in kept]),
        property=_objects([one.property_code for one, _ in kept]),
        unit=_objects([one.unit for one, _ in kept]),
        code=_objects([thing.code for _, thing in kept]),
        name=_objects([thing.name for _, thing in kept]),
        stream_name=_objects([one.name for one, _ in kept]),
    )


def _things(reader: Reader, ids: Sequence[int], allowed: Expr) -> dict[int, Thing]:
    found: dict[int, Thing] = {}
    for start in range(0, len(ids), THINGS):
        some = In(Field(("id",)), tuple(ids[start : start + THINGS]))
        found.update((one.id, one) for one in every(reader, Thing, both(some, allowed)))
    return found


def _objects(values: Sequence[str | Label]) -> NDArray[np.object_]:
    found = np.empty(len(values), object)
    found[:] = values
    return found


def places_within(directory: Directory, place: int) -> Ints:
    """The place and all that lie in it."""
    return np.array([id for id in directory.places if place in directory.ancestors(id)], np.int64)
