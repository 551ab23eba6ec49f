"""GET /layers and /tiles: things on the map, as columns with their latest values and as vector tiles."""

from __future__ import annotations

import zlib
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
import shapely
from litestar import Request, Response, Router, get
from litestar.params import FromPath, QueryParameter
from numpy.typing import NDArray

from hutong.api.access import access, public
from hutong.api.city import layers
from hutong.api.house import House
from hutong.api.moments import as_they_were, recorded_of
from hutong.api.requests import TheActor, TheHouse
from hutong.api.shapes import box_of, instant_of, numbers, times
from hutong.api.things_by_type import ThingTable, every
from hutong.engine.flow.whereabouts import Positions, positions
from hutong.kernel import mvt
from hutong.kernel.access import predicate
from hutong.kernel.base import Instant
from hutong.kernel.case import Warning
from hutong.kernel.definition.thing import Layer
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Expr, IsNull, Or, Value, both, field

GRAVITY = ("calm", "notice", "blue", "yellow", "orange", "red")
"""Tones from harmless to grave."""
LIVE = 1.0
"""Seconds for which a live layer may be the same."""
PAST = 10.0
"""The same of a layer as it was; late rows may still change it."""
MOST_WARNINGS = 20_000
TILE_TYPE = "application/vnd.mapbox-vector-tile"
FINEST = 22


class LiveLayer(msgspec.Struct, frozen=True):
    """A layer as columns: row i is one thing. `value` and `time` are the latest of the property the layer shows (None
    where there is none); `tone` the graver of the legend's step and the thing's open warning. Line layers carry
    `lines`, each a list of lists of positions. Things that move stand where they last were: `located` says when; those
    whose position nobody knows are left out."""

    geometry: str
    id: list[int]
    lon: list[float]
    lat: list[float]
    name: list[str]
    value: list[float | None] | None
    time: list[str | None]
    tone: list[str]
    lines: list[list[list[list[float]]]] | None = None
    located: list[str] | None = None


class _Drawn(NamedTuple):
    """A whole layer: value, time (−1: none) and gravity of each row of the table, and where and when it was if it moves."""

    table: ThingTable
    value: NDArray[np.float64]
    time: NDArray[np.int64]
    gravity: NDArray[np.int64]
    moved: Positions | None

    def within(self, box: tuple[float, float, float, float] | None) -> NDArray[np.int64]:
        """Rows that are drawn in the box."""
        if self.moved is None:
            return self.table.within(box)
        west, south, east, north = box or (-180.0, -90.0, 180.0, 90.0)
        lon, lat = self.moved.lonlat.T
        return np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _layer(house: House, name: str) -> Layer:
    found = layers(house).get(name)
    if found is None:
        raise NotFound("layer", f"there is no layer {name!r}", "GET /city lists them")
    return found[1]


def open_warnings() -> Expr:
    """Warnings that still hold and were not judged false."""
    return both(IsNull(field("cleared")), Compare("ne", field("state"), Value("false_alarm")))


def standing_at(at: Instant) -> Expr:
    """Warnings that held at a moment of city time."""
    cleared = field("cleared")
    held = Or((IsNull(cleared), Compare("gt", cleared, Value(at))))
    return both(Compare("le", field("raised"), Value(at)), held)


def warning_tones(reader: Reader, at: Instant | None = None) -> dict[int, int]:
    """Thing → gravity of its gravest open warning (at a moment of city time)."""
    if at is None:
        standing = list(every(reader, Warning, open_warnings(), MOST_WARNINGS))
    else:
        held = every(reader, Warning, standing_at(at), MOST_WARNINGS)
        then = as_they_were(reader, Warning, held, recorded_of(reader, at))
        standing = [one for one in then if one.state != "false_alarm"]
    found: dict[int, int] = {}
    for one in standing:
        found[one.thing] = max(found.get(one.thing, 0), GRAVITY.index(one.colour))
    return found


