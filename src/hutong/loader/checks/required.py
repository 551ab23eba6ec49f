"""What every pack must have: its head, one noun file, a scenario, a README, and the packs it needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hutong.loader.checks.known import Known
from hutong.loader.pack import FORMATS, PackSource
from hutong.loader.problem import Problem

NOUN_FILES = tuple(name for name in FORMATS if name not in {"pack.yaml", "views.yaml", "parameters.yaml"})
KNOWN_FILES = {*FORMATS, "formulas.py", "models.py", "README.md", "NOTICE", "__init__.py"}


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    pack = source.pack
    if pack is None:
        return
    head = source.sources["pack.yaml"]
    if pack.head.name != source.folder.name:
        reason = f"is {pack.head.name!r}, but the folder is {source.folder.name!r}"
        yield head.problem(("name",), reason, "give both the same name")
    for index, name in enumerate(pack.head.needs):
        path = ("needs", index)
        if name not in known.packs:
            yield head.problem(path, f"there is no pack {name!r}", "install it, or take the line out")
        elif pack.head.name in _needed(name, known):
            reason = f"{name!r} needs {pack.head.name!r} itself"
            yield head.problem(path, reason, "move what both use into a third pack")
    if not any((source.folder / name).is_file() for name in NOUN_FILES):
        yield head.problem((), "the pack has no noun file", f"add one of {', '.join(NOUN_FILES)}")
    if not pack.scenarios:
        yield head.problem(
            (), "the pack has no scenario", "add scenarios/NAME.yaml with what is given and what is expected"
        )
    if not (source.folder / "README.md").is_file():
        yield head.problem((), "the pack has no README.md", "write in one page what it does, for whom")
    yield from _strangers(source)


def _needed(name: str, known: Known) -> set[str]:
    """A pack and all it needs."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one in known.packs and one not in found:
            found.add(one)
            waiting.extend(known.packs[one].head.needs)
    return found


def _strangers(source: PackSource) -> Iterator[Problem]:
    for path in sorted(Path(source.folder).glob("*.yaml")):
        if path.name not in KNOWN_FILES:
            yield Problem(
                source.shown(path.name),
                1,
                "(file)",
                "no pack has such a file",
                f"known are {', '.join(FORMATS)}",
            )
