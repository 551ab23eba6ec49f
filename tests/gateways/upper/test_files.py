"""Orders by file: CSV and JSON in, what became of them out, each once."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gateways.upper.conftest import Below

from hutong.app import upper_files
from hutong.app.upper_files import read_page, take_file, tell_file
from hutong.kernel.errors import HutongError, Invalid
from hutong.kernel.upper import UpperOrder

HEAD = "number,received,demand,text,longitude,latitude,datum,caller.name,caller.confidential,deadlines.办结,facts.来源\n"
ROW = "F1,2026-07-18T18:00:00+08:00,举报,夜间施工,121.4053,31.2055,gcj02,李某,是,2026-07-20T18:00:00+08:00,市长信箱\n"


@pytest.fixture
def opened(city: Below, monkeypatch: pytest.MonkeyPatch) -> Below:
    @contextmanager
    def town(_: Path, __: str | None) -> Iterator[Any]:
        yield city

    monkeypatch.setattr(upper_files, "opened", town)
    return city


def test_csv_in_and_out(opened: Below, tmp_path: Path) -> None:
    orders, out = tmp_path / "orders.csv", tmp_path / "reports.csv"
    orders.write_text(HEAD + ROW, encoding="utf-8-sig")
    (first,) = take_file(tmp_path, "city12345", orders, None)
    (again,) = take_file(tmp_path, "city12345", orders, None)
    assert (first.state, again.state, again.case) == ("taken", "repeated", first.case)
    assert tell_file(tmp_path, "city12345", out, None) == 1
    (row,) = csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines())
    assert (row["number"], row["event"]) == ("F1", "taken")
    with pytest.raises(Invalid):
        tell_file(tmp_path, "city12345", out, None)
    assert tell_file(tmp_path, "city12345", tmp_path / "more.csv", None) == 0


def test_a_row_as_an_order(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEAD + ROW, encoding="utf-8")
    (order,) = read_page(path).orders
    assert order.caller is not None
    assert (order.caller.name, order.caller.confidential, order.datum) == ("李某", True, "gcj02")
    assert order.deadlines == {"办结": "2026-07-20T18:00:00+08:00"}
    assert order.facts == {"来源": "市长信箱"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("number,received,text,longitude\nF2,2026-07-18T18:00:00+08:00,x,east\n", "longitude"),
        ("number,text\nF3,x\n", "received"),
        ("number,received,text,datum\nF4,2026-07-18T18:00:00+08:00,x,mars\n", "mars"),
    ],
)
def test_bad_rows_name_their_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        read_page(path)
    assert "orders.csv:2" in str(caught.value)
    assert said in str(caught.value)


@given(st.binary(max_size=400))
def test_no_file_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("files")
    for name in ("a.csv", "a.json"):
        (folder / name).write_bytes(content)
        try:
            page = read_page(folder / name)
        except HutongError:
            continue
        assert all(isinstance(one, UpperOrder) for one in page.orders)


def test_json_with_words(opened: Below, tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    order = {"number": "J1", "received": "2026-07-18T18:00:00+08:00", "text": "井盖响"}
    word = {"id": "w9", "number": "J1", "kind": "催办"}
    path.write_text(json.dumps({"orders": [order], "words": [word]}), encoding="utf-8")
    assert [one.state for one in take_file(tmp_path, "city12345", path, None)] == ["taken", "taken"]
