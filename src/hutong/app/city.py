"""A city folder opened: store, rulebook, desks and intake put together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from hutong.api.context import Taker
from hutong.app.clocks import SystemClock
from hutong.app.directories import Directories
from hutong.app.packing import Packing, PackingProcess, Works
from hutong.app.taking_up import take_up, take_up_resources
from hutong.engine.directory import Directory
from hutong.engine.flow.cases import CaseDesk
from hutong.engine.flow.deadlines import Deadlines
from hutong.engine.flow.devices import DeviceDesk
from hutong.engine.flow.dispatching import AutomaticDispatch
from hutong.engine.flow.handovers import HandoverDesk
from hutong.engine.flow.hot_topics import TopicDesk
from hutong.engine.flow.intake import Intake
from hutong.engine.flow.measuring import Measuring
from hutong.engine.flow.registers import RegisterDesk
from hutong.engine.flow.responding import ResponseDesk
from hutong.engine.flow.rounds import Rounds
from hutong.engine.flow.triaging import TriageDesk
from hutong.engine.flow.upper import UpperDesk
from hutong.engine.flow.warnings import WarningDesk
from hutong.engine.rulebook import Rulebook
from hutong.kernel.clock import Clock
from hutong.loader.city import load_city
from hutong.loader.digest import contents_of
from hutong.loader.pack import PackSource
from hutong.store.city_store import CityStore
from hutong.store.json_index import Values
from hutong.store.opening import open_store
from hutong.store.sessions import SessionFile


class OpenCity:
    """Store, rulebook and desks of an open city, whichever process judges what is observed."""

    intake: Taker

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        database: str | None,
        further: tuple[Path, ...],
        *,
        beside: bool = False,
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.city, self.sources = load_city(folder, further)
        self.store: CityStore = open_store(database or folder, clock=clock, folder=folder, beside=beside)
        self.rulebook = Rulebook(self.city, functions_of(self.sources), self._stored)
        self.sessions = SessionFile(folder)
        self.directories = Directories(folder, self._read_directory)
        directory, changed = self.directories.now, self.directories.changed
        self.desk = CaseDesk(self.store, clock, self.rulebook, directory, list_amended=changed)
        self.warnings = WarningDesk(self.desk)
        measuring = Measuring(clock, self.rulebook, directory)
        self.handovers = HandoverDesk(self.store, clock, self.rulebook, directory, measuring)
        self.triage = TriageDesk(self.desk)
        self.topics = TopicDesk(self.desk)
        self.devices = self._device_desk()
        self.upper = self._upper_desk()

    def _device_desk(self) -> DeviceDesk:
        return DeviceDesk(
            self.store, self.clock, self.rulebook, self.directory, changed=self._streams_changed
        )

    def _streams_changed(self) -> None:
        self.intake.changed()

    def _upper_desk(self) -> UpperDesk:
        return UpperDesk(self.desk, self.directory, self.city.upper.platforms)

    def _stored(self, digest: str) -> bytes:
        with self.store.reader() as reader:
            return reader.definition(digest)

    def _read_directory(self) -> Directory:
        with self.store.reader() as reader:
            return Directory(reader, self.rulebook.roles.values(), self.rulebook.modes.values())

    def directory(self) -> Directory:
        """Places, organisations and accounts as they are now."""
        return self.directories.now()

    def directory_changed(self) -> None:
        """Places, parties or roles changed; the next look-up, in whatever process, reads them again."""
        self.directories.changed()

    def definitions(self) -> str:
        """A digest of what the city's files define: processes that serve it together must have read the same."""
        read = msgspec.json.encode(replace(self.city, accounts=()), order="sorted")
        return hashlib.sha256(read).hexdigest()

    def close(self) -> None:
        self.store.close()
        self.directories.close()
        self.sessions.close()


class RunningCity(OpenCity):
    """The one process that judges, ticks and packs. Close it to write the city's last checkpoint."""

    intake: Intake

    def __init__(
        self, folder: Path, clock: Clock, database: str | None, further: tuple[Path, ...], *, apart: bool
    ) -> None:
        super().__init__(folder, clock, database, further)
        self._keep_definitions()
        take_up(self.store, clock, self.rulebook.properties.values())
        take_up_resources(self.store, clock, self.city.duty.resources)
        self.store.index_properties(indexed(self.rulebook))
        self.deadlines = Deadlines(self.desk)
        self.rounds = Rounds(RegisterDesk(self.desk))
        self.responses = ResponseDesk(self.desk, self.directory_changed)
        self.intake = Intake(self.desk, self.directory)
        self.dispatch = AutomaticDispatch(self.desk, self.triage)
        self.packing: Works = self._packing_process(database) if apart else Packing(self.store)

    def _packing_process(self, database: str | None) -> PackingProcess:
        """A demo's time is not that of the archive."""
        head = self.city.head
        days = head.archive_days if isinstance(self.clock, SystemClock) else 0
        return PackingProcess(database or str(self.folder), self.folder, zone=head.zone, archive_days=days)

    def _keep_definitions(self) -> None:
        """A case or warning names its definition by digest, so that must be readable for ever."""
        for source in self.sources:
            if source.pack is not None:
                for content in contents_of(source.pack, source.functions).values():
                    self.store.keep_definition(content)

    def close(self) -> None:
        self.intake.close()
        self.packing.close()
        super().close()


def indexed(rulebook: Rulebook) -> set[tuple[str, Values]]:
    """Properties of things that packs want indexed, with the kind of their values."""
    kinds: dict[str, Values] = {"number": "float", "integer": "float", "boolean": "bool"}
    return {
        (one.name, kinds.get(one.kind, "text"))
        for kind in rulebook.types.values()
        for one in kind.properties
        if one.indexed
    }


def functions_of(sources: list[PackSource]) -> dict[str, Callable[..., Any]]:
    """The formulas of all packs by qualified name."""
    return {name: function for source in sources for name, function in source.functions.items()}


def open_city(
    folder: Path,
    clock: Clock,
    *,
    database: str | None = None,
    packs: tuple[Path, ...] = (),
    apart: bool = False,
) -> RunningCity:
    """Opens the city in `folder`. `database`: a postgresql:// address (default: SQLite in the folder). `apart`: packing
    runs in a process of its own, as a city that serves wants it."""
    return RunningCity(folder, clock, database, packs, apart=apart)
