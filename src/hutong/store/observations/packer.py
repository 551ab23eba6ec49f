"""The background worker of a lane: packs the tail, merges runs, folds amendments in, clears what is left
over.

Any number of packers may run; the lane's lease lets one work at a time. Every step is safe to break off:
what is not swapped in is invisible and is cleared later.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from hutong.kernel.clock import Clock
from hutong.store.observations import merge, pack
from hutong.store.observations.lease import LEASE, held, new_token
from hutong.store.observations.observations import Observations
from hutong.store.observations.overlay import Overlay
from hutong.store.observations.pages import merged_pages
from hutong.store.observations.rows import join
from hutong.store.observations.segments import Part, catalog_lines, join_lines
from hutong.store.observations.snapshot import (
    ARCHIVED,
    Caches,
    Catalog,
    LaneRow,
    Parts,
    Run,
    Snapshot,
    lane_row,
    own_lane,
)
from hutong.store.transaction import Database, Tx

_log = logging.getLogger(__name__)

GARBAGE_PARTS = 32
IDLE_SECONDS = 1.0


class Packer:
    """Work for one lane. `step` does one unit; `run` does steps until `stop` is set."""

    def __init__(self, database: Database, lane: int, clock: Clock, observations: Observations) -> None:
        self._clock = clock
        self.database = database
        self.lane = lane
        self.observations = observations
        self._caches = observations.caches
        self._overlays = observations.overlays
        self._token = new_token()
        self._leftovers = True
        self.stop = threading.Event()
        self.further: Callable[[], bool] | None = None
        """More work under the lane's lease, when there is nothing to pack or to merge (the archive's)."""

    def run(self) -> None:
        """Until `stop` is set; meant for a thread. A step that fails (the database is gone) is tried again."""
        while not self.stop.is_set():
            try:
                worked = self.step()
            except Exception:
                _log.exception("packing observations of lane %s failed; it will be tried again", self.lane)
                worked = False
            if not worked:
                self.stop.wait(IDLE_SECONDS)
        self.leave_lease()

    def step(self, *, all_of_it: bool = False) -> bool:
        """One unit of work; False if there was none. `all_of_it` packs the tail even if it is small and
        young."""
        if not self._leased():
            return False
        if self._pack(all_of_it=all_of_it) or self._clear() or self._merge():
            return True
        return self.further is not None and self.further()

    def go_on(self) -> bool:
        """Between the pieces of long work: packs what is due; False if the work must be broken off."""
        self._pack(all_of_it=False)
        return not self.stop.is_set() and self._leased(renew=True)

    def pack_all(self) -> bool:
        """Packs the whole tail, small and young as it may be; False if another packer holds the lane."""
        while self._leased() and self._pack(all_of_it=True):
            pass
        return self._leased()

    def take_lease(self) -> bool:
        """False if another packer holds the lane, or nothing was ever observed in it."""
        return self._leased()

    def leave_lease(self) -> None:
        """Lets another packer start at once; call it when this one ends."""
        with self.database.write() as tx:
            tx.execute(
                "UPDATE observation_lane SET lease_until = 0 WHERE lane = ? AND lease_owner = ?",
                (self.lane, self._token),
            )

    def _leased(self, *, renew: bool = False) -> bool:
        """Takes the lease if it is free; with `renew` only prolongs our own: what we began is safe under that alone."""
        now = self._clock.recorded_at()
        with self.database.read() as tx:
            row = Snapshot(tx, self.lane, self._caches).row
        mine = row.lease_owner == self._token
        if mine and row.lease_until - now > LEASE // 2:
            return True
        if not mine and (renew or held(row, now)):
            return False
        if row.next_chunk == 1:
            return False
        with self.database.write() as tx:
            row = own_lane(tx, self.lane)
            if row.lease_owner != self._token and (renew or held(row, now)):
                return False
            tx.execute(
                "UPDATE observation_lane SET lease_owner = ?, lease_until = ? WHERE lane = ?",
                (self._token, now + LEASE, self.lane),
            )
        return True

    def own(self, tx: Tx) -> LaneRow | None:
        """The locked lane, if the lease is still ours."""
        row = own_lane(tx, self.lane)
        return row if row.lease_owner == self._token else None

    def _pack(self, *, all_of_it: bool) -> bool:
        with self.database.read() as tx:
            snapshot = Snapshot(tx, self.lane, self._caches)
            now = self._clock.recorded_at()
            chunks = pack.due_chunks(tx, self.lane, snapshot.row, now, all_of_it=all_of_it)
            if not chunks:
                return False
            overlay = self._overlays.of(snapshot)
            rows = join([snapshot.chunk(chunk).rows for chunk in chunks])
        packed = pack.encode(rows, overlay, chunks)
        run = self.new_run()
        if run is None or not self.write(run, 0, packed.segments + packed.rollups):
            return False
        with self.database.read() as tx:
            pages = merged_pages(tx, self.lane, packed.state)
        with self.database.write() as tx:
            row = self.own(tx)
            if row is None or row.first_chunk != packed.first_chunk:
                return False
            pack.put_in_place(tx, self.lane, run, packed, pages)
        return True

    def write(self, run: int, first_number: int, parts: list[Part]) -> bool:
        """Writes parts of a run that nobody sees yet; False if the lease is lost."""
        self._leftovers = True
        for some in pack.weighed(parts, first_number):
            with self.database.write() as tx:
                if lane_row(tx, self.lane).lease_owner != self._token:
                    return False
                pack.write_parts(tx, self.lane, run, some.first_number, some.parts)
        return True

    def _merge(self) -> bool:
        """Merges neighbours, or writes anew the run with most amendments."""
        with self.database.read() as tx:
            snapshot = Snapshot(tx, self.lane, self._caches)
            overlay = self._overlays.of(snapshot)
            runs = merge.choose(snapshot.runs()) or merge.choose_fold(snapshot, overlay)
            if any(run.level >= ARCHIVED for run in runs):
                return False  # The archive's own work.
            catalogs = [snapshot.catalog(run) for run in runs]
        if not runs:
            return False
        new = self.new_run()
        if new is None:
            return False
        self._rewrite(runs, catalogs, overlay, new)
        return True

    def new_run(self) -> int | None:
        with self.database.write() as tx:
            row = self.own(tx)
            if row is None:
                return None
            tx.execute("UPDATE observation_lane SET next_run = next_run + 1 WHERE lane = ?", (self.lane,))
            return row.next_run

    def _rewrite(self, runs: Sequence[Run], catalogs: Sequence[Catalog], overlay: Overlay, new: int) -> None:
        lines: list[Parts] = []
        rollup_lines: list[Parts] = []
        folded = []
        number = 0
        for piece in merge.slices(catalogs):
            with self.database.read() as tx:
                rows = merge.read_slice(Snapshot(tx, self.lane, self._caches), runs, piece)
            segments, rollups, positions = merge.encode_slice(rows, overlay)
            folded.append(positions)
            if not self.write(new, number, segments + rollups):
                return
            lines.append(catalog_lines(segments, number))
            rollup_lines.append(catalog_lines(rollups, number + len(segments)))
            number += len(segments) + len(rollups)
            if not self.go_on():
                return
        catalog = Catalog(join_lines(lines), join_lines(rollup_lines))
        with self.database.write() as tx:
            if self.own(tx) is not None and merge.still_there(tx, self.lane, runs):
                merge.swap(
                    tx, self.lane, runs, new, catalog, overlay, merge.union(folded), self._caches.archive
                )

    def _clear_chunks(self) -> bool:
        with self.database.read() as tx:
            first = lane_row(tx, self.lane).first_chunk
            old = pack.old_chunks(tx, self.lane, first)
        if not old:
            return False
        with self.database.write() as tx:
            tx.many(
                "DELETE FROM observation_chunk WHERE lane = ? AND chunk = ?",
                [(self.lane, chunk) for chunk in old],
            )
        return True

    def _clear(self) -> bool:
        """Deletes chunks that are packed and parts that belong to no run, a few at a time."""
        if not self._leftovers:
            return False
        if self._clear_chunks():
            return True
        with self.database.read() as tx:
            below = Snapshot(tx, self.lane, Caches()).row.next_run
            dead = next(merge.garbage(tx, self.lane, below), None)
        if dead is None:
            self._leftovers = False
            return False
        run, parts = dead
        with self.database.write() as tx:
            if self.own(tx) is not None:
                tx.many(
                    "DELETE FROM observation_segment WHERE lane = ? AND run = ? AND part = ?",
                    [(self.lane, run, part) for part in parts[:GARBAGE_PARTS]],
                )
        return True
