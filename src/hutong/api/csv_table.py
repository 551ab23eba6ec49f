"""Tables as CSV that spreadsheets open safely."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""


def cell(value: object) -> str:
    """The text of a cell; an apostrophe keeps text from being read as a formula."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float) or not text.startswith(_DANGEROUS):
        return text
    return f"'{text}"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark (Excel reads Chinese only with it), lines ended by CR LF (RFC 4180)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([cell(value) for value in head])
    writer.writerows([cell(value) for value in row] for row in rows)
    return "\ufeff".encode() + out.getvalue().encode()
