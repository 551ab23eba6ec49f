"""`hutong check`: packs and cities by their folders."""

from __future__ import annotations

from pathlib import Path

from hutong.app.demo import CHECKED_OUT, PACKAGED
from hutong.loader.check import check_all
from hutong.loader.find import SHIPPED
from hutong.loader.problem import Problem


def check_folders(folders: tuple[Path, ...]) -> list[Problem]:
    """Mistakes in the given packs and cities; in all that ship if none is given."""
    chosen = folders or (*_within(SHIPPED, "pack.yaml"), *_within(_cities(), "city.yaml"))
    packs = tuple(one for one in chosen if (one / "pack.yaml").is_file())
    cities = tuple(one for one in chosen if (one / "city.yaml").is_file())
    strange = [one for one in chosen if one not in packs and one not in cities]
    problems = [
        Problem(str(one), 0, "(folder)", "holds neither pack.yaml nor city.yaml", "name a pack or city")
        for one in strange
    ]
    return sorted([*problems, *check_all(packs, cities)])


def _cities() -> Path:
    return PACKAGED if PACKAGED.is_dir() else CHECKED_OUT


def _within(home: Path, head: str) -> tuple[Path, ...]:
    return tuple(path.parent for path in sorted(home.glob(f"*/{head}")))
