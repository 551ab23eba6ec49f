"""`hutong import responsibilities` and `hutong import components` on a stopped city, by the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.town import Town, found_town
from typer.testing import CliRunner

from hutong.app.importing import census, duties
from hutong.cli import app
from hutong.kernel.identifiers import credit_code_check
from hutong.kernel.party import Responsibility
from hutong.kernel.query import equals
from hutong.kernel.thing import Thing

USCC = "12310101MB1234567"
USCC += credit_code_check(USCC)
LIST = "kind,code,place,organisation,basis\nmatter,06,*,roads,第一条\nmatter,06010,*,nobody,第二条\n"
PARTS = (
    "GLBJBSM,GLBJMC,ZGBMDM,ZGBMMC,SZDYWGBSM,GLBJZT,CSRQ,X,Y\n"
    f"31010101003000001,雨水井盖,{USCC},排水所,310101001001002,完好,20260701,121.405,31.205\n"
    f"31010101003000002,雨水井盖,{USCC},排水所,310101001001001,坏了,20260701,121.405,31.205\n"
)


class Home:
    """A city that an import opens, and that the test looks into afterwards."""

    def __init__(self, town: Town) -> None:
        self.store, self.clock, self.rulebook = town.store, town.clock, town.rulebook
        self.directory_changed, self._town = town.reread, town

    def directory(self) -> Any:
        return self._town.directory

    def close(self) -> None:
        """The test closes it."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    town = found_town(tmp_path / "city")
    made = Home(town)
    for module in (duties, census):
        monkeypatch.setattr(module, "open_city", lambda *_, **__: made)
    yield made
    town.close()


def command(*words: str) -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["import", *words])
    return answer.exit_code, answer.output


def rows(home: Home, noun: Any, *where: Any) -> list[Any]:
    with home.store.reader() as reader:
        return list(reader.find(noun, *where).rows)


def test_a_list_is_previewed_and_taken_in(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(LIST.encode("gb18030"))
    city = str(tmp_path / "city")
    code, told = command("responsibilities", city, str(file))
    assert code == 1
    assert "line 3: organisation: there is no organisation 'nobody'" in told.replace("\n", " ")
    assert "would be: 1 new, 1 refused" in told
    assert rows(home, Responsibility) == []
    code, told = command("responsibilities", city, str(file), "--apply")
    assert (code, "taken in: 1 new, 1 refused" in told) == (1, True)
    (row,) = rows(home, Responsibility)
    assert (row.code, row.area, row.basis) == ("06", "*", "第一条")


def test_a_census_is_previewed_and_taken_in_with_a_file_of_refusals(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "parts.csv"
    file.write_text(PARTS, encoding="utf-8")
    city = str(tmp_path / "city")
    code, told = command("components", city, str(file))
    assert code == 1
    assert "would be: 1 new, 1 refused" in told
    assert "1 stand in another unit grid" in told
    refused = (tmp_path / "parts.csv.refused.csv").read_text(encoding="utf-8-sig").splitlines()
    assert refused[0] == "line,column,reason,remedy"
    assert refused[1].startswith("3,GLBJZT,")
    assert rows(home, Thing, equals("type", "urban.component")) == []
    command("components", city, str(file), "--apply")
    assert [one.code for one in rows(home, Thing, equals("type", "urban.component"))] == ["31010101003000001"]
    code, told = command("components", city, str(file), "--apply")
    assert "1 same" in told


def test_an_unknown_datum_or_type_is_told(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "parts.csv"
    file.write_text(PARTS, encoding="utf-8")
    for option, value in (("--datum", "beijing54"), ("--type", "base.road")):
        answer = CliRunner().invoke(
            app, ["import", "components", str(tmp_path / "city"), str(file), option, value]
        )
        assert answer.exit_code == 1
        assert "choose one of" in str(answer.exception)
