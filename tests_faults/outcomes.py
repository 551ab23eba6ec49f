"""What came of a night, in words that hold from one run to another: numbers, codes, logins and city times, never row ids."""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hutong.app.night import CURSOR
from hutong.engine.directory import everything
from hutong.kernel.call import Call
from hutong.kernel.case import Case, EvidenceRow, File, Message, Warning
from hutong.kernel.clock import FixedClock
from hutong.kernel.party import Account, Party
from hutong.kernel.register import Household
from hutong.kernel.thing import Datastream, Thing
from hutong.store import CityStore, open_store
from hutong.store.reader import StoreReader

FOREVER = 2**62
VISIT = "household/"
"""Begins the cause of a visit that is due."""


class Rows(NamedTuple):
    """Observations in order of stream and time."""

    stream: NDArray[np.int64]
    time: NDArray[np.int64]
    number: NDArray[np.float64]


@contextmanager
def copied(folder: Path, to: Path) -> Iterator[CityStore]:
    """The store of a copy of a city, so that looking changes nothing of the one that goes on."""
    shutil.copytree(folder, to)
    store = open_store(to, clock=FixedClock(0))
    try:
        yield store
    finally:
        store.close()
        shutil.rmtree(to)


class Names:
    """Codes and logins by id."""

    def __init__(self, reader: StoreReader) -> None:
        self.thing = {one.id: one.code for one in everything(reader, Thing)}
        self.account = {one.id: one.login for one in everything(reader, Account)} | {0: "system"}
        self.organisation = {one.id: one.code for one in everything(reader, Party) if one.code}
        self.file = {one.id: one.name for one in everything(reader, File)}
        self.household = {one.id: one.code for one in everything(reader, Household)}
        self.stream = {
            one.id: f"{self.thing[one.thing]}|{one.property_code}" for one in everything(reader, Datastream)
        }

    def cause(self, key: str) -> str:
        if key.startswith(VISIT):
            return VISIT + self.household[int(key.removeprefix(VISIT))]
        pack, thing, began = key.rsplit(":", 2) if key else ("", "", "")
        return f"{pack}:{self.thing[int(thing)]}:{began}" if key else ""

    def evidence(self, rows: tuple[EvidenceRow, ...]) -> list[tuple[str, int, float | None]]:
        return [(self.stream[row.stream], row.time, row.number) for row in rows]


def outcome(store: CityStore) -> dict[str, Any]:
    """Cases by number, warnings, messages and calls, as an undisturbed night with the same seed must give them again."""
    with store.reader() as reader:
        names = Names(reader)
        cases, warnings = everything(reader, Case), everything(reader, Warning)
        files, messages = everything(reader, File), everything(reader, Message)
        calls, phones = everything(reader, Call), _phones(reader)
    numbers = {case.id: case.number for case in cases}
    told = {one.id: (one.rule, names.thing[one.thing], one.raised) for one in warnings}
    pictures: dict[int | None, list[Any]] = {}
    for file in files:
        pictures.setdefault(file.case, []).append((file.name, file.stage, file.taken, file.digest))
    said = Counter((numbers.get(one.case or 0), names.account[one.to], str(one.text)) for one in messages)
    return {
        "cases": {
            case.number: _case(case, names, numbers)
            | {
                "warnings": [told[id] for id in case.warnings],
                "files": sorted(pictures.get(case.id, [])),
                "facts": case.facts | {"proved": [names.file[id] for id in case.facts.get("proved", ())]},
            }
            for case in cases
        },
        "warnings": sorted(
            (*_warning(one, names, numbers), told.get(one.joined_to or 0)) for one in warnings
        ),
        "messages": sorted(said.items(), key=str),
        "callers": {case.number: phones.get(case.subject or 0, "") for case in cases},
        "calls": sorted(
            (str(one.number), phones[one.subject], one.direction, one.state, one.began, one.ended or 0,
             names.account[one.account or 0], numbers.get(one.case or 0, ""))
            for one in calls
        ),
    }  # fmt: skip


def _phones(reader: StoreReader) -> dict[int, str]:
    return {one.id: str(one.phone) for one in everything(reader, Party) if one.phone is not None}


