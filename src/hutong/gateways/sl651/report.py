"""The body of a report: serial number, time, then elements. Beijing time.

An element is an identifier, a byte of definition (high five bits: bytes of data; low three: decimals) and its data in BCD;
a leading FF is the minus sign (§6.6.3.3), all FF or all AA a missing value. F1 names the station, F0 the time of
observation, 04 the time step (days, hours, minutes), F4 twelve five-minute rainfalls of one byte (0.1 mm), F5 to FC twelve
levels of two bytes (0.01 m), whatever their definition says [S]. In report 31 (and 38) the identifier comes once and the
data of every step follow (§6.6.4.4) [S].
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hutong.gateways.bcd import bcd_time, digits
from hutong.gateways.rows import Rows
from hutong.gateways.sl651.elements import STATION_KINDS
from hutong.gateways.text import gbk
from hutong.kernel.base import DAY, HOUR, MINUTE, Facts, Instant
from hutong.kernel.observation import Quality

STATION, TIME, STEP, MANUAL, PICTURE, RAINS, LEVELS, FLOWS, OWN = (
    0xF1,
    0xF0,
    0x04,
    0xF2,
    0xF3,
    0xF4,
    0xF5,
    0xFD,
    0xFF,
)
ALARMS = 0x45
TEST, UNIFORM, PERIOD = 0x30, 0x31, 0x38
_FIVE = 5 * MINUTE
_HEAD = 8


@dataclass
class Report:
    """What a body says. `notes` tell what of it could not be read."""

    serial: bytes
    rows: Rows = field(default_factory=Rows)
    facts: Facts = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_report(station: bytes, function: int, body: bytes) -> Report | str:
    """The report, or why there is none."""
    if len(body) < _HEAD:
        return "a report without serial number and time"
    reader = _Reader(station, function, body)
    reader.run()
    return reader.report


class _Reader:
    """Walks over the elements of one body."""

    def __init__(self, station: bytes, function: int, body: bytes) -> None:
        self._station, self._body, self._at = station, body, _HEAD
        self.report = Report(body[:2])
        self._time = bcd_time(body[2:8])
        self._repeats = function in (UNIFORM, PERIOD)
        self._quality = int(Quality.MAINTENANCE if function == TEST else Quality.GOOD)
        self._step: Instant = 0
        self._prefix = ""

    def run(self) -> None:
        """Elements until the end, or until one is met behind which the next cannot be found."""
        body = self._body
        while self._at + 1 < len(body):
            sign = body[self._at]
            if sign in (STATION, TIME, MANUAL, PICTURE, FLOWS):
                if not self._marked(sign):
                    return
            elif sign == RAINS:
                self._twelve("F4", 1, 10)
            elif LEVELS <= sign <= 0xFC:
                self._twelve(f"{sign:02X}", 2, 100)
            elif not self._element(sign):
                return
        if self._at < len(body):
            self.report.notes.append(f"a byte {body[-1]:02X} behind the last element")

    def _take(self, size: int, name: str) -> bytes | None:
        piece = self._body[self._at : self._at + size]
        self._at += size
        if len(piece) == size:
            return piece
        self.report.notes.append(f"the element {name} is cut off")
        self._at = len(self._body)
        return None

    def _marked(self, sign: int) -> bool:
        """An element with a fixed layout; False if the rest of the body belongs to it."""
        self._at += 2
        if sign == TIME:
            if (data := self._take(5, "F0")) is not None:
                self._time = bcd_time(data)
                if self._time is None:
                    self.report.notes.append(f"the time of observation {data.hex()} is no moment")
            return True
        if sign == STATION:
            if (data := self._take(5, "F1")) is not None:
                self._prefix = "" if data == self._station else data.hex().upper() + ":"
                kind = self._body[self._at] if self._at < len(self._body) else None
                if kind in STATION_KINDS:
                    self._at += 1
                    self.report.facts["kind"] = STATION_KINDS[kind]
            return True
        rest, self._at = self._body[self._at :], len(self._body)
        if sign == MANUAL and self._time is not None:
            self.report.rows.text("F2", self._time, gbk(rest), self._quality)
        if sign == FLOWS:
            self.report.notes.append("flow velocities in bulk (FD) are not read")
        return False

    def _element(self, sign: int) -> bool:
        """False if what follows cannot be told apart any more."""
        name = f"{sign:02X}"
        self._at += 1
        if sign == OWN:
            name += f"{self._body[self._at]:02X}"
            self._at += 1
            if self._at >= len(self._body):
                return self._take(1, name) is not None
        size, decimals = self._body[self._at] >> 3, self._body[self._at] & 7
        self._at += 1
        if size == 0:
            return True
        data = self._take(size, name)
        if data is None:
            return False
        if sign == STEP:
            self._set_step(data)
        elif self._repeats:
            self._series(name, data, decimals)
        else:
            self._value(name, data, decimals, self._time)
        return True

    def _set_step(self, data: bytes) -> None:
        """Days, hours, minutes in BCD, two digits each."""
        text = digits(data)
        if text is None or len(text) != 6:
            self.report.notes.append(f"the time step {data.hex()} is none")
            return
        self._step = int(text[:2]) * DAY + int(text[2:4]) * HOUR + int(text[4:]) * MINUTE

    def _series(self, name: str, data: bytes, decimals: int) -> None:
        """One identifier, then the values of every step until the body ends."""
        time = self._time
        self._value(name, data, decimals, time)
        while self._at + len(data) <= len(self._body):
            if not self._step or time is None:
                self.report.notes.append(f"the series {name} has no time step")
                break
            time += self._step
            self._value(name, self._body[self._at : self._at + len(data)], decimals, time)
            self._at += len(data)
        if len(self._body) - self._at >= len(data):
            self._at = len(self._body)

    def _value(self, name: str, data: bytes, decimals: int, time: Instant | None) -> None:
        if data.count(0xFF) == len(data) or data.count(0xAA) == len(data):
            return
        if time is None:
            self.report.notes.append(f"the element {name} has no time")
            return
        if name == f"{ALARMS:02X}":
            self._add(name, time, int.from_bytes(data))
            return
        sign, figures = (-1, data[1:]) if data[0] == 0xFF else (1, data)
        text = digits(figures)
        if text is None:
            self.report.notes.append(f"the element {name} has other than decimal digits: {data.hex()}")
            return
        self._add(name, time, sign * int(text) / 10**decimals)

    def _twelve(self, name: str, width: int, scale: int) -> None:
        """Twelve values of an hour, whose end is the time of observation; or its first, if that is five past [M-low]."""
        self._at += 2
        data = self._take(12 * width, name)
        if data is None or self._time is None:
            self.report.notes += [] if data is None else [f"the element {name} has no time"]
            return
        first = self._time if self._time % HOUR == _FIVE else self._time - 11 * _FIVE
        missing = (1 << 8 * width) - 1
        for index in range(12):
            value = int.from_bytes(data[index * width : (index + 1) * width])
            if value != missing:
                self._add(name, first + index * _FIVE, value / scale)

    def _add(self, name: str, time: Instant, number: float) -> None:
        self.report.rows.add(self._prefix + name, time, number, self._quality)
