"""Mapbox Vector Tiles 2.1: layers of geometries and attributes to bytes.

Everything between the shapely arrays and the bytes is done on columns; no feature is visited in Python.
Web Mercator tiles (EPSG:3857, XYZ numbering), as MapLibre and OGC API Tiles (WebMercatorQuad) use.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

EXTENT = 4096
"""Tile units along a side."""
BUFFER = 64
"""Tile units kept beyond the edges."""

Geometries = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]
Ragged = tuple[Ints, Ints]
"""Rows of varying length: all values one after the other, and the length of each row."""
Value = str | bool | int | float | None
_POINT, _LINE, _POLYGON = 1, 2, 3
_GEOMETRY_TYPE = np.array([_POINT, _LINE, 0, _POLYGON, _POINT, _LINE, _POLYGON, 0])
"""MVT type by shapely's type id; linear rings and collections have none."""


@dataclass(frozen=True)
class MvtLayer:
    """Features of one layer. `geometries` in tile units, x east, y south from the north-west corner (see
    `to_tile`). `attributes` hold one value per feature; None leaves the attribute out. Every feature has
    geometry of one kind (point, line, polygon or their Multi); others, and empty ones, are left out."""

    name: str
    geometries: Geometries
    attributes: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    ids: Sequence[int] | npt.NDArray[np.integer[Any]] | None = None


