"""Which rows are taken, doubted, refused, and with what words."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.engine.observe import StreamTable, check, no_rows_yet, stream_table
from hutong.kernel.base import MINUTE, SECOND, Label
from hutong.kernel.definition.thing import PropertyDefinition
from hutong.kernel.lateness import NEVER, advance, lateness
from hutong.kernel.observation import ObservationBatch, Quality, batch
from hutong.kernel.thing import Datastream, ResultKind

NOW = 1_784_000_000 * SECOND


def stream(id: int, code: str = "t.level", kind: ResultKind = "number", **more: float) -> Datastream:
    return Datastream(
        id=id, name="", thing=1, sensor=1, observed_property=1, property_code=code, result_kind=kind, **more
    )


@pytest.fixture
def table() -> StreamTable:
    definitions = {
        "t.level": PropertyDefinition(name="level", label=Label("水位"), of=(), unit="m", low=0, high=10),
        "t.pump": PropertyDefinition(
            name="pump", label=Label("泵"), of=(), unit="1", kind="code", low=0, high=1, refuse_outside=True
        ),
    }
    streams = [stream(30, "t.pump", "code"), stream(10), stream(20, high=99), stream(40, "t.note", "text")]
    return stream_table(streams, definitions)


def test_the_table_is_sorted_and_a_streams_own_limits_win(table: StreamTable) -> None:
    assert table.id.tolist() == [10, 20, 30, 40]
    assert table.high.tolist() == [10, 99, 1, np.inf]
    assert [table.codes[i] for i in table.property] == ["t.level", "t.level", "t.pump", "t.note"]
    assert table.position(np.array([40, 10, 11, 9, 41, 2**40])).tolist() == [3, 0, -1, -1, -1, -1]


def test_ids_far_apart_are_found_by_bisection() -> None:
    table = stream_table([stream(5), stream(10**9), stream(10**12)])
    assert table.position(np.array([10**12, 6, 5, 10**13])).tolist() == [2, -1, 0, -1]


def test_nothing_is_known_to_an_empty_table() -> None:
    (refusal,) = check(batch("t", [1], [NOW], [1.0]), stream_table([]), NOW).refusals
    assert (refusal.row, refusal.field) == (0, "stream")


def test_good_rows_pass_as_they_are(table: StreamTable) -> None:
    given_ = batch("t", [10, 20, 30], [NOW, NOW, NOW], [1, 50, 1])
    checked = check(given_, table, NOW)
    assert checked.batch is given_
    assert (checked.refusals, checked.rows, checked.doubted) == ((), None, 0)


def test_bad_rows_are_refused_with_row_field_and_reason(table: StreamTable) -> None:
    rows = batch(
        "t",
        [99, 10, 10, 10, 30, 40, 10],
        [NOW, -1, NOW + 5 * MINUTE + SECOND, NOW, NOW, NOW, NOW + 5 * MINUTE],
        [1, 1, 1, np.nan, 2, np.nan, 1],
    )
    checked = check(rows, table, NOW)
    assert [(refusal.row, refusal.field) for refusal in checked.refusals] == [
        (0, "stream"),
        (1, "time"),
        (2, "time"),
        (3, "result"),
        (4, "result"),
        (5, "result"),
    ]
    reasons = [refusal.reason for refusal in checked.refusals]
    assert "no datastream 99" in reasons[0]
    assert "1 s beyond" in reasons[2]
    assert "2 is outside 0 … 1" in reasons[4]
    assert checked.rows is not None
    assert checked.rows.tolist() == [6]
    assert checked.batch.stream.tolist() == [10]


def test_out_of_range_is_kept_and_doubted(table: StreamTable) -> None:
    rows = batch("t", [10, 10, 20], [NOW] * 3, [10.5, -1, 98], [0, Quality.MAINTENANCE, 0])
    checked = check(rows, table, NOW)
    assert checked.batch.quality.tolist() == [Quality.OUT_OF_RANGE, Quality.MAINTENANCE, Quality.GOOD]
    assert (checked.doubted, rows.quality.tolist()) == (1, [0, Quality.MAINTENANCE, 0])


def test_late_rows_are_marked_in_order_of_arrival(table: StreamTable) -> None:
    newest = no_rows_yet(table)
    newest[0] = NOW - 20 * MINUTE
    rows = batch(
        "t", [10, 10, 20, 10], [NOW - 31 * MINUTE, NOW, NOW - 60 * MINUTE, NOW - 9 * MINUTE], [1] * 4
    )
    checked = check(rows, table, NOW, newest=newest)
    assert checked.batch.quality.tolist() == [Quality.LATE, 0, 0, 0]
    assert checked.late == 1


def test_optional_columns_follow_their_rows(table: StreamTable) -> None:
    rows = msgspec.structs.replace(
        batch("t", [99, 40, 40, 10], [NOW] * 4, [np.nan, np.nan, np.nan, 3]),
        texts={1: "dry"},
        parameters={3: {"by": "hand"}, 0: {}},
        end_time=np.array([1, 2, 3, 4]),
        feature=np.array([5, 6, 7, 8]),
    )
    taken = check(rows, table, NOW)
    assert [refusal.row for refusal in taken.refusals] == [0, 2]
    kept: ObservationBatch = taken.batch
    assert (kept.texts, kept.parameters) == ({0: "dry"}, {1: {"by": "hand"}})
    assert kept.end_time is not None
    assert kept.feature is not None
    assert (kept.end_time.tolist(), kept.feature.tolist(), kept.result_time) == ([2, 4], [6, 8], None)


feed = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), max_size=40)


@given(feed, st.integers(0, 40))
def test_lateness_is_that_of_row_by_row_arrival_however_the_feed_is_cut(
    rows: list[tuple[int, int]], cut: int
) -> None:
    expected = []
    leaders: dict[int, int] = {}
    for position, time in rows:
        expected.append(max(0, leaders.get(position, time) - time))
        leaders[position] = max(time, leaders.get(position, time))
    newest, latest = np.full(4, NEVER), np.zeros(4)
    found: list[int] = []
    for part in (rows[:cut], rows[cut:]):
        position = np.array([row[0] for row in part], np.int64)
        time = np.array([row[1] for row in part], np.int64)
        behind = lateness(position, time, newest)
        found += [0] * len(part) if behind is None else behind.tolist()
        advance(position, time, time.astype(float), newest, latest)
    assert found == expected
    assert {p: t for p, t in enumerate(newest.tolist()) if t != NEVER} == leaders


@pytest.mark.parametrize("bad", ["a\0b", "half \ud800"])
def test_text_that_no_database_keeps_is_refused_row_by_row(table: StreamTable, bad: str) -> None:
    count = 6
    sent = ObservationBatch(
        source="a",
        stream=np.array([40] * count),
        time=np.full(count, NOW),
        number=np.full(count, np.nan),
        quality=np.zeros(count, np.uint8),
        texts={0: bad, 1: "好", 3: "x", 4: "x"},
        documents={2: {"deep": [{bad: 1}]}, 5: {"path": "C:\\u0000"}},
        parameters={3: {"note": bad}, 4: {"note": "\\u0000 and \\\\u0000"}},
    )
    found = check(sent, table, NOW)
    assert [(one.row, one.field) for one in found.refusals] == [
        (0, "result"),
        (2, "result"),
        (3, "parameters"),
    ]
    assert all("U+0000" in one.reason or "surrogate" in one.reason for one in found.refusals)
    assert found.batch.texts == {0: "好", 1: "x"}
    assert found.batch.documents == {2: {"path": "C:\\u0000"}}
