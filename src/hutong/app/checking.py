"""`hutong check`: packs and cities by their folders."""

from __future__ import annotations

from pathlib import Path

from hutong.app.demo import CHECKED_OUT, PACKAGED
from hutong.app.scenarios import run_pack
from hutong.loader.check import check_all
from hutong.loader.find import SHIPPED
from hutong.loader.problem import Problem


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
    return sorted([*problems, *check_all(packs, cities)])


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
