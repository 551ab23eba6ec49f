"""Simulated callers: people around something that failed ring the hotline; each call becomes an order of its own.

Who calls, when, from where and with which words follows from the city's seed and the failure. Every step has a key of its own,
so that a call that was broken off is taken up where it stood.
"""

from __future__ import annotations

from typing import Any

import msgspec
import shapely

from hutong.app.posts.crew import MADE, Crew
from hutong.app.posts.sayings import ELSEWHERE, NAMES, SAYINGS
from hutong.engine.directory import everything
from hutong.engine.flow.calls import CallDesk
from hutong.engine.flow.orders import OrderDesk
from hutong.engine.handle.open import OpenCase
from hutong.kernel.access import Actor
from hutong.kernel.base import MINUTE, Instant, Label
from hutong.kernel.case import Category, Warning
from hutong.kernel.definition.pack import NightCalls
from hutong.kernel.query import Order, equals
from hutong.kernel.seeded import rng
from hutong.kernel.thing import Thing

NUMBER = "call"
"""Fact of an order: which of the night's calls it was."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the night. `position` None: the caller did not say where."""

    number: int
    at: Instant
    name: str
    phone: str
    text: str
    road: str
    position: tuple[float, float] | None


class Callers:
    """The calls of a night that its city.yaml asks for (`night.calls`)."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        night = crew.running.city.head.night
        self.wanted: NightCalls | None = night.calls if night else None
        self._planned: list[Caller] | None = None
        self._done: set[int] = set()

    def ring(self) -> None:
        """Calls whose minute has come; those of earlier minutes that were broken off are found done."""
        actor = self.crew.actor("seat")
        if self.wanted is None or actor is None:
            return
        for caller in self._plan(self.wanted):
            if caller.at <= self.crew.now and caller.number not in self._done:
                self._order(self.wanted, caller, actor)
                self._done.add(caller.number)

    def _plan(self, wanted: NightCalls) -> list[Caller]:
        """All calls, once the failure has been found; none before."""
        if self._planned is None:
            with self.crew.desk.store.reader() as reader:
                found = reader.find(
                    Warning, equals("rule", wanted.rule), order=(Order(("raised",)), Order(("id",))), limit=1
                ).rows
                if not found:
                    return []
                things = everything(reader, Thing)
            self._planned = self._callers(wanted, found[0], things)
        return self._planned

    def _callers(self, wanted: NightCalls, warning: Warning, things: list[Thing]) -> list[Caller]:
        """People at the things that the failed one serves, more of them the longer it lasts, then fewer."""
        failed = next(one for one in things if one.id == warning.thing)
        through = {id for ids in failed.links.values() for id in ids} | {failed.id}
        around = sorted(
            (
                one
                for one in things
                if one.geometry is not None
                and one.properties.get(wanted.street)
                and through & {id for ids in one.links.values() for id in ids}
            ),
            key=lambda one: one.code,
        )
        draw = rng(self.crew.seed, "callers", wanted.rule)
        shares = sorted(float(0.5 * (draw.random() + draw.random())) for _ in range(wanted.count))
        first = warning.raised + round(wanted.after * MINUTE)
        return [
            self._caller(number, first + round(share * wanted.minutes) * MINUTE, around, draw)
            for number, share in enumerate(shares, start=1)
        ]

    def _caller(self, number: int, at: Instant, around: list[Thing], draw: Any) -> Caller:
        thing = around[int(draw.random() * len(around))]
        road = str(thing.properties.get(self.wanted.street if self.wanted else "", ""))
        vague = bool(draw.random() < 0.15)
        sayings = ELSEWHERE if vague else SAYINGS
        point = shapely.point_on_surface(shapely.from_wkb(thing.geometry))
        aside = [float(draw.random() - 0.5) * 0.0012 for _ in range(2)]
        return Caller(
            number=number,
            at=at,
            name=NAMES[int(draw.random() * len(NAMES))] + ("先生" if draw.random() < 0.5 else "女士"),
            phone=f"1990000{number:04d}",
            text=sayings[int(draw.random() * len(sayings))].format(road=road),
            road="" if vague else road,
            position=None if vague else (round(point.x + aside[0], 6), round(point.y + aside[1], 6)),
        )

    def _order(self, wanted: NightCalls, caller: Caller, actor: Actor) -> None:
        """The seat answers, opens an order in the caller's words, and ends the call."""
        desk = self.crew.desk
        calls = CallDesk(desk.store, desk.clock)
        key = f"night/call/{caller.number}"
        call = calls.ring(caller.phone, actor, key=f"{key}/ring")
        if call.state != "talking":
            return
        kind, _, code = wanted.category.partition(":")
        category = Category(kind, code)  # type: ignore[arg-type]
        label = desk.rulebook.category_names[category]
        where = caller.position
        id = desk.store.new_ids(1)[0]
        command = OpenCase(
            id=id,
            category=category,
            title=Label(f"{caller.road}{label.zh}", f"{label.text('en')}: {caller.road or 'place not told'}"),
            source="hotline",
            text=caller.text,
            place=self.crew.running.directory().locate(*where) if where else None,
            position=shapely.to_wkb(shapely.Point(*where)) if where else None,
            position_text=caller.road,
            subject=call.subject,
            condition=wanted.demand,
            facts={NUMBER: caller.number},
            provenance=MADE,
        )
        puts = [msgspec.structs.replace(call, case=id)]
        order = OrderDesk(desk).open(command, None, actor, key=f"{key}/open", puts=puts)
        calls.end(call.id, order, actor, key=f"{key}/end")
