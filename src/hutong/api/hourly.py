"""Windows over a time whose rows are deleted, of which hourly values are kept: whole hours, or a clear refusal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hutong.kernel.base import HOUR, Instant
from hutong.kernel.clock import iso
from hutong.kernel.errors import Invalid
from hutong.kernel.ports import Reader

REMEDY = "ask for windows of whole hours, from a whole hour on and up to one"


def whole_hours(
    reader: Reader, streams: NDArray[np.int64], since: Instant, until: Instant, window: Instant
) -> None:
    """Invalid if hourly values cannot answer exactly where rows are no longer kept."""
    if window % HOUR == 0 and since % HOUR == 0 and until % HOUR == 0:
        return
    kept = reader.rows_since(streams, since // HOUR * HOUR, until)
    if kept is None:
        return
    if window % HOUR:
        field, given = "window", "windows that are no whole hours would be empty"
    elif since % HOUR:
        field, given = "start", "the hour that it cuts would be missing"
    elif kept > until:
        field, given = "end", "the hour that it cuts would be missing"
    else:
        return
    raise Invalid(field, f"rows before {iso(kept)} are kept as hourly values only: {given}", REMEDY)
