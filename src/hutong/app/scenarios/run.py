"""Scenarios from their packs to a list of differences."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hutong.app.scenarios.compare import Comparison
from hutong.app.scenarios.play import Play
from hutong.app.scenarios.town import Town
from hutong.kernel.definition.scenario import Scenario
from hutong.kernel.errors import HutongError
from hutong.loader.check import sources_of
from hutong.loader.find import needed_by
from hutong.loader.pack import PackSource


def run_scenario(sources: Sequence[PackSource], scenario: Scenario, folder: Path) -> list[str]:
    """Plays a scenario in a new store in `folder` (empty or absent) with these packs; what came otherwise than expected.

    Every difference names what was expected and what came; an empty list means that all of it came.
    """
    try:
        town = Town(sources, scenario.given, folder)
    except HutongError as error:
        return [f"given: {error}"]
    try:
        play = Play(town, scenario)
        play.run()
        return [*play.differences, *Comparison(play, scenario.expect).differences()]
    except HutongError as error:
        return [str(error)]
    finally:
        town.close()


def run_pack(folder: Path, further: Sequence[Path] = ()) -> dict[str, list[str]]:
    """All scenarios of the pack in a folder: scenario → differences. What it needs is found as the loader finds it."""
    home = folder.resolve()
    sources = needed_by(home.name, sources_of((home, *(one for one in further if one != home))))
    pack = next((one.pack for one in sources if one.folder == home), None)
    found: dict[str, list[str]] = {}
    for scenario in pack.scenarios if pack else ():
        with tempfile.TemporaryDirectory(prefix="hutong-scenario-") as store:
            found[scenario.name] = run_scenario(sources, scenario, Path(store) / "city")
    return found
