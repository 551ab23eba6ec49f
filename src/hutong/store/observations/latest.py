"""The newest observation of many streams, without touching history."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from hutong.kernel.base import DAY
from hutong.kernel.observation import Latest
from hutong.store.observations.overlay import Overlay
from hutong.store.observations.pages import catch_up
from hutong.store.observations.rows import Ints, Rows, join
from hutong.store.observations.scan import EARLIEST, FOREVER, Span, history, scan
from hutong.store.observations.snapshot import Snapshot
from hutong.store.observations.streams import NEVER, StreamState, StreamTable

Numbers = NDArray[np.float64]


class _View:
    """The newest row per stream of what was committed before chunk `next_chunk`, as of `folds`."""

    def __init__(self, folds: int) -> None:
        self.streams = StreamTable()
        self.next_chunk = 0
        self.folds = folds


def _whole(snapshot: Snapshot, overlay: Overlay, known: StreamState, at: Ints) -> list[Rows]:
    """The newest rows at these positions of `known`, day by day: each part of the history is read once for all of them."""
    parts = []
    day = known.time[at] // DAY
    for one in np.unique(day).tolist():
        mine = at[day == one]
        rows = scan(snapshot, overlay, Span(known.stream[mine], known.time[mine], known.time[mine] + 1))
        parts.append(
            rows.take(rows.sequence == known.sequence[mine][np.searchsorted(known.stream[mine], rows.stream)])
        )
    found = join(parts).stream
    for stream in np.setdiff1d(known.stream[at], found).tolist():  # Newer than what this reader may see.
        parts.append(history(snapshot, overlay, stream, EARLIEST, FOREVER, limit=1, descending=True))
    return parts


class LatestViews:
    """One view per lane, moved on by whoever reads. It may be newer than the reader's snapshot, never
    older.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._views: dict[int, _View] = {}

    def latest(self, snapshot: Snapshot, overlay: Overlay, streams: Ints) -> Latest:
        """In the order asked; streams without a row are left out."""
        known = self._known(snapshot, streams)
        time, number = known.time, known.number
        if len(overlay):
            time, number = self._amended(snapshot, overlay, known.stream, time, number)
        there = time != NEVER
        return Latest(known.stream[there], time[there], number[there])

    def newest(self, snapshot: Snapshot, overlay: Overlay, streams: Ints) -> tuple[Rows, NDArray[np.bool_]]:
        """Whole rows, ordered by stream, and whether more than one was ever stored. Only rows that hold more than a
        number, and streams with amendments, are read from where they lie."""
        known = self._known(snapshot, np.unique(streams))
        unsure = (known.plain == 0) | np.isin(known.stream, overlay.streams())
        unsure &= (known.time != NEVER) | np.isin(known.stream, overlay.streams())
        sure = (known.time != NEVER) & ~unsure
        quality = np.zeros(int(sure.sum()), np.uint8)
        parts = [
            Rows(known.stream[sure], known.sequence[sure], known.time[sure], known.number[sure], quality)
        ]
        rich = unsure & ~np.isin(known.stream, overlay.streams())
        parts += _whole(snapshot, overlay, known, np.flatnonzero(rich))
        for stream in known.stream[unsure & ~rich].tolist():
            parts.append(history(snapshot, overlay, stream, EARLIEST, FOREVER, limit=1, descending=True))
        rows = join(parts).ordered()
        at = np.searchsorted(known.stream, rows.stream)
        return rows, known.next_sequence[at] > 2

    def streams(self, snapshot: Snapshot) -> Ints:
        """All streams that ever had a row, ascending."""
        with self._lock:
            return self._current(snapshot).streams.known()

    def _known(self, snapshot: Snapshot, streams: Ints) -> StreamState:
        """What the view holds of those streams that it knows, in the order asked."""
        with self._lock:
            view = self._current(snapshot)
            return view.streams.state(streams[view.streams.find(streams) >= 0])

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
        time, number = time.copy(), number.copy()
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