def web_mercator(lonlat: Any) -> Any:
    """Geometries in lon, lat degrees to the unit square of the web Mercator map, y from the north."""

    def convert(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        phi = np.radians(np.clip(points[:, 1], -85.051129, 85.051129))
        y = 0.5 - np.arcsinh(np.tan(phi)) / (2 * np.pi)
        return np.column_stack([points[:, 0] / 360 + 0.5, y])

    return shapely.transform(lonlat, convert)


def to_tile(mercator: Any, z: int, x: int, y: int, *, tolerance: float = 0.0, buffer: int = BUFFER) -> Any:
    """Geometries of the unit square (`web_mercator`) in units of tile z/x/y, cut at its edge plus buffer.

    `tolerance` in tile units simplifies lines and polygons. What lies outside becomes empty.
    """
    size = float(EXTENT * 2**z)
    offset = np.array([x * EXTENT, y * EXTENT], dtype=np.float64)
    shapes = shapely.transform(mercator, lambda points: points * size - offset)
    if tolerance:
        shapes = shapely.simplify(shapes, tolerance, preserve_topology=False)
    return shapely.clip_by_rect(shapes, -buffer, -buffer, EXTENT + buffer, EXTENT + buffer)


def encode(layers: Sequence[MvtLayer]) -> bytes:
    """The tile. Layers without features are left out; an empty tile is no bytes."""
    return b"".join(_field(3, body) for body in map(_layer, layers) if body)


def _layer(layer: MvtLayer) -> bytes:
    features, kinds, commands, lengths = _geometry(layer.geometries)
    if not len(features):
        return b""
    keys, values, tags, tag_counts = _tags(layer.attributes, features)
    ids = None if layer.ids is None else np.asarray(layer.ids, dtype=np.int64)[features]
    body = _features(ids, kinds, (commands, lengths), (tags, tag_counts))
    parts = [_field(1, layer.name.encode()), body]
    parts += [_field(3, key.encode()) for key in keys]
    parts += [_field(4, value) for value in values]
    parts += [bytes([5 << 3]), _varint(EXTENT), bytes([15 << 3, 2])]
    return b"".join(parts)


# ---- geometry ----------------------------------------------------------------------------------------------


def _geometry(geometries: Geometries) -> tuple[Ints, Ints, Ints, Ints]:
    """Indices of the features drawn, their MVT type, all their commands in a row, and how many each has."""
    kind = _GEOMETRY_TYPE[shapely.get_type_id(geometries)]
    parts, owner = shapely.get_parts(geometries, return_index=True)
    part_kind = kind[owner]
    rings, part_of_ring = shapely.get_rings(parts[part_kind == _POLYGON], return_index=True)
    areal, plain = np.flatnonzero(part_kind == _POLYGON), np.flatnonzero(part_kind != _POLYGON)
    pieces = np.concatenate([parts[plain], rings])
    piece_owner = np.concatenate([owner[plain], owner[areal][part_of_ring]]).astype(np.int64)
    polygon = np.concatenate([plain, areal[part_of_ring]])
    order = np.lexsort((np.arange(len(pieces)), polygon, piece_owner))
    pieces, piece_owner, polygon = pieces[order], piece_owner[order], polygon[order]
    xy, piece = shapely.get_coordinates(pieces, return_index=True)
    xy = np.rint(xy).astype(np.int64)
    keep = _distinct(xy, piece, kind[piece_owner] == _POLYGON)
    xy, piece = xy[keep], piece[keep].astype(np.int64)
    xy, piece = _drawable(xy, piece, kind[piece_owner], polygon)
    return _commands(xy, piece, piece_owner, kind)


def _distinct(xy: Ints, piece: Ints, ring: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Drops points that repeat the one before, and the last point of rings, which repeats the first."""
    keep = np.ones(len(xy), dtype=bool)
    same = piece[1:] == piece[:-1]
    keep[1:] = ~(same & np.all(xy[1:] == xy[:-1], axis=1))
    starts = np.flatnonzero(np.r_[True, ~same]) if len(xy) else np.empty(0, dtype=np.int64)
    ends = np.r_[starts[1:], len(xy)] - 1
    closed = ring[piece[starts]] if len(starts) else np.empty(0, dtype=bool)
    last = np.maximum.reduceat(np.where(keep, np.arange(len(xy)), -1), starts) if len(starts) else ends
    keep[last[closed & (last > starts)]] = False
    return keep


def _drawable(xy: Ints, piece: Ints, kind: Ints, polygon: Ints) -> tuple[Ints, Ints]:
    """Drops what shrank to less than a line or an area (with its holes), and turns outer rings clockwise on
    the screen, holes the other way."""
    count = np.bincount(piece, minlength=len(kind))
    ring = kind == _POLYGON
    twice = _twice_area(xy, piece, len(kind))
    fine = np.where(ring, (count > 2) & (twice != 0), count >= np.where(kind == _LINE, 2, 1)) & (kind > 0)
    first = np.r_[True, polygon[1:] != polygon[:-1]] if len(polygon) else np.empty(0, dtype=bool)
    outer = np.maximum.accumulate(np.where(first, np.arange(len(kind)), 0)) if len(kind) else polygon
    fine &= fine[outer]
    turned = ring & ((twice > 0) != first)
    rows = np.flatnonzero(fine[piece])
    piece = piece[rows]
    if turned.any():
        starts = np.searchsorted(piece, piece, "left")
        ends = np.searchsorted(piece, piece, "right")
        mirrored = starts + ends - 1 - np.arange(len(piece))
        rows = rows[np.where(turned[piece], mirrored, np.arange(len(piece)))]
    return xy[rows], piece


def _twice_area(xy: Ints, piece: Ints, n: int) -> Ints:
    """Shoelace sum of each piece; positive is clockwise on the screen (y south)."""
    if not len(xy):
        return np.zeros(n, dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, piece[1:] != piece[:-1]])
    following = np.arange(1, len(xy) + 1)
    following[np.r_[starts[1:], len(xy)] - 1] = starts
    cross = xy[:, 0] * xy[following, 1] - xy[following, 0] * xy[:, 1]
    total = np.zeros(n, dtype=np.int64)
    total[piece[starts]] = np.add.reduceat(cross, starts)
    return total


def _commands(xy: Ints, piece: Ints, piece_owner: Ints, kind: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    if not len(xy):
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, nothing, nothing
    owner = piece_owner[piece]
    first_of_feature = np.r_[True, owner[1:] != owner[:-1]]
    before = np.vstack([[0, 0], xy[:-1]])
    before[first_of_feature] = 0
    step = xy - before
    zigzag = (step << 1) ^ (step >> 63)
    # all points of a MultiPoint follow one MoveTo; a line or ring has a MoveTo, a LineTo, a ring a ClosePath
    point = kind[owner] == _POINT
    group = np.where(point, -owner - 1, piece)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    counts = np.diff(np.r_[starts, len(xy)])
    kinds = kind[owner[starts]]
    head = np.zeros(len(xy), dtype=np.int64)
    head[starts] = 1
    line_starts = starts[kinds != _POINT]
    second = np.zeros(len(xy), dtype=np.int64)
    second[line_starts + 1] = 1
    close = np.zeros(len(xy), dtype=np.int64)
    close[(starts + counts - 1)[kinds == _POLYGON]] = 1
    width = 2 + head + second + close
    at = np.cumsum(width) - width
    stream = np.zeros(int(width.sum()), dtype=np.int64)
    move = np.where(kinds == _POINT, counts, 1)
    stream[at[starts]] = (move << 3) | 1
    stream[at[line_starts + 1]] = ((counts[kinds != _POINT] - 1) << 3) | 2
    stream[at + head + second] = zigzag[:, 0]
    stream[at + head + second + 1] = zigzag[:, 1]
    stream[(at + width - 1)[close == 1]] = (1 << 3) | 7
    feature_starts = np.flatnonzero(first_of_feature)
    features = owner[feature_starts]
    return features, kind[features], stream, np.add.reduceat(width, feature_starts)


# ---- attributes --------------------------------------------------------------------------------------------


def _tags(
    attributes: Mapping[str, Sequence[Value]], features: Ints
) -> tuple[list[str], list[bytes], Ints, Ints]:
    """Keys, encoded values, and the (key, value) numbers of all features in a row with their counts."""
    keys = list(attributes)
    numbers: dict[tuple[type, Value], int] = {}
    columns = np.empty((len(features), len(keys)), dtype=np.int64)
    picked = features.tolist()
    for k, key in enumerate(keys):
        column = attributes[key]
        values = (column[i] for i in picked)
        columns[:, k] = [
            -1 if value is None else numbers.setdefault((type(value), value), len(numbers))
            for value in values
        ]
    used = columns >= 0
    pairs = np.empty((len(features), len(keys), 2), dtype=np.int64)
    pairs[:, :, 0] = np.arange(len(keys))
    pairs[:, :, 1] = columns
    return keys, [_value(value) for _, value in numbers], pairs[used].ravel(), 2 * used.sum(axis=1)


def _value(value: Value) -> bytes:
    if isinstance(value, str):
        return _field(1, value.encode())
    if isinstance(value, (bool, np.bool_)):
        return bytes([7 << 3, int(value)])
    if isinstance(value, (int, np.integer)):
        number = int(value)
        return bytes([6 << 3]) + _varint((number << 1) ^ (number >> 63))
    if isinstance(value, (float, np.floating)):
        return bytes([3 << 3 | 1]) + struct.pack("<d", value)
    raise TypeError(f"an attribute of a tile cannot be a {type(value).__name__}")


# ---- protocol buffers --------------------------------------------------------------------------------------


def _features(ids: Ints | None, kinds: Ints, commands: Ragged, tags: Ragged) -> bytes:
    """Feature messages as one stream of varints: keys and lengths are varints like all the rest."""
    n = len(kinds)
    tag_bytes, command_bytes = _bytes(tags), _bytes(commands)
    blank = np.zeros(n, dtype=bool)
    columns = [(np.full(n, 1 << 3), ids if ids is not None else kinds, blank if ids is None else ~blank)]
    has_tags = tags[1] > 0
    head = [c for key, value, use in columns for c in ((key, use), (value, use))]
    head += [(np.full(n, 2 << 3 | 2), has_tags), (tag_bytes, has_tags)]
    middle = [(np.full(n, 3 << 3), ~blank), (kinds, ~blank), (np.full(n, 4 << 3 | 2), ~blank)]
    middle += [(command_bytes, ~blank)]
    fixed = sum(np.where(use, _width(value), 0) for value, use in head + middle)
    size = fixed + tag_bytes + command_bytes
    lead = [(np.full(n, 2 << 3 | 2), ~blank), (size, ~blank)]
    blocks = [_block(lead + head), tags, _block(middle), commands]
    return _varints(_weave(blocks))


def _block(columns: list[tuple[Ints, npt.NDArray[np.bool_]]]) -> Ragged:
    """Columns of optional values as one row after the other, with how many each row has."""
    values = np.column_stack([value for value, _ in columns])
    used = np.column_stack([use for _, use in columns])
    return values[used], used.sum(axis=1)


def _weave(blocks: list[Ragged]) -> Ints:
    """Joins ragged blocks row by row: row 1 of each block, row 2 of each, and so on."""
    counts = np.column_stack([count for _, count in blocks])
    starts = (np.cumsum(counts.ravel()) - counts.ravel()).reshape(counts.shape)
    out = np.empty(int(counts.sum()), dtype=np.int64)
    for b, (values, count) in enumerate(blocks):
        local = np.arange(len(values)) - np.repeat(np.cumsum(count) - count, count)
        out[np.repeat(starts[:, b], count) + local] = values
    return out


def _bytes(rows: Ragged) -> Ints:
    """Length of each row as varints."""
    values, counts = rows
    total = np.concatenate([[0], np.cumsum(_width(values))])
    ends = np.cumsum(counts)
    return np.asarray(total[ends] - total[ends - counts], dtype=np.int64)


def _width(values: Ints) -> Ints:
    """Bytes of each number as a varint."""
    number = values.astype(np.uint64)
    width = np.ones(len(values), dtype=np.int64)
    for shift in range(7, 64, 7):
        width += number >= np.uint64(1 << shift)
    return width


def _varints(values: npt.NDArray[np.integer[Any]]) -> bytes:
    number = values.astype(np.uint64)
    width = _width(values.astype(np.int64))
    at = np.cumsum(width) - width
    out = np.empty(int(width.sum()), dtype=np.uint8)
    for k in range(int(width.max()) if len(width) else 0):
        rows = width > k
        more = (width[rows] > k + 1).astype(np.uint8) << 7
        out[at[rows] + k] = ((number[rows] >> np.uint64(7 * k)) & np.uint64(127)).astype(np.uint8) | more
    return out.tobytes()


def _field(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(body)) + body


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
