"""A city opened by a web process, beside the one that judges, ticks, packs and signs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hutong.app.city import OpenCity
from hutong.app.judged_elsewhere import JudgingProcess
from hutong.engine.flow.devices import DeviceDesk, Seen, Wire
from hutong.engine.flow.upper import PlatformState, UpperDesk
from hutong.kernel.clock import Clock


class CityBeside(OpenCity):
    """Reads and writes cases itself; gives what is observed to the judging process, and asks it what only that sees."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        database: str | None,
        further: tuple[Path, ...],
        judging: JudgingProcess,
    ) -> None:
        self.judging = judging
        self.intake = judging
        super().__init__(folder, clock, database, further, beside=True)

    def _device_desk(self) -> DeviceDesk:
        desk = _Devices(self.store, self.clock, self.rulebook, self.directory, changed=self.judging.changed)
        desk.judging = self.judging
        return desk

    def _upper_desk(self) -> UpperDesk:
        desk = _Upper(self.desk, self.directory, self.city.upper.platforms)
        desk.judging = self.judging
        return desk


class _Devices(DeviceDesk):
    """The gateways are at the judging process."""

    judging: JudgingProcess

    def seen(self, devices: Sequence[int]) -> dict[int, Seen]:
        return self.judging.seen(list(devices))

    def wire(self) -> Wire:
        return self.judging.wire()


class _Upper(UpperDesk):
    """The judging process speaks to the platforms."""

    judging: JudgingProcess

    def exchanges(self) -> dict[str, PlatformState]:
        return self.judging.platforms()
