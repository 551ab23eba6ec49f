"""北斗网格位置码, GB/T 39409-2020, in two dimensions, north of the equator and east of Greenwich.

Cells nest: the code of a wider cell is a prefix. Checked against published examples only [M-med]: 待核实.
"""

from __future__ import annotations

from math import floor

from hutong.kernel.errors import Invalid

_SECOND = 2048
"""Units of a second of arc: the edge of the finest cell."""
_MINUTE = 60 * _SECOND
_DIGITS = "0123456789ABCDE"
_ROWS = "ABCDEFGHIJKLMNOPQRSTUV"

_EDGES = (
    (6 * 60 * _MINUTE, 4 * 60 * _MINUTE),
    (30 * _MINUTE, 30 * _MINUTE),
    (15 * _MINUTE, 10 * _MINUTE),
    (_MINUTE, _MINUTE),
    (4 * _SECOND, 4 * _SECOND),
    (2 * _SECOND, 2 * _SECOND),
    (_SECOND // 4, _SECOND // 4),
    (_SECOND // 32, _SECOND // 32),
    (_SECOND // 256, _SECOND // 256),
    (1, 1),
)
"""Width and height of the cells of levels 1 to 10: from 6° × 4° to 1/2048″ (1.5 cm)."""

_Z_LEVELS = (3, 6)
"""Levels whose cells are numbered row by row in one character; the others have a column and a row."""
_LENGTHS = (4, 6, 7, 9, 11, 12, 14, 16, 18, 20)


def beidou_code(lon: float, lat: float, level: int) -> str:
    """Code of the cell of a level (1–10) that holds the point."""
    if not 1 <= level <= len(_EDGES):
        raise Invalid("level", f"there is no level {level}", "levels are 1 to 10")
    if not (0 <= lon < 180 and 0 <= lat < 88):
        raise Invalid("lon, lat", f"{lon}, {lat} is outside", "codes are made for 0–180° E and 0–88° N")
    # A millionth of the finest cell: a point given on an edge in decimal degrees must not fall short of it.
    x, y = (floor(degrees * 60 * _MINUTE + 1e-6) for degrees in (lon, lat))
    width, height = _EDGES[0]
    code = f"N{x // width + 31:02d}{_ROWS[y // height]}"
    for number in range(2, level + 1):
        x, y = x % width, y % height
        across = width // _EDGES[number - 1][0]
        width, height = _EDGES[number - 1]
        column, row = x // width, y // height
        code += _DIGITS[row * across + column] if number in _Z_LEVELS else _DIGITS[column] + _DIGITS[row]
    return code


def beidou_level(code: str) -> int:
    """Level of a code by its length."""
    if len(code) not in _LENGTHS:
        raise _wrong(code)
    return _LENGTHS.index(len(code)) + 1


def beidou_bounds(code: str) -> tuple[float, float, float, float]:
    """(west, south, east, north) of a cell in degrees."""
    text = code.strip().upper()
    level = beidou_level(text)
    if text[0] != "N" or not text[1:3].isdecimal() or not 31 <= int(text[1:3]) <= 60 or text[3] not in _ROWS:
        raise _wrong(code)
    width, height = _EDGES[0]
    x, y = (int(text[1:3]) - 31) * width, _ROWS.index(text[3]) * height
    for number in range(2, level + 1):
        digits = [_DIGITS.find(ch) for ch in text[_LENGTHS[number - 2] : _LENGTHS[number - 1]]]
        across, along = width // _EDGES[number - 1][0], height // _EDGES[number - 1][1]
        width, height = _EDGES[number - 1]
        row, column = divmod(digits[0], across) if number in _Z_LEVELS else (digits[1], digits[0])
        if min(digits) < 0 or not (column < across and row < along):
            raise _wrong(code)
        x, y = x + column * width, y + row * height
    degree = 60 * _MINUTE
    return x / degree, y / degree, (x + width) / degree, (y + height) / degree


def _wrong(code: str) -> Invalid:
    return Invalid("grid", f"{code!r} is no 北斗网格位置码", "write it like N50J47539B82")
