"""One of the processes of test_processes.py: writes as fast as it can, then says what it was told."""

from __future__ import annotations

import sys
from concurrent.futures import Future
from pathlib import Path

import msgspec

from hutong.kernel.changes import Applied, Changes, Numbering, Record
from hutong.kernel.clock import FixedClock
from hutong.kernel.errors import Conflict
from hutong.kernel.party import Party
from hutong.kernel.thing import Thing
from hutong.store import CityStore, open_store


def main(url: str, folder: str, who: int, commands: int) -> None:
    store = open_store(url, clock=FixedClock(1_790_000_000_000_000), folder=folder)
    futures = [store.submit(_own_row(store, who, n)) for n in range(commands)]
    shared = sum(_bump_shared(store, who) for _ in range(5))
    positions = [_settled(future) for future in futures]
    store.database.close()
    print(msgspec.json.encode({"positions": positions, "shared": shared}).decode())


def _own_row(store: CityStore, who: int, number: int) -> Changes:
    [id] = store.new_ids(1)
    row = Party(id=id, kind="post", subject=id, code="", person_name=f"{who}/{number}")
    record = Record(kind="test.own", actor=who, at=number, subjects=(("party", id),))
    asked = (Numbering("party", id, "code", "posts", "{seq}"),)
    return Changes(puts=(row,), records=(record,), numbering=asked)


def _settled(future: Future[Applied]) -> list[int]:
    applied = future.result(60)
    row = applied.rows[0]
    assert isinstance(row, Party)
    return [applied.position, int(row.code)]


def _bump_shared(store: CityStore, who: int) -> int:
    """All processes change one row: whoever is late reads again."""
    while True:
        with store.reader() as reader:
            row = reader.get(Thing, 1)
        after = msgspec.structs.replace(row, properties={"count": row.properties["count"] + 1})
        record = Record(kind="test.shared", actor=who, at=1, subjects=(("thing", 1),))
        try:
            store.apply(Changes(puts=(after,), records=(record,)))
        except Conflict:
            continue
        return 1


if __name__ == "__main__":
    main(sys.argv[1], str(Path(sys.argv[2])), int(sys.argv[3]), int(sys.argv[4]))
