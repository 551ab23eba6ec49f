"""Small tables that people bring as CSV: their bytes as text, their heads under any of the names they go by."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from hutong.kernel.errors import Invalid

LONGEST_FIELD = 100_000


def decoded(content: bytes, name: str = "file") -> str:
    """UTF-8 (with or without a byte order mark), or GB 18030 as spreadsheets in China write it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(name, "is neither UTF-8 nor GB 18030", "save it as CSV UTF-8")


def rows_of(
    text: str, columns: Mapping[str, Sequence[str]], required: Sequence[str], name: str = "file"
) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, column → trimmed text) of every row that is not empty. `columns`: column → the heads it goes by (its own name
    and these, whatever their case). Invalid where a required column is missing."""
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    csv.field_size_limit(LONGEST_FIELD)
    try:
        head = next(reader, [])
        places = _places(head, columns)
        missing = [one for one in required if one not in places]
        if missing:
            heads = ", ".join(f"{one} ({'/'.join(columns[one])})" for one in missing)
            raise Invalid(f"{name} line 1", f"has no column {heads}", "name it in the first line")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield (
                    reader.line_num,
                    {one: cells[at].strip() if at < len(cells) else "" for one, at in places.items()},
                )
    except csv.Error as error:
        raise Invalid(f"{name} line {reader.line_num}", str(error), "write it as plain CSV") from None


def _places(head: Sequence[str], columns: Mapping[str, Sequence[str]]) -> dict[str, int]:
    heads = [cell.strip().casefold() for cell in head]
    found: dict[str, int] = {}
    for name, others in columns.items():
        for known in (name, *others):
            if known.casefold() in heads:
                found[name] = heads.index(known.casefold())
                break
    return found
