"""pyarrow, which is optional: a city that imports no tables does without it."""

from __future__ import annotations

from typing import Any

from hutong.kernel.errors import Unavailable

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv, parquet
except ModuleNotFoundError:
    pa = pc = csv = parquet = None

__all__ = ["csv", "needed", "pa", "parquet", "pc"]


def needed(module: Any = pa) -> None:
    """Unavailable, with what to do about it, if pyarrow is not installed."""
    if module is None:
        raise Unavailable(
            "pyarrow", "is not installed, and tables are read by it", "run `pip install pyarrow`"
        )
