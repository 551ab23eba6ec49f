"""A small sound pack and city to break, one mistake at a time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hutong.loader.check import check_all
from hutong.loader.problem import Problem
from hutong.loader.scaffold import new_pack


class Patient:
    """A folder whose files are broken one at a time; `found` is what `check_all` says then."""

    def __init__(self, folder: Path, *, city: bool = False) -> None:
        self.folder = folder
        self.city = city

    def problems(self) -> list[Problem]:
        return check_all(cities=[self.folder]) if self.city else check_all([self.folder])

    def write(self, file: str, text: str) -> None:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def replace(self, file: str, old: str, new: str) -> None:
        text = (self.folder / file).read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        self.write(file, text.replace(old, new, 1))

    def line(self, file: str, mark: str) -> int:
        """The line in which `mark` first stands."""
        lines = (self.folder / file).read_text(encoding="utf-8-sig").splitlines()
        return next(number for number, line in enumerate(lines, 1) if mark in line)

    def says(self, file: str, mark: str | int, reason: str, remedy: str) -> None:
        """One problem of that file, at the line of `mark`, gives this reason and this remedy."""
        line = mark if isinstance(mark, int) else self.line(file, mark)
        problems = self.problems()
        shown = f"{self.folder.name}/{file}"
        fitting = [one for one in problems if one.file == shown and reason in one.reason]
        assert fitting, [str(one) for one in problems]
        assert line in {one.line for one in fitting}, [str(one) for one in fitting]
        assert any(remedy in one.remedy for one in fitting if one.line == line), [str(one) for one in fitting]


@pytest.fixture(scope="session")
def scaffolded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`hutong new pack trees`."""
    return new_pack("trees", tmp_path_factory.mktemp("packs"))


@pytest.fixture
def pack(scaffolded: Path, tmp_path: Path) -> Patient:
    """A copy of the new pack, to be broken."""
    return Patient(shutil.copytree(scaffolded, tmp_path / "packs" / "trees"))


CITY = """\
name: town
label: {zh: 小城, en: Town}
division: "310101"
packs: [base, urban, drainage]
box: [121.4, 31.2, 121.5, 31.3]
source: test
licence: CC0
opens_cases:
  - drainage.flooding
parameters:
  drainage.clear_depth: 0.04
limits:
  - {kind: other, code: drainage, stage: handling, amount: 3, unit: urgent_hour, source: test}
days:
  "2026-02-14": true
working_periods:
  - ["08:30", "12:00"]
"""
ORGANISATIONS = """\
organisations:
  - {code: district, label: {zh: 区, en: District}, side: leadership}
  - {code: roads, label: {zh: 道路所, en: Roads}, side: handling, parent: district}
"""
ACCOUNTS = """\
accounts:
  - {login: wu, name: 吴, organisation: roads, roles: [handler]}
"""
RESPONSIBILITIES = (
    "kind,code,place,organisation,basis\nmatter,01,*,roads,test\nother,drainage.flooding,*,roads,test\n"
)


@pytest.fixture
def city(tmp_path: Path) -> Patient:
    made = Patient(tmp_path / "town", city=True)
    made.write("city.yaml", CITY)
    made.write("organisations.yaml", ORGANISATIONS)
    made.write("accounts.yaml", ACCOUNTS)
    made.write("responsibilities.csv", RESPONSIBILITIES)
    return made
