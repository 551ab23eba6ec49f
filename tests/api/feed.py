"""Observations of the tiny city's gauges."""

from __future__ import annotations

from tests.api.town import Town

from hutong.kernel.base import MINUTE
from hutong.kernel.observation import batch
from hutong.kernel.query import both, equals
from hutong.kernel.thing import Datastream


def stream(town: Town, code: str, name: str) -> int:
    """The datastream of a property of a thing."""
    with town.store.reader() as reader:
        where = both(equals("thing", town.thing(code)), equals("property_code", f"drainage.{name}"))
        return reader.find(Datastream, where).rows[0].id


def minutes(town: Town, code: str, name: str, values: list[float]) -> None:
    """One value a minute, each sent when it is measured."""
    id = stream(town, code, name)
    for value in values:
        town.clock.move_to(town.clock.city + MINUTE)
        assert town.intake.submit(batch("test", [id], [town.clock.city], [value])).result(10).taken == 1
