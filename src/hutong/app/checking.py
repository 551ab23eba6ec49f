"""`hutong check`: packs and cities by their folders."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from hutong.app.city import functions_of
from hutong.app.clocks import SystemClock
from hutong.app.demo import CHECKED_OUT, PACKAGED
from hutong.app.running_cases import running_cases
from hutong.app.scenarios import run_pack
from hutong.engine.handle.differences import Affected
from hutong.kernel.errors import NotFound
from hutong.loader.check import changed_functions, check_all
from hutong.loader.city import load_city
from hutong.loader.find import SHIPPED
from hutong.loader.problem import Problem
from hutong.store import open_store
from hutong.store.opening import DATABASE


def check_folders(folders: tuple[Path, ...]) -> list[Problem]:
    """Mistakes in the given packs and cities; in all that ship if none is given."""
    chosen = _chosen(folders)
    packs = _packs(folders)
    cities = tuple(one for one in chosen if (one / "city.yaml").is_file())
    strange = [one for one in chosen if one not in packs and one not in cities]
    problems = [
        Problem(str(one), 0, "(folder)", "holds neither pack.yaml nor city.yaml", "name a pack or city")
        for one in strange
    ]
    found = [*problems, *check_all(packs, cities)]
    return sorted(found or [problem for city in cities for problem in _changed(city, packs)])


def _changed(city: Path, further: tuple[Path, ...]) -> list[Problem]:
    """Functions that changed under the definitions a city's store keeps; also while the city is served."""
    if not (city / DATABASE).is_file():
        return []
    _, sources = load_city(city, further)
    store = open_store(city, clock=SystemClock(), folder=city, beside=True)
    try:
        with store.reader() as reader:
            stored = {digest: partial(reader.definition, digest) for digest in reader.definitions()}
            return changed_functions(stored, functions_of(sources))
    finally:
        store.abandon()


def check_running(folders: tuple[Path, ...], changed: Path | None = None) -> dict[str, list[Affected]]:
    """City → versions of procedures that open cases keep although newer ones hold, or would with `changed`. Only cities
    that are named and have a store; NotFound if `changed` is asked of none."""
    packs = _packs(folders)
    cities = [one for one in folders if (one / "city.yaml").is_file() and (one / DATABASE).is_file()]
    if changed is not None and not cities:
        raise NotFound(
            "with", "no city with a store is named", "name a city folder: hutong check CITY --with FILE"
        )
    return {one.resolve().name: running_cases(one.resolve(), packs, changed) for one in cities}


def play_folders(folders: tuple[Path, ...]) -> dict[str, list[str]]:
    """Scenario (`pack/name`) → what came otherwise than it expects, for the given packs; for all that ship if none is given."""
    packs = _packs(folders)
    return {
        f"{pack.name}/{name}": differences
        for pack in packs
        for name, differences in run_pack(pack, packs).items()
    }


def _chosen(folders: tuple[Path, ...]) -> tuple[Path, ...]:
    given = tuple(one.resolve() for one in folders)
    return given or (*_within(SHIPPED, "pack.yaml"), *_within(_cities(), "city.yaml"))


def _packs(folders: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(one for one in _chosen(folders) if (one / "pack.yaml").is_file())


def _cities() -> Path:
    return PACKAGED if PACKAGED.is_dir() else CHECKED_OUT


def _within(home: Path, head: str) -> tuple[Path, ...]:
    return tuple(path.parent for path in sorted(home.glob(f"*/{head}")))
