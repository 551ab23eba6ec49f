"""The values of a device as rows of datastreams: by columns, with a plan for each shape of packet that a device sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hutong.kernel.observation import ObservationBatch
from hutong.kernel.thing import Device
from hutong.kernel.units import FloatArray, conversion

PLANS = 16
"""Shapes of packets remembered for one device."""
CONVERT = "convert"
"""The option of a device that holds [scale, offset, unit on the wire, unit of the stream] by channel."""


class Columns(Protocol):
    """What a gateway read: `gateways.dialogue.Readings`."""

    @property
    def channels(self) -> tuple[str, ...]: ...
    @property
    def time(self) -> NDArray[np.int64]: ...
    @property
    def number(self) -> NDArray[np.float64]: ...
    @property
    def quality(self) -> NDArray[np.uint8]: ...
    @property
    def texts(self) -> dict[int, str]: ...


@dataclass(frozen=True, eq=False)
class _Plan:
    """What becomes of a tuple of channels. `rows`: positions that have a stream (None: all)."""

    stream: NDArray[np.int64]
    rows: NDArray[np.int64] | None
    unmapped: tuple[int, ...]
    converts: tuple[tuple[int, Callable[[FloatArray], FloatArray]], ...]


class ChannelMap:
    """The channels of one version of a device."""

    def __init__(self, device: Device) -> None:
        self.version = device.version
        self._source = f"gateway.{device.protocol}"
        self._streams = device.channels
        self._convert: dict[str, list[Any]] = device.options.get(CONVERT, {})
        self._plans: dict[tuple[str, ...], _Plan] = {}

    def batch(self, readings: Columns) -> tuple[ObservationBatch, tuple[int, ...]]:
        """The rows that have a datastream, in order and in its unit, and the positions of those that have none."""
        plan = self._plan(readings.channels)
        time, number, quality, texts = readings.time, readings.number, readings.quality, readings.texts
        if plan.rows is not None:
            time, number, quality = time[plan.rows], number[plan.rows], quality[plan.rows]
        if texts and plan.rows is not None:
            place = {int(row): at for at, row in enumerate(plan.rows)}
            texts = {place[row]: text for row, text in texts.items() if row in place}
        if plan.converts:
            number = number.copy()
            for at, function in plan.converts:
                number[at : at + 1] = function(number[at : at + 1])
        batch = ObservationBatch(
            source=self._source,
            stream=plan.stream,
            time=time,
            number=number,
            quality=quality,
            texts=texts,
        )
        return batch, plan.unmapped

    def _plan(self, channels: tuple[str, ...]) -> _Plan:
        plan = self._plans.get(channels)
        if plan is None:
            if len(self._plans) >= PLANS:
                self._plans.clear()
            plan = self._plans[channels] = self._planned(channels)
        return plan

    def _planned(self, channels: tuple[str, ...]) -> _Plan:
        mapped = [row for row, name in enumerate(channels) if name in self._streams]
        unmapped = tuple(row for row, name in enumerate(channels) if name not in self._streams)
        converts = tuple(
            (at, converter(*self._convert[channels[row]]))
            for at, row in enumerate(mapped)
            if channels[row] in self._convert
        )
        return _Plan(
            np.array([self._streams[channels[row]] for row in mapped], np.int64),
            np.array(mapped, np.int64) if unmapped else None,
            unmapped,
            converts,
        )


def converter(scale: float, offset: float, source: str, target: str) -> Callable[[FloatArray], FloatArray]:
    """number × scale + offset in `source`, given in `target`."""
    convert = conversion(source, target)
    return lambda values: convert(values * scale + offset)