def _case(case: Case, names: Names, numbers: dict[int, str]) -> dict[str, Any]:
    plain = ("state", "category", "title", "text", "opened", "filed", "fed_back", "closed", "ending", "rounds",
             "returns", "extensions", "clocks", "next_due", "suspended")  # fmt: skip
    return {name: getattr(case, name) for name in plain} | {
        "thing": names.thing.get(case.thing or 0),
        "cause": names.cause(case.cause),
        "joined_to": numbers.get(case.joined_to or 0),
        "organisation": names.organisation.get(case.organisation or 0),
        "holder": names.account.get(case.holder or 0),
        "deeds": [(deed.action, deed.role, deed.at, names.account[deed.account]) for deed in case.deeds],
    }


def _warning(one: Warning, names: Names, numbers: dict[int, str]) -> tuple[Any, ...]:
    return (
        one.rule, names.thing[one.thing], one.began, one.raised, one.seen, one.cleared or 0, one.state, one.colour,
        one.peak, names.evidence(one.evidence), names.evidence(one.clearing), names.cause(one.cause),
        numbers.get(one.case or 0), one.judged_at, one.judged_reason, one.explanation.zh,
    )  # fmt: skip


def doubled(store: CityStore) -> list[str]:
    """What stands there twice: cases of one thing and category at one time, their numbers, pictures and warnings; calls from
    one number at one time (each caller of the night calls once), their orders, and callers."""
    with store.reader() as reader:
        cases, warnings, files, calls = (everything(reader, noun) for noun in (Case, Warning, File, Call))
        phones = _phones(reader)
    keys = [("number", case.number) for case in cases]
    keys += [("warning", f"{one.rule} {one.thing} {one.raised}") for one in warnings]
    keys += [("file", f"{one.case} {one.name}") for one in files]
    keys += [("call", f"{one.number} {one.direction}") for one in calls]
    keys += [("order of call", str(case.facts["call"])) for case in cases if "call" in case.facts]
    called = {
        str(one.number) for one in calls
    }  # a household of residents shares a number, callers of the night do not
    keys += [("caller", phone) for phone in phones.values() if phone in called]
    found = [f"{what} {key}" for (what, key), count in Counter(keys).items() if count > 1]
    alone = sorted(
        (case for case in cases if case.thing is not None),
        key=lambda case: (case.thing or 0, case.category.kind, case.category.code, case.opened),
    )
    for earlier, later in itertools.pairwise(alone):
        same = (earlier.thing, earlier.category) == (later.thing, later.category)
        if same and (earlier.closed or FOREVER) > later.opened:
            found.append(f"cases {earlier.number} and {later.number} overlap")
    return found


def journalled(store: CityStore) -> int:
    """Rows taken, as the journal's batch records say."""
    total = after = 0
    with store.reader() as reader:
        while records := reader.journal(after=after, limit=5000):
            total += sum(int(one.facts["count"]) for one in records if one.kind == "observation.batch")
            after = records[-1].position
    return total


def minute(store: CityStore) -> int:
    """The last minute of the night whose rows were acknowledged; −1 before the first."""
    with store.reader() as reader:
        return int(reader.cursor(CURSOR) or -1)


def stored(store: CityStore) -> Rows:
    """Every stored observation."""
    with store.reader() as reader:
        streams = np.array(sorted(one.id for one in everything(reader, Datastream)), np.int64)
        rows = store.observations.scan(reader.tx, 1, streams, -FOREVER, FOREVER)
    return Rows(rows.stream, rows.time, rows.number)


def fed(store: CityStore, feed: Path, start: int, until: int) -> Rows:
    """The rows of the feed up to minute `until`."""
    with store.reader() as reader:
        ids = {name: id for id, name in Names(reader).stream.items()}
    with np.load(feed, allow_pickle=False) as kept:
        present, values = kept["present"][: until + 1], kept["values"][: until + 1]
        seconds, names = kept["seconds"][: until + 1], [str(name) for name in kept["streams"]]
    streams = np.array([ids[name] for name in names], np.int64)
    steps, columns = np.nonzero(present)
    stream, time = streams[columns], start + seconds[steps].astype(np.int64) * 1_000_000
    order = np.lexsort((time, stream))
    return Rows(stream[order], time[order], values[steps, columns][order])
