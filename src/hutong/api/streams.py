"""GET /streams/…: what was observed, as rows and as windows."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from litestar import Router, get
from litestar.params import FromQuery, QueryParameter
from numpy.typing import NDArray

from hutong.api.access import access, readable
from hutong.api.hourly import whole_hours
from hutong.api.house import House
from hutong.api.requests import Limit, RowId, TheActor, TheHouse
from hutong.api.shapes import Named, duration_of, instant_of, numbers, time_of, times
from hutong.api.thresholds import Threshold, thresholds
from hutong.kernel.access import Actor
from hutong.kernel.base import DAY, SECOND, Label, Provenance
from hutong.kernel.errors import Invalid
from hutong.kernel.ports import Reader
from hutong.kernel.thing import Datastream, Sensor, Thing

MOST = 20_000
WINDOWS = 5_000


class ObservationColumns(msgspec.Struct, frozen=True):
    """Observations of one stream in time order; `quality` 0 is good, 1 late, 16 and more are doubted."""

    time: list[str]
    number: list[float | None]
    quality: list[int]
    unit: str


class RollupColumns(msgspec.Struct, frozen=True):
    """Windows of one stream; windows without a row are left out."""

    start: list[str]
    n: list[int]
    min: list[float | None]
    max: list[float | None]
    mean: list[float | None]
    unit: str


class SensorShape(msgspec.Struct, frozen=True):
    """What observes: a device or a method."""

    id: int
    name: str
    description: str


class StreamPage(msgspec.Struct, frozen=True, kw_only=True):
    """A datastream with its thing, its sensor, its newest value and the levels that rules compare it with."""

    id: int
    version: int
    name: str
    property: str
    label: Label | None
    description: str
    unit: str
    kind: str
    low: float | None
    high: float | None
    interval: float | None
    same_time: str
    thing: Named
    code: str
    type: str
    sensor: SensorShape | None
    time: str | None
    number: float | None
    hourly_before: str | None
    """Before it, hourly values are kept without their rows: only windows of whole hours are answered there."""
    thresholds: list[Threshold]
    provenance: Provenance


@get(
    "/streams/{id:int}",
    guards=[access("read", "observation")],
    sync_to_thread=True,
    summary="One stream",
)
def one_stream(house: TheHouse, actor: TheActor, id: RowId) -> StreamPage:
    """Everything about one datastream but its history."""
    with house.store.reader() as reader:
        stream = _stream(house, reader, actor, id)
        thing = reader.get(Thing, stream.thing)
        sensor = reader.many(Sensor, [stream.sensor]).get(stream.sensor)
        newest = reader.latest(np.array([id], np.int64))
        hourly_before = reader.rows_since(np.array([id], np.int64))
    definition = house.rulebook.properties.get(stream.property_code)
    known = len(newest.stream) > 0
    return StreamPage(
        id=id,
        version=stream.version,
        name=stream.name,
        property=stream.property_code,
        label=definition.label if definition else None,
        description=stream.description,
        unit=stream.unit,
        kind=stream.result_kind,
        low=stream.low,
        high=stream.high,
        interval=stream.interval / SECOND if stream.interval else None,
        same_time=stream.same_time,
        thing=Named(thing.id, thing.name),
        code=thing.code,
        type=thing.type,
        sensor=SensorShape(sensor.id, sensor.name, sensor.description) if sensor else None,
        time=times(newest.time)[0] if known else None,
        number=numbers(newest.number)[0] if known else None,
        hourly_before=time_of(hourly_before),
        thresholds=thresholds(house.rulebook, thing, stream, house.now()),
        provenance=stream.provenance,
    )


def _stream(house: House, reader: Reader, actor: Actor, id: int) -> Datastream:
    stream = reader.get(Datastream, id)
    thing = reader.get(Thing, stream.thing)
    scope = house.directory.scope(thing.place, thing.owner)
    readable(actor, "observation", scope, id, "datastream")
    return stream


@get(
    "/streams/{id:int}/observations",
    guards=[access("read", "observation")],
    sync_to_thread=True,
    summary="Observations of a stream",
)
def observations(
    house: TheHouse,
    actor: TheActor,
    id: RowId,
    start: Annotated[str | None, QueryParameter(description="From this instant on.")] = None,
    end: Annotated[str | None, QueryParameter(description="Before this instant.")] = None,
    limit: Limit = 2000,
) -> ObservationColumns:
    """Without `start`, the newest `limit` rows; in time order either way."""
    since, until = instant_of(start, "start"), instant_of(end, "end")
    with house.store.reader() as reader:
        stream = _stream(house, reader, actor, id)
        rows = reader.observations(id, since, until, limit=max(1, min(limit, MOST)), descending=since is None)
    order: NDArray[np.int64] = np.argsort(rows.time, kind="stable")
    return ObservationColumns(
        times(rows.time[order]), numbers(rows.number[order]), rows.quality[order].tolist(), stream.unit
    )


@get(
    "/streams/{id:int}/rollups",
    guards=[access("read", "observation")],
    sync_to_thread=True,
    summary="Windows of a stream",
)
def rollups(
    house: TheHouse,
    actor: TheActor,
    id: RowId,
    start: FromQuery[str | None] = None,
    end: FromQuery[str | None] = None,
    window: Annotated[str, QueryParameter(description="An ISO 8601 duration.")] = "PT1H",
) -> RollupColumns:
    """Count, least, greatest and mean of each window; by default the last 24 hours."""
    until = instant_of(end, "end") or house.now() + 1
    since = instant_of(start, "start") or until - DAY
    width = duration_of(window, "window")
    if (until - since) // width > WINDOWS:
        raise Invalid("window", f"gives more than {WINDOWS} windows", "ask for wider windows or less time")
    with house.store.reader() as reader:
        stream = _stream(house, reader, actor, id)
        one = np.array([id], np.int64)
        whole_hours(reader, one, since, until, width)
        found = reader.rollups(one, since, until, width)
    return RollupColumns(
        times(found.start),
        found.n.tolist(),
        numbers(found.min),
        numbers(found.max),
        numbers(found.sum / np.maximum(found.n, 1)),
        stream.unit,
    )


router = Router("/", route_handlers=[one_stream, observations, rollups], tags=["observations"])
