"""`hutong check` as a library: every mistake of packs and cities, and functions that changed under stored definitions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from hutong.loader.checks import check_packs
from hutong.loader.checks.city import city_problems
from hutong.loader.city import packs_of_city
from hutong.loader.city_source import CitySource
from hutong.loader.digest import digest, whole_source
from hutong.loader.find import read_packs
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem


def check_all(packs: Iterable[Path] = (), cities: Iterable[Path] = ()) -> list[Problem]:
    """Every mistake in the packs and cities of these folders, sorted by file and line.

    The packs may need each other, and any that ships or is installed; what is needed is checked too.
    """
    folders = tuple(packs)
    sources = sources_of(folders)
    problems = check_packs(sources)
    for folder in cities:
        problems += _city(folder, folders)
    return sorted(set(problems))


def sources_of(folders: tuple[Path, ...]) -> list[PackSource]:
    """The packs in these folders with all they need. A folder without a head is read as what it is: faulty."""
    headless = [PackSource(folder) for folder in folders if not (folder / "pack.yaml").is_file()]
    named = tuple(folder.name for folder in folders if (folder / "pack.yaml").is_file())
    sources, _ = read_packs(named, folders)
    return [*sources, *headless]


def _city(folder: Path, further: tuple[Path, ...]) -> list[Problem]:
    if not (folder / "city.yaml").is_file():
        reason, remedy = "is missing", "a city is a folder with a city.yaml; `hutong new city` makes one"
        return [Problem(f"{folder.name}/city.yaml", 0, "(file)", reason, remedy)]
    source = CitySource(folder)
    packs, missing = packs_of_city(source, further)
    return [*source.problems, *missing, *check_packs(packs), *city_problems(source, packs)]


class _Kept(msgspec.Struct):
    """What of a stored definition matters here: its name, and the source of the functions it uses."""

    definition: dict[str, Any]
    functions: dict[str, str] = {}


def changed_functions(
    stored: Mapping[str, Callable[[], bytes]], functions: Mapping[str, Callable[..., Any]]
) -> list[Problem]:
    """Functions whose source differs from the one that a stored definition was kept with.

    `stored`: digest → the bytes kept under it; `functions`: the packs' functions by qualified name. A function that is gone
    counts as changed: cases and warnings that name the definition could no longer be explained or run again.
    """
    problems = []
    for key, content in stored.items():
        kept = content()
        if digest(kept) != key:
            reason = "the stored definition is not what was kept under this digest"
            problems.append(Problem("store", 0, key[:12], reason, "restore the city from a backup"))
            continue
        body = msgspec.json.decode(kept, type=_Kept)
        for name, source in body.functions.items():
            problems.extend(_changed(name, source, str(body.definition.get("name", key[:12])), functions))
    return sorted(set(problems))


def _changed(
    name: str, source: str, user: str, functions: Mapping[str, Callable[..., Any]]
) -> Iterable[Problem]:
    pack, _, short = name.partition(".")
    file = f"{pack}/formulas.py"
    remedy = "put it back, and give the changed meaning a new dated name"
    function = functions.get(name)
    if function is None:
        yield Problem(file, 0, short, f"is gone, but the stored definition of {user} uses it", remedy)
    elif whole_source(function) != source:
        line = inspect.getsourcelines(function)[1]
        yield Problem(file, line, short, f"has changed, but the stored definition of {user} uses it", remedy)
