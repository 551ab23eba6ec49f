"""Personal data in answers: shown only where the decision's data class allows, and then with a receipt."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from hutong.api.house import House
from hutong.kernel.access import Actor
from hutong.kernel.changes import Changes, Record
from hutong.kernel.party import Receipt


class Shown(msgspec.Struct, frozen=True):
    """Whose personal fields one answer shows; nobody's in particular where the row names no party (a household)."""

    subjects: tuple[int, ...]
    fields: tuple[str, ...]


def receipt(house: House, actor: Actor, shown: Iterable[Shown], purpose: str) -> None:
    """One receipt for one answer, durable before the answer leaves; nothing if it shows nobody."""
    given = list(shown)
    subjects = tuple(sorted({one for part in given for one in part.subjects}))
    if not given:
        return
    row = Receipt(
        id=house.store.new_ids(1)[0],
        reader=actor.account,
        subjects=subjects,
        fields=tuple(sorted({one for part in given for one in part.fields})),
        purpose=purpose,
        at=house.now(),
    )
    record = Record(
        kind="receipt.give",
        actor=actor.account,
        at=row.at,
        subjects=(("receipt", row.id),),
        facts={"fields": list(row.fields), "count": len(subjects), "purpose": purpose},
    )
    house.store.apply(Changes(puts=(row,), records=(record,)))
