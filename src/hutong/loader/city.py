"""Reads a city folder: city.yaml, organisations.yaml, accounts.yaml, responsibilities.csv."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from hutong.kernel.definition.pack import (
    AccountEntry,
    City,
    CityHead,
    OrganisationEntry,
    ResponsibilityRow,
)
from hutong.kernel.definition.thing import Strict
from hutong.kernel.errors import NotFound
from hutong.loader.find import load_packs, packs_of
from hutong.loader.pack import PackSource
from hutong.loader.problem import Faulty, Problem
from hutong.loader.yaml_source import YamlSource

S = TypeVar("S", bound=Strict)

RESPONSIBILITY_COLUMNS = ("kind", "code", "place", "organisation", "basis")


class OrganisationsFile(Strict, frozen=True, kw_only=True):
    """organisations.yaml"""

    organisations: tuple[OrganisationEntry, ...] = ()


class AccountsFile(Strict, frozen=True, kw_only=True):
    """accounts.yaml"""

    accounts: tuple[AccountEntry, ...] = ()


CITY_FORMATS: dict[str, type[Strict]] = {
    "city.yaml": CityHead,
    "organisations.yaml": OrganisationsFile,
    "accounts.yaml": AccountsFile,
}


def read_city_head(folder: Path) -> CityHead:
    """city.yaml alone."""
    path = folder / "city.yaml"
    if not path.is_file():
        raise NotFound("city", f"{folder} has no city.yaml", "make a city with `hutong new city`")
    source = YamlSource(path, f"{folder.name}/city.yaml")
    head = source.decode(CityHead)
    if head is None:
        raise Faulty(folder.name, source.problems)
    return head


def load_city(folder: Path, further: tuple[Path, ...] = ()) -> tuple[City, list[PackSource]]:
    """The city and its packs; Faulty lists every mistake."""
    head = read_city_head(folder)
    sources = load_packs(head.packs, (*further, *([folder / "packs"] if (folder / "packs").is_dir() else [])))
    organisations = _optional(folder, "organisations.yaml", OrganisationsFile, OrganisationsFile())
    accounts = _optional(folder, "accounts.yaml", AccountsFile, AccountsFile())
    city = City(
        head=head,
        folder=str(folder),
        packs=packs_of(sources),
        organisations=organisations.organisations,
        accounts=accounts.accounts,
        responsibilities=tuple(_responsibilities(folder / "responsibilities.csv")),
    )
    problems = list(city_problems(city))
    if problems:
        raise Faulty(folder.name, problems)
    return city, sources


def _optional(folder: Path, name: str, kind: type[S], default: S) -> S:
    if not (folder / name).is_file():
        return default
    source = YamlSource(folder / name, f"{folder.name}/{name}")
    value = source.decode(kind)
    if value is None:
        raise Faulty(folder.name, source.problems)
    return value


def _responsibilities(path: Path) -> Iterator[ResponsibilityRow]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in RESPONSIBILITY_COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            problem = Problem(
                path.name, 1, missing[0], "the column is missing", "head the file with all five columns"
            )
            raise Faulty(path.name, [problem])
        for row in reader:
            yield ResponsibilityRow(**{name: row[name].strip() for name in RESPONSIBILITY_COLUMNS})


def city_problems(city: City) -> Iterator[Problem]:
    """References of a city's files to organisations, roles, rules and categories that are not there."""
    organisations = {entry.code for entry in city.organisations}
    roles = {role.name for pack in city.packs for role in pack.roles}
    rules = {rule.name for pack in city.packs for rule in pack.rules}
    parameters = {one.name for pack in city.packs for one in pack.parameters}

    def fault(file: str, key: str, reason: str) -> Problem:
        return Problem(f"{city.head.name}/{file}", 0, key, reason, "define it, or mend the name")

    for entry in city.organisations:
        if entry.parent and entry.parent not in organisations:
            yield fault(
                "organisations.yaml", f"{entry.code}.parent", f"there is no organisation {entry.parent!r}"
            )
    for account in city.accounts:
        if account.organisation not in organisations:
            yield fault("accounts.yaml", account.login, f"there is no organisation {account.organisation!r}")
        for role in account.roles:
            if role not in roles:
                yield fault("accounts.yaml", account.login, f"there is no role {role!r}")
    for number, row in enumerate(city.responsibilities, start=2):
        if row.organisation not in organisations:
            yield fault(
                "responsibilities.csv", f"row {number}", f"there is no organisation {row.organisation!r}"
            )
    for rule in city.head.opens_cases:
        if rule not in rules:
            yield fault("city.yaml", "opens_cases", f"there is no rule {rule!r}")
    for name in city.head.parameters:
        if name not in parameters:
            yield fault("city.yaml", "parameters", f"there is no parameter {name!r}")
