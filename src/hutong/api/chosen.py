"""Which streams a request about history means: named ones, or those of a thing, a type, a property or a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from litestar.params import QueryParameter

from hutong.api.house import House
from hutong.api.requests import QueryId
from hutong.api.stream_table import Ints, StreamTable, places_within
from hutong.kernel.access import Actor, predicate
from hutong.kernel.errors import Invalid, NotFound

NAMED = 1000
"""Streams that a request may name one by one."""


@dataclass(frozen=True)
class Chosen:
    """A choice of streams; what is not given does not narrow it."""

    streams: str | None = None
    thing: int | None = None
    type: str | None = None
    observed: str | None = None
    place: int | None = None

    @property
    def narrowed(self) -> bool:
        return any(
            part is not None for part in (self.streams, self.thing, self.type, self.observed, self.place)
        )

    def rows(self, house: House, actor: Actor) -> tuple[StreamTable, Ints]:
        """The table of what the asker may read, and the rows chosen of it. NotFound if a named stream is not in it."""
        table = house.streams.table(predicate(actor, "read", "observation"))
        rows = np.arange(len(table)) if self.streams is None else _named(table, self.streams)
        for value, column in ((self.type, table.type), (self.observed, table.property)):
            if value is not None:
                rows = rows[column[rows] == value]
        if self.thing is not None:
            rows = rows[table.thing[rows] == self.thing]
        if self.place is not None:
            rows = rows[np.isin(table.place[rows], places_within(house.directory, self.place))]
        return table, rows


def _named(table: StreamTable, text: str) -> Ints:
    parts = [part for part in text.split(",") if part.strip()]
    if len(parts) > NAMED:
        raise Invalid("streams", f"names more than {NAMED} streams", "choose by type, property or place")
    if not all(part.strip().isdigit() and len(part.strip()) < 16 for part in parts):
        raise Invalid("streams", f"{text[:80]!r} is no list of ids", "write ids with commas: 12,13")
    ids = np.unique(np.array([int(part) for part in parts], np.int64))
    rows = table.rows_of(ids)
    if (rows < 0).any():
        raise NotFound("stream", f"there is no stream {int(ids[rows < 0][0])}", "GET /streams lists them")
    return rows


def chosen(
    streams: Annotated[str | None, QueryParameter(description="Ids of datastreams, with commas.")] = None,
    thing: QueryId = None,
    type: Annotated[str | None, QueryParameter(description="Qualified type of the things.")] = None,
    property: Annotated[str | None, QueryParameter(description="Qualified observed property.")] = None,
    place: QueryId = None,
) -> Chosen:
    """The choice that a request's parameters make."""
    return Chosen(streams, thing, type, property, place)
