"""Observations as Parquet (zstd): columns that DuckDB, Spark and Trino read, with statistics for every row group.

`stream`, `sequence`, `time` (µs UTC), `number` (null where the result is none), `quality`, and where some row has them
`end_time`, `result_time`, `feature`, `text`, `document` and `parameters` (JSON).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hutong.kernel.errors import Corrupt
from hutong.store.observations.rows import Rows

TIME = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        pa.field("stream", pa.int64(), nullable=False),
        pa.field("sequence", pa.int64(), nullable=False),
        pa.field("time", TIME, nullable=False),
        pa.field("number", pa.float64()),
        pa.field("quality", pa.uint8(), nullable=False),
        pa.field("end_time", TIME),
        pa.field("result_time", TIME),
        pa.field("feature", pa.int64()),
        pa.field("text", pa.string()),
        pa.field("document", pa.string()),
        pa.field("parameters", pa.string()),
    ]
)
_OPTIONAL = {"end_time": -1, "result_time": -1, "feature": 0}
_OBJECTS = {"text": "texts", "document": "documents", "parameters": "parameters"}


class DayWriter:
    """Writes row groups into one file."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(
            path,
            SCHEMA,
            compression="zstd",
            use_dictionary=["stream", "text"],
            column_encoding={
                "sequence": "DELTA_BINARY_PACKED",
                "time": "DELTA_BINARY_PACKED",
                "number": "BYTE_STREAM_SPLIT",
            },
            write_statistics=True,
        )

    def write(self, rows: Rows) -> None:
        """One row group; the rows are ordered by stream, time and sequence."""
        self._writer.write_table(_table(rows), row_group_size=max(1, len(rows)))

    def close(self) -> None:
        self._writer.close()


def _table(rows: Rows) -> Any:
    total = len(rows)
    columns: list[Any] = [
        pa.array(rows.stream),
        pa.array(rows.sequence),
        pa.array(rows.time).cast(TIME),
        pa.array(rows.number, mask=np.isnan(rows.number)),
        pa.array(rows.quality),
    ]
    for name, unset in _OPTIONAL.items():
        column = getattr(rows, name)
        values = np.full(total, unset, np.int64) if column is None else column
        columns.append(pa.array(values, mask=values == unset).cast(SCHEMA.field(name).type))
    for name, field in _OBJECTS.items():
        values = [None] * total
        for at, value in getattr(rows, field).items():
            values[at] = value if name == "text" else msgspec.json.encode(value).decode()
        columns.append(pa.array(values, pa.string()))
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def read_group(path: Path, group: int, footer: Any) -> tuple[Rows, Any]:
    """A row group and the file's footer, to be given at the next read."""
    try:
        with pq.ParquetFile(path, metadata=footer) as file:
            found = file.read_row_group(group, use_threads=False)
            footer = file.metadata
    except (pa.ArrowInvalid, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise Corrupt(
            "archive", f"{path.name} cannot be read ({error})", "restore it from a backup"
        ) from error
    return _rows(found), footer


def _rows(table: Any) -> Rows:
    def numbers(name: str, unset: float) -> Any:
        column = table.column(name)
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.int64())
        return (column.fill_null(unset) if column.null_count else column).to_numpy()

    optional: dict[str, Any] = {
        name: numbers(name, unset)
        for name, unset in _OPTIONAL.items()
        if table.column(name).null_count < len(table)
    }
    for name, field in _OBJECTS.items():
        column = table.column(name)
        if column.null_count < len(table):
            held = enumerate(column.to_pylist())
            optional[field] = {
                at: value if name == "text" else msgspec.json.decode(value)
                for at, value in held
                if value is not None
            }
    return Rows(
        numbers("stream", 0),
        numbers("sequence", 0),
        numbers("time", 0),
        numbers("number", float("nan")),
        numbers("quality", 0),
        **optional,
    )
