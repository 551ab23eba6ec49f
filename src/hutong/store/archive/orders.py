"""Orders to delete rows whose time is over: left by who serves the city, in the commit of the record that tells of it, and
carried out by who packs the lane, which may be another process and much later. They lie among the lane's cursors.
"""

from __future__ import annotations

import base64

import msgspec
import numpy as np

from hutong.kernel.base import Instant
from hutong.store.archive.thinning import Drop
from hutong.store.observations import columns as coded
from hutong.store.transaction import Tx

DUE = "retention.due:"


class _Written(msgspec.Struct, frozen=True):
    before: Instant
    rollups_before: Instant
    streams: str


def due(key: str) -> str:
    """Name of the cursor that holds an order until it is carried out."""
    return DUE + key


def write_order(drop: Drop) -> str:
    streams = base64.b85encode(coded.encode({"streams": drop.streams})).decode()
    return msgspec.json.encode(_Written(drop.before, drop.rollups_before, streams)).decode()


def read_order(text: str) -> Drop:
    found = msgspec.json.decode(text, type=_Written)
    columns, _ = coded.decode(base64.b85decode(found.streams))
    return Drop(columns["streams"].astype(np.int64), found.before, found.rollups_before)


def waiting(tx: Tx, lane: int) -> list[tuple[str, str]]:
    """Orders of a lane: the cursor's name and what it says."""
    found = tx.rows(
        "SELECT name, value FROM subscriber WHERE lane = ? AND name >= ? AND name < ? ORDER BY name",
        (lane, DUE, DUE[:-1] + chr(ord(DUE[-1]) + 1)),
    )
    return [(str(name), str(value)) for name, value in found]


def carried_out(tx: Tx, lane: int, name: str, value: str) -> None:
    """The order goes, if it is still that one."""
    tx.execute("DELETE FROM subscriber WHERE lane = ? AND name = ? AND value = ?", (lane, name, value))
