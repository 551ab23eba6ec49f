"""Finds packs and cities: shipped folders, further folders, and entry points of installed distributions."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

from hutong.kernel.definition.pack import Pack
from hutong.kernel.errors import NotFound
from hutong.loader.checks import check_packs
from hutong.loader.pack import PackSource
from hutong.loader.problem import Faulty

SHIPPED = Path(__file__).resolve().parents[1] / "packs"
ENTRY_POINT = "hutong.packs"


def pack_folders(further: tuple[Path, ...] = ()) -> dict[str, Path]:
    """Name → folder. A further folder is a pack or holds packs; it wins over a shipped one of that name."""
    found: dict[str, Path] = {}
    for home in (SHIPPED, *(_installed()), *further):
        if (home / "pack.yaml").is_file():
            found[home.name] = home
            continue
        for head in sorted(home.glob("*/pack.yaml")):
            found[head.parent.name] = head.parent
    return found


def _installed() -> list[Path]:
    folders = []
    for point in entry_points(group=ENTRY_POINT):
        module = point.load()
        folders.append(Path(next(iter(module.__path__))))
    return folders


def load_packs(names: tuple[str, ...], further: tuple[Path, ...] = ()) -> list[PackSource]:
    """The named packs and all they need, needed ones first; Faulty if any has a mistake."""
    sources = read_packs(names, further)
    problems = check_packs(sources)
    if problems:
        raise Faulty("packs", problems)
    return sources


def read_packs(names: tuple[str, ...], further: tuple[Path, ...] = ()) -> list[PackSource]:
    """Like `load_packs`, but mistakes stay in the sources."""
    folders = pack_folders(further)
    ordered: dict[str, PackSource] = {}

    def visit(name: str, wanted_by: str) -> None:
        if name in ordered:
            return
        if name not in folders:
            raise NotFound(
                "packs", f"there is no pack {name!r} ({wanted_by})", f"known are {', '.join(folders)}"
            )
        source = PackSource(folders[name])
        for other in source.pack.head.needs if source.pack else ():
            visit(other, f"needed by {name}")
        ordered[name] = source

    for name in names:
        visit(name, "named by the city")
    return list(ordered.values())


def packs_of(sources: list[PackSource]) -> tuple[Pack, ...]:
    return tuple(source.pack for source in sources if source.pack is not None)
