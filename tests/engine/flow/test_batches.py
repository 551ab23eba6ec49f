"""Senders of one group are checked together, and told what each would have been told alone."""

from __future__ import annotations

import numpy as np

from hutong.engine.flow.batches import checked, merged, shares
from hutong.engine.observe import StreamTable, check, no_rows_yet, stream_table
from hutong.kernel.base import MINUTE, SECOND
from hutong.kernel.observation import STREAM_SHIFT, ObservationBatch, batch
from hutong.kernel.thing import Datastream

NOW = 1_784_000_000 * SECOND


def table() -> StreamTable:
    return stream_table(
        Datastream(
            id=id, name="", thing=1, sensor=1, observed_property=1, property_code="p", low=0.0, high=5.0
        )
        for id in (1, 2, 3)
    )


def sent(*rows: tuple[int, int, float], source: str = "gateway") -> ObservationBatch:
    streams, ago, values = zip(*rows, strict=True)
    return batch(source, streams, NOW - np.array(ago) * MINUTE, values)


def taken(batches: list[ObservationBatch]) -> list[tuple[int, int, float, int]]:
    columns = ("stream", "time", "number", "quality")
    return [
        row for one in batches for row in zip(*(getattr(one, name).tolist() for name in columns), strict=True)
    ]


def test_a_good_group_is_one_batch_and_every_sender_gets_his_own_ids() -> None:
    known = table()
    senders = [sent((1, 3, 1.0), (2, 3, 9.0)), sent((3, 2, 1.0)), sent((1, 1, 2.0), (2, 1, 1.0))]
    together = merged(senders)
    batches, parts = checked(senders, together, known, NOW, no_rows_yet(known))
    assert len(together) == len(batches) == 1
    assert [part.taken for part in parts] == [2, 1, 2]
    assert all(part.refusals == () and part.rows is None for part in parts)
    assert [row[3] for row in taken(batches)] == [0, 17, 0, 0, 0]
    stored = [_numbered(batches[0])]
    ids = [own.tolist() for own in shares(stored, parts)]
    assert ids == [[_id(1, 1), _id(2, 1)], [_id(3, 1)], [_id(1, 2), _id(2, 2)]]


def test_one_bad_row_is_told_to_its_sender_only() -> None:
    known = table()
    senders = [sent((1, 3, 1.0)), sent((7, 2, 1.0), (2, 2, 1.0)), sent((3, 1, 1.0), source="other")]
    batches, parts = checked(senders, merged(senders), known, NOW, no_rows_yet(known))
    alone = [check(one, known, NOW, newest=no_rows_yet(known)) for one in senders]
    assert [part.refusals for part in parts] == [one.refusals for one in alone]
    assert [part.taken for part in parts] == [1, 1, 1]
    assert parts[1].refusals[0].row == 0
    assert parts[1].rows is not None
    assert parts[1].rows.tolist() == [1]
    assert taken(batches) == taken([one.batch for one in alone])
    assert [one.source for one in batches] == ["gateway", "other"]


def test_lateness_does_not_depend_on_which_sender_a_row_came_by() -> None:
    known = table()
    late = [sent((1, 1, 1.0)), sent((1, 30, 1.0))]
    batches, _ = checked(late, merged(late), known, NOW, no_rows_yet(known))
    whole = check(merged(late)[0], known, NOW, newest=no_rows_yet(known))
    assert batches[0].quality.tolist() == whole.batch.quality.tolist() == [0, 1]


def _id(stream: int, sequence: int) -> int:
    return (stream << STREAM_SHIFT) + sequence


def _numbered(rows: ObservationBatch) -> ObservationBatch:
    """As the store hands rows back: with each stream's own sequence."""
    streams = rows.stream.tolist()
    sequence = [streams[: i + 1].count(stream) for i, stream in enumerate(streams)]
    return ObservationBatch(
        source=rows.source,
        stream=rows.stream,
        time=rows.time,
        number=rows.number,
        quality=rows.quality,
        sequence=np.array(sequence, np.int64),
    )
