"""Devices that publish JSON: topic and paths of the city's settings name address, time and values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from hutong.gateways.dialogue import Fault, Packet, Readings, Verdict
from hutong.gateways.mqtt.settings import TIME_UNITS, JsonTopic
from hutong.gateways.mqtt.topics import matcher
from hutong.gateways.mqtt.wire import Message
from hutong.kernel.base import Instant
from hutong.kernel.clock import instant
from hutong.kernel.errors import Invalid

Path = tuple[str | int, ...]
_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,6})\]")
_DECODE = msgspec.json.Decoder().decode
MOST_RECORDS, MOST_VALUES, DEEPEST = 10_000, 500, 8
_MISSING = object()
LAST = 253_402_300_799_999_999
"""The last µs of the year 9999."""


def silent(verdict: Verdict) -> bytes:
    """MQTT devices are answered by the broker alone."""
    return b""


def path_of(text: str) -> Path:
    """`a.b[0].c` as steps; Invalid if it is none."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        if text[at] == "." and steps:
            at += 1
        match = _STEP.match(text, at)
        if match is None:
            raise Invalid("path", f"{text!r} is none", "write data.level or readings[0].v")
        steps.append(match[1] if match[1] is not None else int(match[2]))
        at = match.end()
    return tuple(steps)


def at_path(body: Any, path: Path) -> Any:
    """What stands there; `_MISSING` if nothing does."""
    for step in path:
        if isinstance(step, str):
            if not isinstance(body, dict) or step not in body:
                return _MISSING
        elif not isinstance(body, list) or step >= len(body):
            return _MISSING
        body = body[step]
    return body


class JsonDevices:
    """One pattern of topics."""

    protocol = "mqtt"

    def __init__(self, settings: JsonTopic, zone: ZoneInfo) -> None:
        self.filters: tuple[str, ...] = (settings.topic,)
        self._values = tuple((name, path_of(path)) for name, path in settings.values.items())
        self._records = path_of(settings.records)
        self._time = path_of(settings.time)
        self._secret = path_of(settings.secret)
        self._unit = TIME_UNITS[settings.time_unit]
        self._zone = zone
        self._address_path = path_of(settings.address) if isinstance(settings.address, str) else None
        self._level, self._tail = _wildcard(settings.topic, settings.address)

    def read(self, message: Message, now: Instant) -> Iterator[Packet | Fault]:
        """What the devices of one message measured; a Fault for what cannot be read."""
        try:
            body = _DECODE(message.payload)
            for one in self._bodies(body):
                yield self._packet(message.topic, body, one, now)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield Fault(f"{message.topic}: is not JSON: {error}", message.payload[:64])
        except Invalid as error:
            yield Fault(f"{message.topic}: {error.field}: {error.reason}", message.payload[:64])

    def _bodies(self, body: Any) -> list[Any]:
        if not self._records:
            return [body]
        found = at_path(body, self._records)
        if not isinstance(found, list) or len(found) > MOST_RECORDS:
            raise Invalid("records", f"is no list of at most {MOST_RECORDS}")
        return found

    def _packet(self, topic: str, whole: Any, body: Any, now: Instant) -> Packet:
        channels: list[str] = []
        numbers: list[float] = []
        texts: dict[int, str] = {}
        for name, value in self._found(body):
            if isinstance(value, str):
                texts[len(channels)] = value
                number = _number(value)
            else:
                number = _float(value)
            channels.append(name)
            numbers.append(number)
        count = len(channels)
        time = now if not self._time else self._instant(at_path(body, self._time))
        readings = Readings(
            tuple(channels),
            np.full(count, time, np.int64),
            np.array(numbers, np.float64),
            np.zeros(count, np.uint8),
            {row: text for row, text in texts.items() if numbers[row] != numbers[row]},
        )
        return Packet(
            self._address(topic, body, whole),
            readings,
            silent,
            self._shown(whole, body),
            {"topic": topic[:100]},
        )

    def _found(self, body: Any) -> list[tuple[str, Any]]:
        if self._values:
            found = [(name, at_path(body, path)) for name, path in self._values]
        else:
            found = list(_leaves(body, "", 0))[:MOST_VALUES]
        return [(name, value) for name, value in found if isinstance(value, int | float | str)]

    def _address(self, topic: str, body: Any, whole: Any) -> str:
        if self._address_path is None:
            levels = topic.split("/")
            return "/".join(levels[self._level :]) if self._tail else levels[self._level]
        found = at_path(body, self._address_path)
        if found is _MISSING:
            found = at_path(whole, self._address_path)
        if not isinstance(found, str | int) or isinstance(found, bool):
            raise Invalid("address", "is missing")
        return str(found)

    def _shown(self, whole: Any, body: Any) -> str | None:
        if not self._secret:
            return None
        found = at_path(whole, self._secret)
        if found is _MISSING:
            found = at_path(body, self._secret)
        return found if isinstance(found, str) else ""

    def _instant(self, value: Any) -> Instant:
        if self._unit:
            number = (
                value if isinstance(value, int | float) and not isinstance(value, bool) else _number(value)
            )
            if not 0 <= number * self._unit <= LAST:
                raise Invalid("time", f"{value!r} is no time", "send a number since 1970")
            return round(number * self._unit) if isinstance(number, float) else number * self._unit
        try:
            found = datetime.fromisoformat(value)
            return instant(found if found.tzinfo else found.replace(tzinfo=self._zone))
        except (TypeError, ValueError, OverflowError):
            raise Invalid("time", f"{value!r} is no time", "send it as 2026-07-18T19:00:00+08:00") from None


def _wildcard(topic: str, which: int | str) -> tuple[int, bool]:
    """Level of the address in the topic, and whether it is the whole rest (#)."""
    if isinstance(which, str):
        return 0, False
    levels = matcher(topic)
    wild = [at for at, level in enumerate(levels) if level in ("+", "#")]
    return wild[which - 1], levels[wild[which - 1]] == "#"


def _number(value: Any) -> float:
    """A number written as text; NaN if it is none."""
    try:
        return float(value) if isinstance(value, str) and len(value) < 40 else float("nan")
    except ValueError:
        return float("nan")


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _leaves(body: Any, prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Numbers and truth values in an object, by their dotted paths."""
    if isinstance(body, dict) and depth < DEEPEST:
        for name, value in body.items():
            yield from _leaves(value, f"{prefix}.{name}" if prefix else name, depth + 1)
    elif isinstance(body, int | float) and prefix:
        yield prefix, body
