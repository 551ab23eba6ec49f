"""The census taken in, begun again, changed, retired, counted and given out."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tests.api.conftest import Someone
from tests.api.town import Town

from hutong.app.importing.census import rows_in
from hutong.engine.flow.census_desk import CensusDesk, told
from hutong.kernel.identifiers import credit_code_check
from hutong.kernel.query import equals
from hutong.kernel.thing import Thing

USCC = "12310101MB1234567"
USCC += credit_code_check(USCC)
HEAD = "GLBJBSM,GLBJMC,ZGBMDM,ZGBMMC,SZDYWGBSM,GLBJZT,CSRQ,X,Y"


def line(number: int, state: str = "完好", name: str = "雨水井盖") -> str:
    return f"31010101003{number:06d},{name},{USCC},排水所,310101001001001,{state},20260701,121.405,31.205"


def take_in(town: Town, file: Path, text: str, apply: bool = True) -> dict[str, int]:
    file.write_text(text, encoding="utf-8")
    desk = CensusDesk(town.store, town.clock, town.rulebook, lambda: town.directory, "urban.component")
    assert desk.exchange is not None
    return dict(told(desk.run(rows_in(file, desk.exchange), file.name, apply=apply)))


def test_rows_are_new_then_the_same_then_changed_and_retired(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "parts.csv"
    text = "\n".join([HEAD, line(1), line(2), line(3, "坏了"), line(1)]) + "\n"
    assert take_in(town, file, text, apply=False) == {"new": 2, "refused": 2}
    assert take_in(town, file, text) == {"new": 2, "refused": 2}
    assert take_in(town, file, text) == {"same": 2, "refused": 2}
    changed = "\n".join([HEAD, line(1, name="雨水井盖（新）"), line(2, "移除")])
    assert take_in(town, file, changed) == {"changed": 1, "retired": 1}
    assert take_in(town, file, changed) == {"same": 2}
    with town.store.reader() as reader:
        (row,) = reader.find(Thing, equals("type", "urban.component")).rows
        assert row.name.zh == "雨水井盖（新）"
        assert len(reader.find(Thing, equals("type", "urban.component"), retired=True).rows) == 2
    assert take_in(town, file, "\n".join([HEAD, line(2)])) == {"changed": 1}


def test_geojson_is_read_too(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "parts.geojson"
    fields = dict(zip(HEAD.split(",")[:7], line(7).split(",")[:7], strict=True))
    text = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[121.405,31.205]},'
        '"properties":' + str(fields).replace("'", '"') + "},"
        '{"type":"Feature","geometry":null,"properties":{}}]}'
    )
    assert take_in(town, file, text) == {"new": 1, "refused": 1}


def test_figures_and_the_table_itself(town: Town, tmp_path: Path, someone: Someone) -> None:
    file = tmp_path / "parts.csv"
    take_in(town, file, "\n".join([HEAD, line(1), line(2)]))
    found = someone("xitong").get("/census").json()
    assert (found["type"], found["n"]) == ("urban.component", 2)
    assert [(one["code"], one["label"]["zh"], one["n"]) for one in found["classes"]] == [
        ("01003", "雨水井盖", 2)
    ]
    assert found["grids"][0]["place"]["code"] == "310101001001001"
    filled = {one["column"]: one["filled"] for one in found["fields"]}
    assert (filled["GLBJBSM"], filled["ZGBMMC"], filled["BZ"]) == (2, 2, 0)
    given = someone("xitong").get("/census/export.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(given)))
    assert (rows[0]["GLBJBSM"], rows[0]["CSRQ"], rows[0]["X"]) == ("31010101003000001", "20260701", "121.405")
    assert take_in(town, file, given) == {"same": 2}
