"""Checks the journal against itself, the signed checkpoints, and the rows against the journal."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hutong.kernel.errors import Corrupt
from hutong.store.chain import GENESIS, JOURNAL, HashFunction, head_bytes, link
from hutong.store.checkpoints import Checkpoint, Checkpoints
from hutong.store.sql import quoted
from hutong.store.transaction import Database, Row, Tx
from hutong.store.verify_rows import RowCheck

BATCH = 2000


class Fault(msgspec.Struct, frozen=True):
    """What is wrong, and where."""

    lane: int
    position: int
    kind: str
    """altered, missing, reordered, cut, rewritten, row, checkpoint."""
    reason: str


class Report(msgspec.Struct, frozen=True):
    """What was checked; sound if there are no faults."""

    records: int
    rows: int
    checkpoints: int
    faults: tuple[Fault, ...] = ()

    @property
    def sound(self) -> bool:
        return not self.faults


MOST = 100
"""Faults that are told; more would say nothing new."""


def verify(
    database: Database, digest: HashFunction, checkpoints: Checkpoints, *, rows: bool = True
) -> Report:
    """Reads the whole journal, and (unless `rows` is False) every stored version that it tells of."""
    faults: list[Fault] = []
    points: list[Checkpoint] = []
    try:
        points = checkpoints.read()
    except Corrupt as error:
        faults.append(Fault(0, 0, "checkpoint", str(error)))
    records = checked_rows = 0
    with database.read() as tx:
        lanes = tx.rows("SELECT lane, position, head FROM lane ORDER BY lane")
        known = {row[0] for row in lanes}
        for point in points:
            faults += [
                Fault(h.lane, 0, "cut", "the lane is gone") for h in point.heads if h.lane not in known
            ]
        for lane, position, head in lanes:
            check = RowCheck(tx, digest, lane) if rows else None
            walk = LaneWalk(tx, digest, lane, _signed(points, lane))
            for row in walk.records():
                if check is not None:
                    check.take(row)
            walk.finish(position, bytes(head))
            records += walk.count
            faults += walk.faults
            if check is not None:
                faults += [Fault(lane, where, "row", reason) for where, reason in check.finish()]
                checked_rows += check.count
    return Report(records, checked_rows, len(points), tuple(faults[:MOST]))


def _signed(points: list[Checkpoint], lane: int) -> dict[int, str]:
    return {
        head.position: head.hash
        for point in points
        for head in point.heads
        if head.lane == lane and head.position
    }


class LaneWalk:
    """Follows one lane's chain from its first record."""

    def __init__(self, tx: Tx, digest: HashFunction, lane: int, signed: dict[int, str]) -> None:
        self._tx = tx
        self._digest = digest
        self._lane = lane
        self._signed = signed
        self._previous = GENESIS
        self._position = 0
        self.count = 0
        self.faults: list[Fault] = []

    def records(self) -> Iterator[Row]:
        """Every record, checked as it passes."""
        sql = f"SELECT {quoted(JOURNAL)} FROM journal WHERE lane = ? AND position > ? ORDER BY position LIMIT {BATCH}"
        after = -(2**63)
        while rows := self._tx.rows(sql, (self._lane, after)):
            for row in rows:
                self._check(row)
                yield row
            after = rows[-1][1]

    def _check(self, row: Row) -> None:
        _, position, kind, actor, at, recorded_at, cause, body, previous, own = row
        if position != self._position + 1:
            gap = f"{self._position + 1}…{position - 1}" if position > self._position + 1 else str(position)
            self._fault(self._position + 1, "missing", f"records {gap} are not there")
        elif bytes(previous) != self._previous:
            self._fault(position, "reordered", "does not follow the record before it")
        head = head_bytes((self._lane, position, kind, actor, at, recorded_at, cause))
        if link(self._digest, bytes(previous), head, bytes(body)) != bytes(own):
            self._fault(position, "altered", f"{kind} is not what was written")
        signed = self._signed.get(position)
        if signed is not None and signed != bytes(own).hex():
            self._fault(position, "rewritten", "is not the record that a checkpoint signed")
        self._previous, self._position = bytes(own), position
        self.count += 1

    def finish(self, position: int, head: bytes) -> None:
        """The end: as the lane's row says, and not before the last checkpoint."""
        if self._position < position:
            self._fault(self._position + 1, "cut", f"the journal ends here; the lane had reached {position}")
        elif self._position > position:
            self._fault(position + 1, "altered", "records stand after the lane's end")
        elif self._previous != head:
            self._fault(position, "altered", "the lane's head is not the hash of its last record")
        latest = max(self._signed, default=0)
        if self._position < latest:
            self._fault(self._position + 1, "cut", f"a checkpoint signed position {latest}, which is gone")

    def _fault(self, position: int, kind: str, reason: str) -> None:
        self.faults.append(Fault(self._lane, position, kind, reason))


def chain_holds(database: Database, digest: HashFunction, first: int, last: int, lane: int = 1) -> bool:
    """Whether the records at these positions are all there, as they were written, each linked to the one before.

    Only these: that nothing before or after was rewritten, and what checkpoints signed, is for `verify` to say.
    """
    sql = (
        f"SELECT {quoted(JOURNAL)} FROM journal WHERE lane = ? AND position >= ? AND position <= ? "
        f"ORDER BY position LIMIT {BATCH}"
    )
    expected, before = first, None
    with database.read() as tx:
        while rows := tx.rows(sql, (lane, expected, last)):
            for _, position, kind, actor, at, recorded_at, cause, body, previous, own in rows:
                head = head_bytes((lane, position, kind, actor, at, recorded_at, cause))
                linked = before is None or bytes(previous) == before
                written = link(digest, bytes(previous), head, bytes(body)) == bytes(own)
                if position != expected or not linked or not written:
                    return False
                expected, before = position + 1, bytes(own)
    return expected == last + 1