def _steps(layer: Layer) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Where each step of the legend begins, ascending, and its gravity."""
    steps = sorted((float(step["from"]), GRAVITY.index(step["colour"])) for step in layer.legend)
    return np.array([at for at, _ in steps]), np.array([gravity for _, gravity in steps], np.int64)


def _gravity(layer: Layer, value: NDArray[np.float64], warned: NDArray[np.int64]) -> NDArray[np.int64]:
    begins, gravity = _steps(layer)
    if not len(begins):
        return warned
    step = np.searchsorted(begins, value, side="right") - 1
    reached = np.isfinite(value) & (step >= 0)
    return np.maximum(warned, np.where(reached, gravity[np.maximum(step, 0)], 0))


def _live(house: House, layer: Layer, allowed: Expr, at: Instant | None) -> _Drawn:
    """The whole layer, now or at a moment of city time."""
    recorded = None
    if at is not None:
        with house.store.reader() as reader:
            recorded = recorded_of(reader, at)
    table = house.tables.table(layer.type, layer.shows, allowed, recorded, _moves(house, layer))
    value = np.full(len(table.id), np.nan)
    time = np.full(len(table.id), -1, np.int64)
    moved = None
    with house.store.reader() as reader:
        streams = np.unique(table.stream[table.stream > 0])
        if len(streams):
            latest = reader.latest(streams, at=at)
            _spread(table.stream, latest.stream, latest.number, value)
            _spread(table.stream, latest.stream, latest.time, time)
        if table.longitude is not None and table.latitude is not None:
            moved = positions(reader, table.longitude, table.latitude, at)
        tones = warning_tones(reader, at)
    warned = np.array([tones.get(id, 0) for id in table.id.tolist()], np.int64)
    return _Drawn(table, value, time, _gravity(layer, value, warned), moved)


def _moves(house: House, layer: Layer) -> tuple[str, str] | None:
    kind = house.rulebook.types.get(layer.type)
    return kind.position if kind else None


def _spread(stream: NDArray[np.int64], known: NDArray[np.int64], source: Any, target: Any) -> None:
    """Writes what is known of streams into the rows that show them."""
    if not len(known):
        return
    order = np.argsort(known)
    place = np.minimum(np.searchsorted(known[order], stream), len(known) - 1)
    hit = known[order][place] == stream
    target[hit] = source[order][place][hit]


@get(
    "/layers/{name:str}/live",
    guards=[access("read", "thing")],
    sync_to_thread=True,
    summary="A layer as it stands",
)
def live(
    house: TheHouse,
    actor: TheActor,
    name: FromPath[str],
    bbox: Annotated[str | None, QueryParameter(description="west,south,east,north in degrees")] = None,
    at: Annotated[str | None, QueryParameter(description="As it was at this instant (default: now).")] = None,
) -> LiveLayer:
    """Columns of the things of a layer within the box, with their latest values."""
    layer = _layer(house, name)
    allowed = predicate(actor, "read", "thing")
    moment = instant_of(at, "at")
    drawn: _Drawn = house.cached(
        ("live", name, repr(allowed), moment),
        LIVE if moment is None else PAST,
        lambda: _live(house, layer, allowed, moment),
    )
    return _columns(house, layer, drawn, drawn.within(box_of(bbox)))


def _columns(house: House, layer: Layer, drawn: _Drawn, rows: NDArray[np.int64]) -> LiveLayer:
    table, time, moved = drawn.table, drawn.time[rows], drawn.moved
    kind = house.rulebook.types[layer.type].geometry if layer.type in house.rulebook.types else "point"
    position = (table.position if moved is None else moved.lonlat)[rows]
    moments = times(np.maximum(time, 0))
    return LiveLayer(
        geometry="line" if kind == "line" else "point",
        id=table.id[rows].tolist(),
        lon=np.round(position[:, 0], 7).tolist(),
        lat=np.round(position[:, 1], 7).tolist(),
        name=[table.name[i] for i in rows.tolist()],
        value=numbers(drawn.value[rows]) if layer.shows else None,
        time=[text if at >= 0 else None for text, at in zip(moments, time.tolist(), strict=True)],
        tone=[GRAVITY[i] for i in drawn.gravity[rows].tolist()],
        lines=_lines(table.geometry[rows]) if kind == "line" else None,
        located=None if moved is None else times(moved.time[rows]),
    )


def _lines(shapes: NDArray[np.object_]) -> list[list[list[list[float]]]]:
    return [
        [[[round(x, 7), round(y, 7)] for x, y in shapely.get_coordinates(part).tolist()] for part in parts]
        for parts in (shapely.get_parts(shape).tolist() for shape in shapes)
    ]


# ---- tiles -------------------------------------------------------------------------------------------------


def _check(z: int, x: int, y: int) -> None:
    if not (0 <= z <= FINEST and 0 <= x < 2**z and 0 <= y < 2**z):
        raise Invalid("tile", f"{z}/{x}/{y} is no tile", "0 ≤ x, y < 2^z; rows are counted from the north")


def _tile(body: bytes | None, seconds: int, *, zipped: bool = False, shared: bool = True) -> Response[bytes]:
    keep = f"{'public' if shared else 'private'}, max-age={seconds}"
    headers = {"Cache-Control": keep, **({"Content-Encoding": "gzip"} if zipped and body else {})}
    return Response(body or b"", status_code=200 if body else 204, media_type=TILE_TYPE, headers=headers)


@get(
    "/tiles/base/{z:int}/{x:int}/{y:str}",
    guards=[public()],
    sync_to_thread=True,
    summary="A tile of the base map",
)
def base_tile(
    house: TheHouse,
    request: Request[Any, Any, Any],
    z: FromPath[int],
    x: FromPath[int],
    y: FromPath[str],
) -> Response[bytes]:
    """Mapbox Vector Tile; 204 where there is nothing."""
    row = _row(y)
    _check(z, x, row)
    body = house.context.basemap.tile(z, x, row) if house.context.basemap else None
    if body is not None and "gzip" not in request.headers.get("accept-encoding", ""):
        return _tile(zlib.decompress(body, wbits=31), 3600)
    return _tile(body, 3600, zipped=True)


@get(
    "/tiles/{layer:str}/{z:int}/{x:int}/{y:str}",
    guards=[access("read", "thing")],
    sync_to_thread=True,
    summary="A tile of things",
)
def thing_tile(
    house: TheHouse,
    actor: TheActor,
    layer: FromPath[str],
    z: FromPath[int],
    x: FromPath[int],
    y: FromPath[str],
) -> Response[bytes]:
    """The things of a layer as Mapbox Vector Tile, attributes `name`, `name_en`, `code`; feature ids are thing ids."""
    row = _row(y)
    _check(z, x, row)
    found = _layer(house, layer)
    if _moves(house, found) is not None:
        raise NotFound("layer", f"{layer} moves, so it has no tiles", f"read /layers/{layer}/live")
    allowed = predicate(actor, "read", "thing")
    key = ("tile", layer, z, x, row, repr(allowed), house.tables.version)
    body = house.cached(
        key, 60, lambda: _drawn(house.tables.table(found.type, found.shows, allowed), layer, z, x, row)
    )
    return _tile(body, 60, shared=False)


def _row(y: str) -> int:
    text = y.removesuffix(".mvt").removesuffix(".pbf")
    if not text.isdigit():
        raise Invalid("tile", f"{y!r} is no row", "write /z/x/y.mvt")
    return int(text)


def _drawn(table: ThingTable, name: str, z: int, x: int, y: int) -> bytes:
    edge = mvt.BUFFER / mvt.EXTENT
    view = shapely.box(*(v / 2**z for v in (x - edge, y - edge, x + 1 + edge, y + 1 + edge)))
    rows = np.sort(table.tree.query(view)).astype(np.int64)
    if not len(rows):
        return b""
    picked = rows.tolist()
    attributes = {
        "name": [table.name[i] for i in picked],
        "name_en": [table.english[i] for i in picked],
        "code": [table.code[i] for i in picked],
    }
    shapes = mvt.to_tile(table.mercator[rows], z, x, y, tolerance=2.0)
    return mvt.encode([mvt.MvtLayer(name, shapes, attributes, table.id[rows])])


router = Router("/", route_handlers=[live, base_tile, thing_tile], tags=["map"])
