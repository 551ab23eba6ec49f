"""The 权责清单 of a stopped city taken in from a table."""

from __future__ import annotations

from pathlib import Path

from hutong.app.city import open_city
from hutong.app.clocks import SystemClock
from hutong.engine.flow.duty_list import DutyChange, DutyDesk
from hutong.engine.table_text import decoded
from hutong.kernel.access import SYSTEM


def import_duties(
    folder: Path, file: Path, *, apply: bool, whole: bool, database: str | None
) -> list[DutyChange]:
    """What the file changes; done if `apply`."""
    text = decoded(file.read_bytes(), file.name)
    running = open_city(folder, SystemClock(), database=database)
    try:
        desk = DutyDesk(
            running.store, running.clock, running.rulebook, running.directory, running.directory_changed
        )
        return desk.apply(text, SYSTEM, whole=whole) if apply else desk.preview(text, whole=whole)
    finally:
        running.close()
