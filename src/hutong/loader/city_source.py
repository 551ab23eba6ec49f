"""The files of a city folder as read: city.yaml, organisations.yaml, accounts.yaml, devices.yaml, responsibilities.csv."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TypeVar

from hutong.kernel.definition.desk import ArticlesFile
from hutong.kernel.definition.device import DevicesFile
from hutong.kernel.definition.faces import FacesFile
from hutong.kernel.definition.pack import (
    AccountEntry,
    City,
    CityHead,
    OrganisationEntry,
    ResponsibilityRow,
)
from hutong.kernel.definition.plan import DutyFile
from hutong.kernel.definition.thing import Strict
from hutong.kernel.definition.upper import UpperFile
from hutong.kernel.errors import NotFound
from hutong.loader.find import packs_of
from hutong.loader.pack import PackSource
from hutong.loader.problem import Faulty, Problem
from hutong.loader.yaml_source import YamlSource

S = TypeVar("S", bound=Strict)

RESPONSIBILITIES = "responsibilities.csv"
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
    "devices.yaml": DevicesFile,
    "faces.yaml": FacesFile,
    "duty.yaml": DutyFile,
    "articles.yaml": ArticlesFile,
    "upper.yaml": UpperFile,
}


class CitySource:
    """A city folder as read: `head` (None if city.yaml is broken), its other files, and every mistake found."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.sources: dict[str, YamlSource] = {}
        self.head = self._file("city.yaml", CityHead)
        self.organisations = (
            self._file("organisations.yaml", OrganisationsFile) or OrganisationsFile()
        ).organisations
        self.accounts = (self._file("accounts.yaml", AccountsFile) or AccountsFile()).accounts
        self.devices = self._file("devices.yaml", DevicesFile) or DevicesFile()
        self.faces = self._file("faces.yaml", FacesFile) or FacesFile()
        self.duty = self._file("duty.yaml", DutyFile) or DutyFile()
        self.upper = self._file("upper.yaml", UpperFile) or UpperFile()
        self.articles = (self._file("articles.yaml", ArticlesFile) or ArticlesFile()).articles
        self.responsibilities = self._responsibilities(folder / RESPONSIBILITIES)

    def shown(self, name: str) -> str:
        return f"{self.folder.name}/{name}"

    def problem(self, file: str, path: tuple[str | int, ...], reason: str, remedy: str) -> Problem:
        """A mistake in one of the files; a path into the CSV begins with the row's line."""
        if file in self.sources:
            return self.sources[file].problem(path, reason, remedy)
        line, *key = path
        return Problem(self.shown(file), int(line), ".".join(map(str, key)), reason, remedy)

    def _file(self, name: str, kind: type[S]) -> S | None:
        if not (self.folder / name).is_file():
            return None
        source = self.sources[name] = YamlSource(self.folder / name, self.shown(name))
        value = source.decode(kind)
        self.problems.extend(source.problems)
        return value

    def _responsibilities(self, path: Path) -> tuple[ResponsibilityRow, ...]:
        if not path.is_file():
            return ()
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in RESPONSIBILITY_COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                reason = f"the column {missing[0]} is missing"
                remedy = f"head the file with {','.join(RESPONSIBILITY_COLUMNS)}"
                self.problems.append(self.problem(RESPONSIBILITIES, (1, missing[0]), reason, remedy))
                return ()
            rows = [{name: (row[name] or "").strip() for name in RESPONSIBILITY_COLUMNS} for row in reader]
        return tuple(ResponsibilityRow(**row) for row in rows)

    def city(self, packs: list[PackSource]) -> City:
        """The city with its packs; Faulty if city.yaml is broken."""
        if self.head is None:
            raise Faulty(self.folder.name, self.problems)
        return City(
            head=self.head,
            folder=str(self.folder),
            packs=packs_of(packs),
            organisations=self.organisations,
            accounts=self.accounts,
            responsibilities=self.responsibilities,
            articles=self.articles,
            devices=self.devices,
            faces=self.faces,
            duty=self.duty,
            upper=self.upper,
        )


def read_city(folder: Path) -> CitySource:
    """The files of a city, unchecked. NotFound if the folder is no city."""
    if not (folder / "city.yaml").is_file():
        raise NotFound("city", f"{folder} has no city.yaml", "make a city with `hutong new city`")
    return CitySource(folder)
