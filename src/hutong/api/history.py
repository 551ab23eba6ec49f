"""GET /streams…: which streams there are, their newest values, and windows over many of them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import numpy as np
from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter
from numpy.typing import NDArray

from hutong.api.access import access
from hutong.api.chosen import Chosen, chosen
from hutong.api.hourly import whole_hours
from hutong.api.house import House
from hutong.api.requests import Limit, QueryId, TheActor, TheHouse
from hutong.api.shapes import Named, duration_of, instant_of, instants_text, numbers
from hutong.api.stream_table import Ints, StreamTable
from hutong.kernel.base import DAY, Label
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import Rollup

MOST_ROWS = 1_000_000
"""Windows × streams of one answer."""
PAGE = 20_000


class StreamRow(msgspec.Struct, frozen=True):
    """A datastream in lists, with the thing it observes."""

    id: int
    thing: Named
    code: str
    type: str
    property: str
    label: Label | None
    unit: str


class StreamList(msgspec.Struct, frozen=True):
    rows: list[StreamRow]
    after: int | None


class LatestColumns(msgspec.Struct, frozen=True):
    """Row i is the newest observation of one stream; streams that have none are left out. `number` is None for text."""

    stream: list[int]
    thing: list[int]
    property: list[str]
    time: list[str]
    number: list[float | None]
    unit: list[str]
    after: int | None


class AggregateColumns(msgspec.Struct, frozen=True):
    """Windows counted from the epoch; windows without a number are left out. `stream` is None where all are one."""

    stream: list[int] | None
    start: list[str]
    n: list[int]
    min: list[float | None]
    max: list[float | None]
    mean: list[float | None]
    first: list[float | None]
    last: list[float | None]
    unit: str
    streams: int


@get("/streams", guards=[access("read", "observation")], sync_to_thread=True, summary="Datastreams")
def list_streams(
    house: TheHouse,
    actor: TheActor,
    wanted: NamedDependency[Chosen],
    q: FromQuery[str | None] = None,
    after: QueryId = None,
    limit: Limit = 100,
) -> StreamList:
    """In the order of their ids. `q`: words of the thing's name or code, or of the property."""
    table, rows = wanted.rows(house, actor)
    if q and q.strip():
        rows = _matching(house, table, rows, q.strip().lower())
    page, more = _page(table, rows, after, limit)
    found = [_row(house, table, row) for row in page.tolist()]
    return StreamList(found, more)


def _matching(house: House, table: StreamTable, rows: Ints, words: str) -> Ints:
    known = house.rulebook.properties
    labels = {name: f"{one.label.zh} {one.label.en}" for name, one in known.items()}

    def told(row: int) -> str:
        name = table.name[row]
        return f"{name.zh} {name.en} {table.code[row]} {labels.get(table.property[row], '')}".lower()

    parts = words.split()
    return np.array([row for row in rows.tolist() if all(part in told(row) for part in parts)], np.int64)


def _page(table: StreamTable, rows: Ints, after: int | None, limit: int) -> tuple[Ints, int | None]:
    """Rows behind the stream `after`, and the stream to go on from."""
    if after is not None:
        rows = rows[table.id[rows] > after]
    page = rows[: min(limit, PAGE)]
    return page, int(table.id[page[-1]]) if len(page) < len(rows) else None


def _row(house: House, table: StreamTable, row: int) -> StreamRow:
    definition = house.rulebook.properties.get(table.property[row])
    thing = Named(int(table.thing[row]), table.name[row])
    label = definition.label if definition else Label(table.stream_name[row])
    return StreamRow(
        int(table.id[row]),
        thing,
        table.code[row],
        table.type[row],
        table.property[row],
        label,
        table.unit[row],
    )


