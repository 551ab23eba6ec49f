"""Columns of a table as columns of a batch: times, numbers, qualities. Every function says which rows it cannot read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hutong.app.importing.arrow import pa, pc
from hutong.app.importing.layout import TIME_UNITS
from hutong.kernel.observation import Quality

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_OFFSET = r"(?:[Zz]|[+-]\d{2}:?\d{2})$"
_NUMBER = r"^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$"
_QUALITIES = {**{one.name: int(one) for one in Quality}, **{str(int(one)): int(one) for one in Quality}}


def times(column: Any, zone: str, form: str) -> tuple[Ints, Bools]:
    """µs UTC, and the rows that hold no time. Local times that come twice in a year are the earlier ones."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        moments = column.cast(pa.timestamp("us", tz=getattr(kind, "tz", None)), safe=False)
        return _instants(moments if moments.type.tz else _local(moments, zone))
    if form in TIME_UNITS:
        numbers_, bad = numbers(column)
        return np.where(bad, 0, np.round(numbers_ * TIME_UNITS[form])).astype(np.int64), bad
    texts = pc.utf8_trim_whitespace(column.cast(pa.string()))
    if form:
        return _instants(_local(pc.strptime(texts, format=form, unit="us", error_is_null=True), zone))
    zoned = _mask(pc.match_substring_regex(texts, _OFFSET))
    if not zoned.any():
        return _instants(_local(_parsed(texts, None), zone))
    if zoned.all():
        return _instants(_parsed(texts, "UTC"))
    rows = pa.array(zoned)
    with_offset, _bad = _instants(_parsed(pc.if_else(rows, texts, None), "UTC"))
    without, bad = _instants(_local(_parsed(pc.if_else(rows, None, texts), None), zone))
    return np.where(zoned, with_offset, without), np.where(zoned, _bad, bad)


def _parsed(texts: Any, zone: str | None) -> Any:
    """Timestamps of ISO texts; null where a text is none."""
    kind = pa.timestamp("us", tz=zone)
    try:
        return texts.cast(kind)
    except pa.ArrowInvalid:
        pass
    found = [None] * len(texts)
    for row, text in enumerate(texts):
        try:
            found[row] = text.cast(kind).as_py()
        except pa.ArrowInvalid:
            continue
    return pa.array(found, kind)


def _local(moments: Any, zone: str) -> Any:
    return pc.assume_timezone(moments, zone, ambiguous="earliest", nonexistent="earliest")


def _instants(moments: Any) -> tuple[Ints, Bools]:
    bad = _mask(pc.is_null(moments))
    whole = moments.cast(pa.int64())
    return np.asarray(pc.fill_null(whole, 0).to_numpy(zero_copy_only=False), np.int64), bad


def numbers(column: Any) -> tuple[NDArray[np.float64], Bools]:
    """Numbers (NaN where there are none), and the rows that are not empty and yet hold none."""
    kind = column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        found = column.cast(pa.float64(), safe=False)
        return _floats(found), np.zeros(len(column), bool)
    texts = pc.utf8_trim_whitespace(column)
    try:
        return _floats(texts.cast(pa.float64())), np.zeros(len(column), bool)
    except pa.ArrowInvalid:
        good = pc.match_substring_regex(texts, _NUMBER)
        bad = ~_mask(good) & ~_mask(pc.is_null(texts))
        return _floats(pc.if_else(good, texts, None).cast(pa.float64())), bad


def _floats(column: Any) -> NDArray[np.float64]:
    return np.array(pc.fill_null(column, np.nan).to_numpy(zero_copy_only=False), np.float64)


def qualities(column: Any) -> tuple[NDArray[np.uint8], Bools]:
    """Quality codes, and the rows whose quality nobody knows; an empty one is GOOD."""
    encoded = pc.fill_null(column.cast(pa.string()), "GOOD").dictionary_encode()
    known = [_QUALITIES.get(str(one).strip().upper(), -1) for one in encoded.dictionary.to_pylist()]
    found = np.array(known, np.int64)[encoded.indices.to_numpy(zero_copy_only=False)]
    return np.where(found < 0, 0, found).astype(np.uint8), found < 0


def coded(column: Any) -> tuple[Ints, list[str]]:
    """Each row's position in the list of distinct texts (an empty cell is the text '')."""
    encoded = pc.fill_null(column.cast(pa.string()), "").dictionary_encode()
    names = [str(one).strip() for one in encoded.dictionary.to_pylist()]
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64), names


def _mask(column: Any) -> Bools:
    return np.asarray(pc.fill_null(column, False).to_numpy(zero_copy_only=False), bool)
