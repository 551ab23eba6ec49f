"""A position report (message 0x0200, and each item of 0x0704) as rows [M-high: bits and items; vectors V]."""

from __future__ import annotations

import struct
from collections.abc import Callable

from hutong.gateways.bcd import bcd_time
from hutong.gateways.rows import Rows
from hutong.kernel.observation import Quality

ALARMS = (
    (0, "sos"),
    (1, "overspeed"),
    (2, "fatigue"),
    (4, "gnss_fault"),
    (5, "antenna_open"),
    (7, "low_voltage"),
    (8, "power_off"),
    (18, "driving_overtime"),
    (19, "parking_overtime"),
    (20, "area"),
    (21, "route"),
    (28, "illegal_move"),
    (29, "collision"),
    (30, "rollover"),
)
ACC_ON, LOCATED, SOUTH, WEST, COORDINATES_ENCRYPTED = 1, 2, 4, 8, 32
BASE = struct.Struct(">IIIIHHH6s")
_ALARM_BITS = tuple(bit for bit, _ in ALARMS)
_PLACE = ("longitude", "latitude", "altitude", "speed", "direction")
_CHANNELS = (*_PLACE, "status", "status:acc", "alarm", *(f"alarm:{name}" for _, name in ALARMS))
_REST = len(_CHANNELS) - len(_PLACE)
_GOOD, _SUSPECT, _OUT = int(Quality.GOOD), int(Quality.SUSPECT), int(Quality.OUT_OF_RANGE)
_NO_ALARM = [0.0] * len(ALARMS)


def _unsigned(scale: float) -> Callable[[bytes], float]:
    return lambda data: int.from_bytes(data) / scale


def _cabin(data: bytes) -> float:
    """Tenths of a degree; the highest bit is the sign [M-med]."""
    value = int.from_bytes(data)
    return -(value & 0x7FFF) / 10 if value & 0x8000 else value / 10


_Item = tuple[int, tuple[tuple[str, Callable[[bytes], float]], ...]]
_ITEMS: dict[int, _Item] = {
    0x01: (4, (("mileage", _unsigned(10)),)),
    0x02: (2, (("fuel", _unsigned(10)),)),
    0x03: (2, (("recorder_speed", _unsigned(10)),)),
    0x04: (2, (("alarm_event", _unsigned(1)),)),
    0x06: (2, (("cabin_temperature", _cabin),)),
    0x25: (4, (("vehicle_signals", _unsigned(1)),)),
    0x2A: (2, (("io", _unsigned(1)),)),
    0x2B: (
        4,
        (
            ("analog_0", lambda data: _unsigned(1)(data[2:])),
            ("analog_1", lambda data: _unsigned(1)(data[:2])),
        ),
    ),
    0x30: (1, (("signal", _unsigned(1)),)),
    0x31: (1, (("satellites", _unsigned(1)),)),
}


def read_position(body: bytes, rows: Rows) -> tuple[bool, str]:
    """Adds the rows of a report. (whether it could be read at all, what was wrong with it or "")."""
    if len(body) < BASE.size:
        return False, f"a position has {BASE.size} bytes at least, there are {len(body)}"
    alarm, status, latitude, longitude, altitude, speed, direction, clock = BASE.unpack_from(body)
    time = bcd_time(clock)
    if time is None:
        return False, f"the time {clock.hex()} is no moment"
    fix = _GOOD if status & LOCATED and not status & COORDINATES_ENCRYPTED else _SUSPECT
    if latitude > 90_000_000 or longitude > 180_000_000 or direction > 360:
        fix = _OUT
    rows.channels += _CHANNELS
    rows.number += (
        (-longitude if status & WEST else longitude) / 1e6,
        (-latitude if status & SOUTH else latitude) / 1e6,
        altitude,
        speed / 10,
        direction,
        status,
        status & ACC_ON,
        alarm,
    )
    rows.number += [alarm >> bit & 1 for bit in _ALARM_BITS] if alarm else _NO_ALARM
    rows.quality += [fix] * len(_PLACE) + [_GOOD] * _REST
    note = _read_items(body, rows)
    rows.time += [time] * (len(rows.channels) - len(rows.time))
    return True, note


def _read_items(body: bytes, rows: Rows) -> str:
    """Items of id, length and value. Those of makers and of unexpected length are passed over."""
    at, end = BASE.size, len(body)
    while at < end:
        if at + 2 > end or at + 2 + body[at + 1] > end:
            return f"the item {body[at]:02X} is cut off"
        item = _ITEMS.get(body[at])
        value = body[at + 2 : at + 2 + body[at + 1]]
        at += 2 + len(value)
        if item is not None and len(value) == item[0]:
            for channel, number in item[1]:
                rows.channels.append(channel)
                rows.number.append(number(value))
                rows.quality.append(_GOOD)
    return ""
