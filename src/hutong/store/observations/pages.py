"""Stored pages of stream state: what the packed rows say, so that nobody reads history to know the newest
row."""

from __future__ import annotations

import numpy as np

from hutong.store.observations.rows import Ints
from hutong.store.observations.snapshot import Snapshot
from hutong.store.observations.streams import NEVER, PAGE, StreamState, StreamTable, decode_state, newest
from hutong.store.transaction import Tx


def catch_up(table: StreamTable, snapshot: Snapshot, known: int) -> None:
    """Takes in what was committed since chunk `known` (all chunks before it are in the table)."""
    if known < snapshot.row.first_chunk:
        for (data,) in snapshot.tx.rows("SELECT data FROM observation_page WHERE lane = ?", (snapshot.lane,)):
            table.merge(decode_state(data))
    for chunk in range(max(known, snapshot.row.first_chunk), snapshot.row.next_chunk):
        table.merge(newest(snapshot.chunk(chunk)))


def read_pages(tx: Tx, lane: int, pages: list[int]) -> StreamTable:
    """A table of what the given pages hold."""
    table = StreamTable()
    for page in pages:
        found = tx.row("SELECT data FROM observation_page WHERE lane = ? AND page = ?", (lane, page))
        if found is not None:
            table.merge(decode_state(found[0]))
    return table


Pages = list[tuple[int, bytes]]


def _encoded(table: StreamTable) -> Pages:
    return [(page, state.encode()) for page, state in table.state(table.known()).pages()]


def write_pages(tx: Tx, lane: int, pages: Pages, version: int) -> None:
    tx.many(
        "INSERT INTO observation_page (lane, page, version, data) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (lane, page) DO UPDATE SET version = excluded.version, data = excluded.data",
        [(lane, page, version, data) for page, data in pages],
    )


def merged_pages(tx: Tx, lane: int, added: StreamState) -> Pages:
    """The pages of `added` with what is newer in it. Only the packer that holds the lease changes pages."""
    table = read_pages(tx, lane, [page for page, _ in added.pages()])
    table.merge(added)
    return _encoded(table)


def set_newest(tx: Tx, lane: int, streams: Ints, newest_rows: StreamState, version: int) -> None:
    """`newest_rows` are now the newest packed rows of `streams`; those without one have none left."""
    table = read_pages(tx, lane, np.unique(streams // PAGE).tolist())
    slots = table.slots(streams)
    table.time[slots], table.sequence[slots], table.number[slots] = NEVER, 0, np.nan
    table.plain[slots] = 0
    table.merge(newest_rows)
    write_pages(tx, lane, _encoded(table), version)
