"""A table in one file: MessagePack of named columns, compressed with zstd.

    {"format": "hutong-table/1", "rows": n, "columns": {name: {"kind": …, "data": …}}}

`kind` is `text` (list of strings), `bytes` (list of byte strings), `int` or `float` (little-endian 64-bit
numbers in one byte string). Written the same, byte for byte, from the same columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import zstandard

from hutong.kernel.errors import Corrupt

Column = Sequence[str] | Sequence[bytes] | npt.NDArray[Any]
FORMAT = "hutong-table/1"
_LEVEL = 9


def write_table(path: Path, columns: Mapping[str, Column]) -> None:
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"columns of {path.name} differ in length: {sorted(lengths)}")
    body = {name: _pack(column) for name, column in columns.items()}
    table = {"format": FORMAT, "rows": lengths.pop() if lengths else 0, "columns": body}
    path.write_bytes(zstandard.ZstdCompressor(level=_LEVEL).compress(msgspec.msgpack.encode(table)))


def _pack(column: Column) -> dict[str, Any]:
    if isinstance(column, np.ndarray) and column.dtype.kind in "iub":
        return {"kind": "int", "data": column.astype("<i8").tobytes()}
    if isinstance(column, np.ndarray) and column.dtype.kind == "f":
        return {"kind": "float", "data": column.astype("<f8").tobytes()}
    values = [value if isinstance(value, bytes) else str(value) for value in column]
    return {"kind": "bytes" if values and isinstance(values[0], bytes) else "text", "data": values}


def read_table(path: Path) -> dict[str, Any]:
    """Columns by name: lists of str or bytes, or int64 or float64 arrays. Raises Corrupt."""
    try:
        table = msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(path.read_bytes()))
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        raise Corrupt(path.name, f"cannot be read: {error}", "build the city again") from error
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise Corrupt(path.name, f"is not a {FORMAT} file", "build the city again")
    return {name: _unpack(column) for name, column in table["columns"].items()}


def _unpack(column: dict[str, Any]) -> Any:
    if column["kind"] == "int":
        return np.frombuffer(column["data"], dtype="<i8").astype(np.int64)
    if column["kind"] == "float":
        return np.frombuffer(column["data"], dtype="<f8").astype(np.float64)
    return column["data"]
