"""Packs that came after a city's first start: what they observe becomes rows, once."""

from __future__ import annotations

from collections.abc import Iterable

from hutong.engine.directory import everything
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import Clock
from hutong.kernel.definition.thing import PropertyDefinition
from hutong.kernel.ports import Store
from hutong.kernel.thing import ObservedProperty


def observed_row(id: int, one: PropertyDefinition) -> ObservedProperty:
    """The row of an observed property that a pack defines."""
    return ObservedProperty(
        id=id,
        name=one.label.en,
        description=one.label.zh,
        definition=f"urn:hutong:property:{one.name}",
        code=one.name,
    )


def take_up(store: Store, clock: Clock, defined: Iterable[PropertyDefinition]) -> int:
    """How many rows were missing and are there now. A city without any has not had its first start, which makes them."""
    with store.reader() as reader:
        known = {one.code for one in everything(reader, ObservedProperty)}
    missing = [one for one in defined if one.name not in known]
    if not missing or not known:
        return 0
    ids = store.new_ids(len(missing))
    rows = tuple(observed_row(id, one) for id, one in zip(ids, missing, strict=True))
    record = Record(
        kind="observed_property.create",
        actor=0,
        at=clock.city_time(),
        subjects=tuple(("observed_property", id) for id in ids),
        facts={"codes": [one.name for one in missing]},
    )
    store.apply(Changes(puts=rows, records=(record,)))
    return len(rows)