@get(
    "/streams/latest",
    guards=[access("read", "observation")],
    sync_to_thread=True,
    summary="Newest values of streams",
)
def latest(
    house: TheHouse,
    actor: TheActor,
    wanted: NamedDependency[Chosen],
    at: Annotated[str | None, QueryParameter(description="As it was at this instant (default: now).")] = None,
    after: QueryId = None,
    limit: Limit = PAGE,
) -> LatestColumns:
    """Pages of streams in the order of their ids, from what is kept beside the history."""
    moment = instant_of(at, "at")
    table, rows = wanted.rows(house, actor)
    page, more = _page(table, rows, after, limit)
    with house.store.reader() as reader:
        found = reader.latest(table.id[page], at=moment)
    known = table.rows_of(found.stream)
    return LatestColumns(
        found.stream.tolist(),
        table.thing[known].tolist(),
        table.property[known].tolist(),
        instants_text(found.time),
        numbers(found.number),
        table.unit[known].tolist(),
        more,
    )


@get(
    "/streams/aggregates",
    guards=[access("read", "observation")],
    sync_to_thread=True,
    summary="Windows of many streams",
)
def aggregates(
    house: TheHouse,
    actor: TheActor,
    wanted: NamedDependency[Chosen],
    start: FromQuery[str | None] = None,
    end: FromQuery[str | None] = None,
    window: Annotated[str, QueryParameter(description="An ISO 8601 duration.")] = "PT1H",
    of: Annotated[Literal["each", "all"], QueryParameter(description="Each stream, or all as one.")] = "each",
) -> AggregateColumns:
    """Count, least, greatest, mean, first and last of one stream, a thing, a type or a place; by default of 24 hours."""
    until = instant_of(end, "end") or house.now() + 1
    since = instant_of(start, "start")
    since = until - DAY if since is None else since
    width = duration_of(window, "window")
    if not wanted.narrowed:
        raise Invalid("streams", "nothing is chosen", "name streams, or a thing, type, property or place")
    table, rows = wanted.rows(house, actor)
    units = np.unique(table.unit[rows].astype(str))
    if of == "all" and len(units) > 1:
        raise Invalid("of", f"the streams have different units: {', '.join(units)}", "choose one property")
    if max(until - since, 0) // width * max(len(rows), 1) > MOST_ROWS:
        raise Invalid("window", f"gives more than {MOST_ROWS:,} rows", "ask for wider windows or less time")
    with house.store.reader() as reader:
        whole_hours(reader, table.id[rows], since, until, width)
        found = reader.rollups(table.id[rows], since, until, width)
    if of == "all":
        found = merged(found)
    return _columns(found, of == "each", str(units[0]) if len(units) == 1 else "", len(rows))


def merged(found: Rollup) -> Rollup:
    """The windows of all streams as one. `first` and `last` are of no single stream, so they are NaN."""
    order: NDArray[np.intp] = np.argsort(found.start, kind="stable")
    start = found.start[order]
    if not len(start):
        return found
    begins = np.flatnonzero(np.append(True, start[1:] != start[:-1]))
    nothing = np.full(len(begins), np.nan)
    return Rollup(
        stream=np.zeros(len(begins), np.int64),
        start=start[begins],
        n=np.add.reduceat(found.n[order], begins),
        sum=np.add.reduceat(found.sum[order], begins),
        min=np.minimum.reduceat(found.min[order], begins),
        max=np.maximum.reduceat(found.max[order], begins),
        first=nothing,
        last=nothing,
    )


def _columns(found: Rollup, each: bool, unit: str, streams: int) -> AggregateColumns:
    return AggregateColumns(
        found.stream.tolist() if each else None,
        instants_text(found.start),
        found.n.tolist(),
        numbers(found.min),
        numbers(found.max),
        numbers(found.sum / np.maximum(found.n, 1)),
        numbers(found.first),
        numbers(found.last),
        unit,
        streams,
    )


router = Router(
    "/",
    route_handlers=[list_streams, latest, aggregates],
    dependencies={"wanted": Provide(chosen, sync_to_thread=False)},
    tags=["observations"],
)
