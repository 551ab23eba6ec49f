"""Finds packs and cities: shipped folders, further folders, and entry points of installed distributions."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from stat import S_ISDIR

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
    sources, missing = read_packs(names, further)
    if wanted := next((name for name in names if name in missing), None):
        known = ", ".join(pack_folders(further))
        raise NotFound("packs", missing[wanted], f"known are {known}")
    problems = check_packs(sources)
    if problems:
        raise Faulty("packs", problems)
    return sources


def read_packs(
    names: tuple[str, ...], further: tuple[Path, ...] = ()
) -> tuple[list[PackSource], dict[str, str]]:
    """The packs unchecked, needed ones first, and which of the names are not there: name → why.

    A pack that another needs and that is missing is that pack's mistake, told by the checks.
    """
    folders = pack_folders(further)
    read: dict[str, PackSource] = {}
    ordered: list[PackSource] = []

    def visit(name: str) -> None:
        if name in read or name not in folders:
            return
        source = read[name] = _source(folders[name])
        for other in source.pack.head.needs if source.pack else ():
            visit(other)
        ordered.append(source)

    for name in names:
        visit(name)
    return ordered, {name: f"there is no pack {name!r}" for name in names if name not in folders}


_READ: dict[Path, tuple[frozenset[tuple[str, int, int]], PackSource]] = {}
"""Sound packs that ship, with the names, times and sizes of their files: cities of one run share them."""


def _source(folder: Path) -> PackSource:
    """The pack in the folder; one that ships is read again only when a file of it has changed."""
    if folder.parent != SHIPPED:
        return PackSource(folder)
    files = [(str(path), path.stat()) for path in folder.rglob("*") if path.suffix != ".pyc"]
    stamp = frozenset(
        (name, stat.st_mtime_ns, stat.st_size) for name, stat in files if not S_ISDIR(stat.st_mode)
    )
    known, source = _READ.get(folder, (None, None))
    if source is None or known != stamp or source.problems:
        source = PackSource(folder)
        _READ[folder] = (stamp, source)
    return source


def packs_of(sources: list[PackSource]) -> tuple[Pack, ...]:
    return tuple(source.pack for source in sources if source.pack is not None)


def needed_by(name: str, sources: list[PackSource]) -> list[PackSource]:
    """Of these packs, the named one and all that it needs, in the same order."""
    packs = {source.folder.name: source.pack for source in sources}
    wanted: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in wanted:
            wanted.add(one)
            pack = packs.get(one)
            waiting.extend(pack.head.needs if pack else ())
    return [source for source in sources if source.folder.name in wanted]
