"""The newest observation of many streams, without touching history."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from hutong.kernel.observation import Latest
from hutong.store.observations.overlay import Overlay
from hutong.store.observations.pages import catch_up
from hutong.store.observations.rows import Ints
from hutong.store.observations.scan import EARLIEST, FOREVER, history
from hutong.store.observations.snapshot import Snapshot
from hutong.store.observations.streams import NEVER, StreamTable

Numbers = NDArray[np.float64]


class _View:
    """The newest row per stream of what was committed before chunk `next_chunk`, as of `folds`."""

    def __init__(self, folds: int) -> None:
        self.streams = StreamTable()
        self.next_chunk = 0
        self.folds = folds


class LatestViews:
    """One view per lane, moved on by whoever reads. It may be newer than the reader's snapshot, never
    older.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._views: dict[int, _View] = {}

    def latest(self, snapshot: Snapshot, overlay: Overlay, streams: Ints) -> Latest:
        """In the order asked; streams without a row are left out."""
        with self._lock:
            view = self._current(snapshot)
            slots = view.streams.find(streams)
            known = slots >= 0
            slots = slots[known]
            found = streams[known]
            time, number = view.streams.time[slots], view.streams.number[slots]
        if len(overlay):
            time, number = self._amended(snapshot, overlay, found, time, number.copy())
        there = time != NEVER
        return Latest(found[there], time[there], number[there])

    def _current(self, snapshot: Snapshot) -> _View:
        view = self._views.get(snapshot.lane)
        if view is None or view.folds < snapshot.row.folds:
            view = self._views[snapshot.lane] = _View(snapshot.row.folds)
        if view.next_chunk < snapshot.row.next_chunk:
            catch_up(view.streams, snapshot, view.next_chunk)
            view.next_chunk = snapshot.row.next_chunk
        return view

    def _amended(
        self, snapshot: Snapshot, overlay: Overlay, streams: Ints, time: Ints, number: Numbers
    ) -> tuple[Ints, Numbers]:
        """Streams whose newest row an amendment may have changed are read anew."""
        time = time.copy()
        place = {int(stream): at for at, stream in enumerate(streams)}
        changed = np.maximum(overlay.was_time, np.where(overlay.dead, NEVER, overlay.time))
        for stream in np.unique(overlay.ids >> 32).tolist():
            at = place.get(stream)
            if at is None or int(changed[overlay.ids >> 32 == stream].max()) < time[at]:
                continue
            rows = history(snapshot, overlay, stream, EARLIEST, FOREVER, limit=1, descending=True)
            time[at] = rows.time[0] if len(rows) else NEVER
            number[at] = rows.number[0] if len(rows) else np.nan
        return time, number
