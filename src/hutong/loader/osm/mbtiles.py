"""Writes and reads an MBTiles 1.3 file: vector tiles, gzip-compressed, in one SQLite database.

The same tiles give the same bytes: rows are written in order, in one transaction, without times.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import apsw

Tile = tuple[int, int, int, bytes]
"""z, x, y (XYZ numbering, y from the north), body"""

_SCHEMA = """
CREATE TABLE metadata (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE tiles (
  zoom_level INTEGER NOT NULL, tile_column INTEGER NOT NULL, tile_row INTEGER NOT NULL,
  tile_data BLOB NOT NULL,
  PRIMARY KEY (zoom_level, tile_column, tile_row)
) WITHOUT ROWID;
"""


def write_tiles(path: Path, tiles: Iterable[Tile], metadata: Mapping[str, str]) -> int:
    """Replaces the file once all is written; the number of tiles."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    database = apsw.Connection(str(part))
    try:
        database.execute("PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        with database:
            database.execute(_SCHEMA)
            database.executemany("INSERT INTO metadata VALUES (?, ?)", sorted(metadata.items()))
            rows = sorted((z, x, 2**z - 1 - y, _gzip(body)) for z, x, y, body in tiles)
            database.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    finally:
        database.close()
    part.replace(path)
    return len(rows)


def describe(
    layers: Mapping[str, tuple[int, Iterable[str]]], zooms: tuple[int, int], **facts: Any
) -> dict[str, str]:
    """Metadata rows: `layers` are name → (first zoom, attribute names)."""
    vector_layers = [
        {"id": name, "minzoom": first, "maxzoom": zooms[1], "fields": dict.fromkeys(fields, "String")}
        for name, (first, fields) in layers.items()
    ]
    rows = {"format": "pbf", "type": "baselayer", "minzoom": str(zooms[0]), "maxzoom": str(zooms[1])}
    rows["json"] = json.dumps({"vector_layers": vector_layers}, separators=(",", ":"))
    return rows | {key: str(value) for key, value in facts.items()}


def read_tile(database: apsw.Connection, z: int, x: int, y: int) -> bytes | None:
    """The gzip-compressed body, to be sent with `Content-Encoding: gzip`; None if the tile is empty."""
    row = database.execute(
        "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
        (z, x, 2**z - 1 - y),
    ).fetchone()
    return bytes(row[0]) if row else None


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(6, wbits=31)
    return packer.compress(body) + packer.flush()
