"""Map sheet numbers of the basic scales, GB/T 13989-2012 (the rule is [M-high], the numbers are computed)."""

import re
from math import floor
from typing import Literal, cast, get_args

from hutong.kernel.errors import Invalid

SheetScale = Literal["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K"]
"""A 1:1 000 000, B 500 000, C 250 000, D 100 000, E 50 000, F 25 000, G 10 000, H 5000, I 2000, J 1000, K
500.
"""

SHEET_SCALES: dict[SheetScale, int] = dict(
    zip(
        get_args(SheetScale),
        (1_000_000, 500_000, 250_000, 100_000, 50_000, 25_000, 10_000, 5_000, 2_000, 1_000, 500),
        strict=True,
    )
)
"""Scale denominators."""

_DIVISIONS = dict(zip(get_args(SheetScale), (1, 2, 4, 12, 24, 48, 96, 192, 576, 1152, 2304), strict=True))
_WIDTH, _HEIGHT = 6.0, 4.0
_NUMBER = re.compile(r"(?P<row>[A-V])(?P<column>[0-9]{2})(?:(?P<scale>[B-K])(?P<rest>[0-9]+))?")


def sheet_number(lon: float, lat: float, scale: SheetScale) -> str:
    """Number of the sheet with that point: northern hemisphere, rows counted from the north, columns from
    the west.
    """
    if not (-180 <= lon < 180 and 0 <= lat < 88):
        raise Invalid("lon, lat", f"{lon}, {lat} is on no sheet", "sheets cover latitudes 0 to 88 north")
    row, column = floor(lat / _HEIGHT), floor(lon / _WIDTH)
    number = f"{chr(ord('A') + row)}{column + 31:02d}"
    if scale == "A":
        return number
    n = _DIVISIONS[scale]
    north = n - floor((lat - row * _HEIGHT) / _HEIGHT * n)
    west = floor((lon - column * _WIDTH) / _WIDTH * n) + 1
    digits = _digits(scale)
    return f"{number}{scale}{north:0{digits}d}{west:0{digits}d}"


def sheet_bounds(number: str) -> tuple[float, float, float, float]:
    """(west, south, east, north) of a sheet in degrees."""
    parts = _NUMBER.fullmatch(number.strip().upper())
    if parts is None:
        raise _wrong(number)
    scale = cast(SheetScale, parts["scale"] or "A")
    digits, rest = _digits(scale), parts["rest"] or ""
    row, column = int(rest[:digits] or 1), int(rest[digits:] or 1)
    n = _DIVISIONS[scale]
    if len(rest) != 2 * digits or not (
        1 <= row <= n and 1 <= column <= n and 1 <= int(parts["column"]) <= 60
    ):
        raise _wrong(number)
    west = (int(parts["column"]) - 31) * _WIDTH + (column - 1) * _WIDTH / n
    south = (ord(parts["row"]) - ord("A")) * _HEIGHT + (n - row) * _HEIGHT / n
    return west, south, west + _WIDTH / n, south + _HEIGHT / n


def _digits(scale: SheetScale) -> int:
    """Digits of a row or column number within the 1:1 000 000 sheet."""
    return {"A": 0, "J": 4, "K": 4}.get(scale, 3)


def _wrong(number: str) -> Invalid:
    return Invalid("sheet", f"{number!r} is no sheet number", "write it like J50 or J50E001010")
