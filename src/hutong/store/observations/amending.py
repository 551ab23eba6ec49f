"""Many observations by their ids at once, and their amendments in one go."""

from __future__ import annotations

import msgspec
import numpy as np

from hutong.kernel.changes import Amendment
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.observation import STREAM_SHIFT
from hutong.store.observations.overlay import Overlay, write_overlay
from hutong.store.observations.rows import Ints, Rows, from_batch, join
from hutong.store.observations.snapshot import Snapshot
from hutong.store.transaction import Tx

_SEQUENCE = (1 << STREAM_SHIFT) - 1


def ids_of(rows: Rows) -> Ints:
    return np.asarray((rows.stream << STREAM_SHIFT) | rows.sequence, np.int64)


def standing(snapshot: Snapshot, overlay: Overlay, ids: Ints) -> Rows:
    """The rows of these ids as they are now, in the order asked. NotFound names the first that is not there."""
    found: list[Rows] = []
    missing = _taken(overlay.live, np.unique(ids), found)
    gone = np.isin(missing, overlay.ids)
    missing = missing[~gone]
    missing = _in_tail(snapshot, missing, found)
    missing = _in_runs(snapshot, missing, found)
    rows = join(found)
    known = ids_of(rows)
    order = np.argsort(known)
    if len(known) < len(np.unique(ids)):
        absent = int(ids[~np.isin(ids, known)][0])
        raise NotFound(
            "observation", f"there is no observation {absent}", "list the datastream's observations"
        )
    return rows.take(order[np.searchsorted(known[order], ids)])


def _taken(rows: Rows, wanted: Ints, found: list[Rows]) -> Ints:
    """Adds the rows that are wanted to `found`; the ids that are still wanted."""
    if not len(rows) or not len(wanted):
        return wanted
    own = ids_of(rows)
    match = np.isin(own, wanted)
    if not match.any():
        return wanted
    found.append(rows.take(match))
    return np.setdiff1d(wanted, own[match])


def _in_tail(snapshot: Snapshot, wanted: Ints, found: list[Rows]) -> Ints:
    for chunk in reversed(snapshot.chunks()):
        if not len(wanted):
            break
        streams = np.unique(wanted >> STREAM_SHIFT)
        wanted = _taken(snapshot.chunk(chunk).pick(streams), wanted, found)
    return wanted


def _in_runs(snapshot: Snapshot, wanted: Ints, found: list[Rows]) -> Ints:
    for run in reversed(snapshot.runs()):
        if not len(wanted):
            break
        segments = snapshot.catalog(run).segments
        parts: set[int] = set()
        for id in wanted.tolist():
            stream = id >> STREAM_SHIFT
            if run.stream_min <= stream <= run.stream_max:
                held = segments.holding(stream, id & _SEQUENCE)
                parts.update(segments.part[held].tolist())
        for part in sorted(parts):
            streams = np.unique(wanted >> STREAM_SHIFT)
            if not len(streams):
                break
            wanted = _taken(snapshot.segment(run, part).pick(streams), wanted, found)
    return wanted


def check_rows(amends: tuple[Amendment, ...]) -> None:
    """Invalid for an id that stands twice, or a row that is not one row of the id's datastream."""
    if len({one.id for one in amends}) < len(amends):
        raise Invalid("amends", "an observation is amended twice", "amend each once")
    for one in amends:
        if one.row is not None and (len(one.row) != 1 or int(one.row.stream[0]) != one.id >> STREAM_SHIFT):
            raise Invalid(
                "stream", "an amended observation stays in its datastream", "delete it and add another"
            )


def write_amends(tx: Tx, lane: int, amends: tuple[Amendment, ...], before: Rows) -> int:
    """Writes amendments of the rows `before` (aligned); how often the amend table changed. The lane must be locked."""
    gone = np.array([one.row is None for one in amends], np.bool_)
    changes = 0
    if gone.any():
        dead = before.take(gone)
        write_overlay(tx, lane, dead, dead.time, dead=True)
        changes += 1
    if not gone.all():
        kept = before.take(~gone)
        fresh = join([from_batch(one.row) for one in amends if one.row is not None])
        write_overlay(tx, lane, msgspec.structs.replace(fresh, sequence=kept.sequence), kept.time)
        changes += 1
    return changes
