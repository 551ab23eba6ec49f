"""Packs that came after a city's first start: what they observe becomes rows, once."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from hutong.engine.directory import everything
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import Clock
from hutong.kernel.definition.plan import ResourceEntry
from hutong.kernel.definition.thing import PropertyDefinition
from hutong.kernel.party import Party
from hutong.kernel.plan import Resource
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


def take_up_resources(store: Store, clock: Clock, entries: Iterable[ResourceEntry]) -> int:
    """Resources of duty.yaml that are new or whose amount is another now; what is set aside of one stays set aside, so an
    amount never falls below it. Returns how many rows changed. A city without organisations has not had its first start."""
    listed = list(entries)
    if not listed:
        return 0
    with store.reader() as reader:
        units = {one.code: one.id for one in everything(reader, Party) if one.kind == "organisation"}
        known = {one.code: one for one in everything(reader, Resource)}
    if not units:
        return 0
    rows = [row for one in listed if (row := _resource(store, one, known.get(one.code), units)) is not None]
    if not rows:
        return 0
    record = Record(
        kind="resource.take_up",
        actor=0,
        at=clock.city_time(),
        subjects=tuple(("resource", one.id) for one in rows),
        facts={"amounts": {one.code: one.amount for one in rows}},
    )
    store.apply(Changes(puts=tuple(rows), records=(record,)))
    return len(rows)


def _resource(
    store: Store, entry: ResourceEntry, known: Resource | None, units: dict[str, int]
) -> Resource | None:
    """The row as duty.yaml wants it; None if it stands so already."""
    if known is None:
        return Resource(
            id=store.new_ids(1)[0],
            code=entry.code,
            name=entry.label,
            kind=entry.kind,
            amount=entry.amount,
            unit=entry.unit,
            organisation=units.get(entry.organisation),
        )
    wanted = replace(
        known, name=entry.label, kind=entry.kind, amount=max(entry.amount, known.reserved), unit=entry.unit,
        organisation=units.get(entry.organisation),
    )  # fmt: skip
    return None if wanted == known else wanted
