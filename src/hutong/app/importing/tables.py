"""CSV and Parquet files in blocks of rows, with how much of them is read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hutong.app.importing.arrow import csv, pa, parquet
from hutong.app.importing.layout import Layout
from hutong.kernel.errors import Invalid, NotFound

BLOCK = 100_000
"""Rows of a block at most."""
BYTES = 4 << 20
"""Bytes of CSV read at a time."""
PARQUET = (".parquet", ".pq")


class _Counted(io.FileIO):
    """A file that knows how much of it was read."""

    taken = 0

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer) or 0
        self.taken += count
        return count

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(-1 if size is None else size) or b""
        self.taken += len(found)
        return found


def blocks(path: Path, layout: Layout, names: list[str]) -> Iterator[tuple[Any, float]]:
    """(rows, share of the file that is read) one after another."""
    if not path.is_file():
        raise NotFound("file", f"there is no file {path}")
    try:
        yield from (_parquet if path.suffix.lower() in PARQUET else _csv)(path, layout, names)
    except pa.ArrowInvalid as error:
        raise Invalid(
            path.name, str(error).splitlines()[0], "mend the file, or say in map.yaml how it is"
        ) from None
    except pa.ArrowKeyError as error:
        raise Invalid(path.name, str(error), f"columns are {', '.join(names)}; see map.yaml") from None
    except UnicodeDecodeError as error:
        raise Invalid(
            path.name, f"is not {layout.encoding}: {error}", "say its encoding in map.yaml"
        ) from None


def _csv(path: Path, layout: Layout, names: list[str]) -> Iterator[tuple[Any, float]]:
    size = max(1, path.stat().st_size)
    with _Counted(path, "rb") as counted:
        file: Any = pa.PythonFile(counted, mode="r")
        if path.suffix.lower() == ".gz":
            file = pa.CompressedInputStream(file, "gzip")
        reader = csv.open_csv(
            file,
            read_options=csv.ReadOptions(block_size=BYTES, encoding=layout.encoding),
            parse_options=csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                include_columns=names,
                column_types=dict.fromkeys(names, pa.string()),
                null_values=list(layout.nulls),
                strings_can_be_null=True,
            ),
        )
        for block in reader:
            for start in range(0, block.num_rows, BLOCK):
                yield block.slice(start, BLOCK), min(1.0, counted.taken / size)


def _parquet(path: Path, _: Layout, names: list[str]) -> Iterator[tuple[Any, float]]:
    file = parquet.ParquetFile(path)
    missing = [name for name in names if name not in file.schema_arrow.names]
    if missing:
        there = ", ".join(file.schema_arrow.names)
        raise Invalid(path.name, f"has no column {missing[0]}", f"it has {there}; name them in map.yaml")
    total, done = max(1, file.metadata.num_rows), 0
    for block in file.iter_batches(batch_size=BLOCK, columns=names):
        done += block.num_rows
        yield block, done / total
