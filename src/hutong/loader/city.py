"""A city with its packs: read, checked, put together."""

from __future__ import annotations

from pathlib import Path

from hutong.kernel.definition.pack import City
from hutong.loader.checks import check_packs
from hutong.loader.checks.city import city_problems
from hutong.loader.city_source import CitySource, read_city
from hutong.loader.find import read_packs
from hutong.loader.pack import PackSource
from hutong.loader.problem import Faulty, Problem


def packs_of_city(
    source: CitySource, further: tuple[Path, ...] = ()
) -> tuple[list[PackSource], list[Problem]]:
    """The packs of a city: shipped, of `further` folders, and of its own `packs` folder, which comes first."""
    if source.head is None:
        return [], []
    own = source.folder / "packs"
    packs, missing = read_packs(source.head.packs, (*further, *([own] if own.is_dir() else [])))
    problems = []
    for name, reason in missing.items():
        at = source.head.packs.index(name) if name in source.head.packs else 0
        remedy = "install it, give its folder with --packs, or take it out"
        problems.append(source.problem("city.yaml", ("packs", at), reason, remedy))
    return packs, problems


def load_city(folder: Path, further: tuple[Path, ...] = ()) -> tuple[City, list[PackSource]]:
    """The city and its packs; Faulty lists every mistake."""
    source = read_city(folder)
    packs, problems = packs_of_city(source, further)
    problems += [*source.problems, *check_packs(packs)]
    if not problems:
        problems += city_problems(source, packs)
    if problems:
        raise Faulty(folder.name, problems)
    return source.city(packs), packs
