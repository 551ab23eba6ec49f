"""CP of an upload as readings: fields of one factor are joined by `,`, factors by `;`.

A channel is named as the wire names the value: `w01018-Rtd` of 2011 (real time), and with its command before it of all others,
because an hour's mean is another stream than the moment: `2061:w01018-Avg`, `2031:w01018-Cou`, `2021:SB1-RS`.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from hutong.gateways.dialogue import Readings
from hutong.kernel.base import DAY, Instant
from hutong.kernel.clock import instant
from hutong.kernel.observation import Quality

REAL_TIME = "2011"
VALUES = 2_000
"""Values of one packet at most."""
QUALITY = {
    "N": Quality.GOOD,
    "F": Quality.SUSPECT,
    "M": Quality.MAINTENANCE,
    "S": Quality.SUSPECT,
    "D": Quality.SENSOR_FAULT,
    "C": Quality.MAINTENANCE,
    "T": Quality.OUT_OF_RANGE,
    "B": Quality.SENSOR_FAULT,
}
"""Flag of a factor (HJ 212-2017 table 8): 正常 停运 维护 手工 故障 校准 超上限 通讯异常. Others are doubted too."""
NO_VALUE = frozenset({"DataTime", "BeginTime", "EndTime", "PolId", "RF", "SystemTime", "QnRtn", "ExeRtn"})
TEXTS = frozenset({"EFlag", "Info"})
"""Suffixes whose value may be text."""
MOMENTS = frozenset({"RestartTime"})
"""Values that are times: kept as Unix seconds."""


class Content:
    """What a CP says. `time` is that of DataTime, or None."""

    def __init__(self, text: str, zone: ZoneInfo) -> None:
        self.zone = zone
        self.common: dict[str, str] = {}
        self.factors: dict[str, dict[str, str]] = {}
        for group in text.split(";"):
            for item in group.split(","):
                name, found, value = item.strip().partition("=")
                if not found or not name or name[0] == "-":
                    continue
                factor, dash, suffix = name.rpartition("-")
                if dash and factor:
                    self.factors.setdefault(factor, {})[suffix] = value.strip()
                else:
                    self.common.setdefault(name, value.strip())

    @property
    def time(self) -> Instant | None:
        return moment_of(self.common.get("DataTime", ""), self.zone)

    @property
    def resent(self) -> bool:
        return self.common.get("RF") == "1"

    def readings(self, cn: str, time: Instant, *, resent: bool) -> Readings:
        """Every value as a row; those that are no finite number are left out. `resent`: 补传, kept as late."""
        prefix = "" if cn == REAL_TIME else f"{cn}:"
        rows = _Rows()
        usual = Quality.LATE if resent else Quality.GOOD
        for factor, fields in self.factors.items():
            flag = fields.get("Flag", "N").upper() or "N"
            quality = QUALITY.get(flag, Quality.SUSPECT) or usual
            at = self._sampled(fields, time)
            for suffix, value in fields.items():
                if suffix not in ("Flag", "SampleTime"):
                    rows.add(f"{prefix}{factor}-{suffix}", at, value, quality, text=suffix in TEXTS)
        for name, value in self.common.items():
            if name in MOMENTS:
                seconds = moment_of(value, self.zone)
                rows.add(prefix + name, time, "" if seconds is None else str(seconds // 1_000_000), usual)
            elif name not in NO_VALUE:
                rows.add(prefix + name, time, value, usual)
        return rows.readings()

    def _sampled(self, fields: dict[str, str], time: Instant) -> Instant:
        """When the sample was taken, if the instrument says so and is not a day off."""
        sampled = moment_of(fields["SampleTime"], self.zone) if "SampleTime" in fields else None
        return sampled if sampled is not None and abs(sampled - time) <= DAY else time


class _Rows:
    """Rows being collected."""

    def __init__(self) -> None:
        self.channels: list[str] = []
        self.time: list[int] = []
        self.number: list[float] = []
        self.quality: list[int] = []
        self.texts: dict[int, str] = {}

    def add(self, channel: str, time: Instant, value: str, quality: int, *, text: bool = False) -> None:
        number = _number(value)
        if (number is None and not (text and value)) or len(self.channels) >= VALUES:
            return
        if number is None:
            self.texts[len(self.channels)] = value[:200]
        self.channels.append(channel)
        self.time.append(time)
        self.number.append(math.nan if number is None else number)
        self.quality.append(quality)

    def readings(self) -> Readings:
        return Readings(
            tuple(self.channels),
            np.array(self.time, np.int64),
            np.array(self.number, np.float64),
            np.array(self.quality, np.uint8),
            self.texts,
        )


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in value else None


def text_of(content: bytes) -> str:
    """ASCII nearly always; Chinese remarks are GBK."""
    return content.decode("ascii") if content.isascii() else content.decode("gbk", "replace")


@lru_cache(maxsize=4096)
def moment_of(text: str, zone: ZoneInfo) -> Instant | None:
    """A local time YYYYMMDDhhmmss (with zzz behind it, or without seconds); None if it is none."""
    if not (text.isascii() and text.isdecimal() and len(text) in (12, 14, 17)):
        return None
    try:
        found = datetime(
            int(text[:4]), int(text[4:6]), int(text[6:8]), int(text[8:10]), int(text[10:12]),
            int(text[12:14] or 0), int(text[14:] or 0) * 1000, tzinfo=zone,
        ).astimezone(UTC)  # fmt: skip
    except (ValueError, OverflowError):
        return None
    return instant(found)
