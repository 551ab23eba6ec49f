"""Sparkplug B payloads (protocol buffers 2, message `Payload`), read and written by field number. No I/O.

Only what a host application needs: names, aliases, times, types, scalar values, nulls, history marks and the Quality property.
Field and type numbers are those of the Sparkplug 3.0 specification, §6.4. Whatever is unknown is passed over.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from hutong.kernel.errors import Invalid

(
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    FLOAT,
    DOUBLE,
    BOOLEAN,
    STRING,
    DATETIME,
    TEXT,
    UUID,
) = range(1, 16)
_SIGNED = {INT8: 8, INT16: 16, INT32: 32, INT64: 64}
MOST_METRICS = 10_000
LONGEST_NAME = 512
VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
QUALITY = "Quality"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric. `value` is a number or text; NaN without text where it is null or of a kind that is no scalar."""

    name: str = ""
    alias: int | None = None
    time: int | None = None
    """ms since 1970."""
    datatype: int = 0
    value: float = math.nan
    text: str | None = None
    historical: bool = False
    null: bool = False
    quality: int | None = None
    raw: int | None = None
    """int_value or long_value as sent, for signed types whose datatype only the birth told."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What a message carries. `seq` 0 … 255; an NDEATH has none."""

    metrics: tuple[Metric, ...] = ()
    time: int | None = None
    seq: int | None = None


def fields(data: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """(field number, wire type, value) one after another. Invalid for what is no protocol buffer."""
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(data, at)
            yield number, kind, value
            continue
        if kind == LENGTH:
            size, at = _varint(data, at)
        elif kind in (FIXED32, FIXED64):
            size = 4 if kind == FIXED32 else 8
        else:
            raise Invalid("sparkplug", f"there is no wire type {kind}")
        if not number or at + size > end:
            raise Invalid("sparkplug", "a field is longer than its message")
        yield number, kind, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise Invalid("sparkplug", "a number is not complete")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
        shift += 7


def read_payload(data: bytes) -> Payload:
    """Invalid for what is no Payload."""
    metrics: list[Metric] = []
    time: int | None = None
    seq: int | None = None
    for number, kind, value in fields(data):
        if number == 1 and isinstance(value, int):
            time = value
        elif number == 3 and isinstance(value, int):
            seq = value
        elif number == 2 and isinstance(value, bytes) and kind == LENGTH:
            if len(metrics) >= MOST_METRICS:
                raise Invalid("sparkplug", f"more than {MOST_METRICS} metrics")
            metrics.append(_metric(value))
    return Payload(tuple(metrics), time, seq)


def _metric(data: bytes) -> Metric:
    found: dict[int, int | bytes] = {number: value for number, _, value in fields(data)}
    datatype = _whole(found, 4) or 0
    raw = _whole(found, 10) if 10 in found else _whole(found, 11)
    return Metric(
        name=_text(found.get(1), LONGEST_NAME) or "",
        alias=_whole(found, 2),
        time=_whole(found, 3),
        datatype=datatype,
        value=_number(found, raw, datatype),
        text=_text(found.get(15)),
        historical=bool(_whole(found, 5)),
        null=bool(_whole(found, 7)),
        quality=_quality(found.get(9)),
        raw=raw,
    )


def _whole(found: dict[int, int | bytes], number: int) -> int | None:
    value = found.get(number)
    return value if isinstance(value, int) else None


def _text(value: int | bytes | None, longest: int = 100_000) -> str | None:
    if not isinstance(value, bytes):
        return None
    if len(value) > longest:
        raise Invalid("sparkplug", f"a text is longer than {longest} bytes")
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Invalid("sparkplug", "a text is not UTF-8") from None


def _number(found: dict[int, int | bytes], raw: int | None, datatype: int) -> float:
    if raw is not None:
        return float(signed(raw, datatype))
    for number, form, size in ((12, "<f", 4), (13, "<d", 8)):
        value = found.get(number)
        if isinstance(value, bytes) and len(value) == size:
            return float(struct.unpack(form, value)[0])
    truth = _whole(found, 14)
    return math.nan if truth is None else float(bool(truth))


def signed(raw: int, datatype: int) -> int:
    """Signed types travel as two's complement in unsigned fields."""
    bits = _SIGNED.get(datatype)
    if bits is None:
        return raw
    raw &= (1 << bits) - 1
    return raw - (1 << bits) if raw >> (bits - 1) else raw


def _quality(value: int | bytes | None) -> int | None:
    """The number of the property Quality, if there is one."""
    if not isinstance(value, bytes):
        return None
    keys: list[str | None] = []
    values: list[bytes] = []
    for number, _, part in fields(value):
        if isinstance(part, bytes):
            if number == 1:
                keys.append(_text(part, LONGEST_NAME))
            elif number == 2:
                values.append(part)
    for key, part in zip(keys, values, strict=False):
        if key == QUALITY:
            whole = {number: one for number, _, one in fields(part)}
            return _whole(whole, 3)
    return None


def write_payload(payload: Payload) -> bytes:
    """A Payload, as hosts (commands) and the tests' edge nodes send it."""
    out = bytearray()
    if payload.time is not None:
        out += _field(1, payload.time)
    for one in payload.metrics:
        out += _bytes(2, _written(one))
    if payload.seq is not None:
        out += _field(3, payload.seq)
    return bytes(out)


def _written(one: Metric) -> bytes:
    out = bytearray()
    if one.name:
        out += _bytes(1, one.name.encode())
    for number, value in ((2, one.alias), (3, one.time), (4, one.datatype or None)):
        if value is not None:
            out += _field(number, value)
    if one.historical:
        out += _field(5, 1)
    if one.null:
        return bytes(out + _field(7, 1))
    if one.quality is not None:
        quality = _field(1, INT32) + _field(3, one.quality)
        out += _bytes(9, _bytes(1, QUALITY.encode()) + _bytes(2, quality))
    return bytes(out + _value(one))


def _value(one: Metric) -> bytes:
    if one.text is not None:
        return _bytes(15, one.text.encode())
    if one.datatype == FLOAT:
        return b"\x65" + struct.pack("<f", one.value)
    if one.datatype == DOUBLE:
        return b"\x69" + struct.pack("<d", one.value)
    if one.datatype == BOOLEAN:
        return _field(14, int(one.value))
    wide = one.datatype in (INT64, UINT64, DATETIME)
    return _field(11 if wide else 10, int(one.value) & (0xFFFF_FFFF_FFFF_FFFF if wide else 0xFFFF_FFFF))


def _field(number: int, value: int) -> bytes:
    return _whole_number(number << 3) + _whole_number(value)


def _bytes(number: int, value: bytes) -> bytes:
    return _whole_number(number << 3 | LENGTH) + _whole_number(len(value)) + value


def _whole_number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
