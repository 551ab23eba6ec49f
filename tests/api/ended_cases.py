"""Cases that ended long ago, for what learns from them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from tests.api.town import Town

from hutong.kernel.base import MINUTE
from hutong.kernel.case import Case
from hutong.kernel.changes import Changes, Record

MANY = 60


def add_ended(town: Town, like: Sequence[int], state: str) -> None:
    """Stores cases in an end state, each like one of those that are there, with words of its own."""
    now = town.clock.city_time()
    with town.store.reader() as reader:
        patterns = [reader.get(Case, id) for id in like]
    rows: list[Case] = []
    for n, id in enumerate(town.store.new_ids(MANY)):
        one = patterns[n % len(patterns)]
        rows.append(
            replace(one, id=id, version=0, number=f"OLD{n}", text=f"{one.text}，第{n}次", state=state,
                    closed=now + n * MINUTE, ending="closed", next_due=None, clocks=(), late_from=None)
        )  # fmt: skip
    record = Record(kind="case.import", actor=0, at=now, subjects=tuple(("case", one.id) for one in rows))
    town.store.apply(Changes(puts=tuple(rows), records=(record,)))
