"""All datastreams an asker may read as columns, kept until the journal tells of a change: what history is chosen from."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.engine.directory import Directory
from hutong.kernel.base import Label
from hutong.kernel.ports import Reader, Store
from hutong.kernel.query import Expr, Field, In, both
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
    streams = reader.columns(Datastream, ("id", "thing", "property_code", "unit", "name"))
    id, thing = np.array(streams["id"], np.int64), np.array(streams["thing"], np.int64)
    things = _things(reader, np.unique(thing), allowed)
    known = np.array(things["id"], np.int64)
    at = np.searchsorted(known, thing)
    at[at == len(known)] = 0
    kept = np.flatnonzero(known[at] == thing) if len(known) else np.zeros(0, np.int64)
    of_thing = at[kept]
    return StreamTable(
        id=id[kept],
        thing=thing[kept],
        place=np.array([place or 0 for place in things["place"]], np.int64)[of_thing],
        type=_objects(things["type"])[of_thing],
        property=_objects(streams["property_code"])[kept],
        unit=_objects(streams["unit"])[kept],
        code=_objects(things["code"])[of_thing],
        name=_objects([_label(name) for name in things["name"]])[of_thing],
        stream_name=_objects(streams["name"])[kept],
    )


_label = msgspec.json.Decoder(Label).decode


def _things(reader: Reader, ids: Ints, allowed: Expr) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {name: [] for name in ("id", "place", "type", "code", "name")}
    for start in range(0, len(ids), THINGS):
        some = In(Field(("id",)), tuple(ids[start : start + THINGS].tolist()))
        for name, column in reader.columns(Thing, tuple(found), both(some, allowed)).items():
            found[name] += column
    return found


def _objects(values: Sequence[str | Label]) -> NDArray[np.object_]:
    found = np.empty(len(values), object)
    found[:] = values
    return found


def places_within(directory: Directory, place: int) -> Ints:
    """The place and all that lie in it."""
    return np.array([id for id in directory.places if place in directory.ancestors(id)], np.int64)
