"""GET and PUT /clock: the city's time, and in a demo how fast it runs."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, get, put
from litestar.params import JSONBody

from hutong.api.access import access, public
from hutong.api.context import Pace, Preparing
from hutong.api.house import House
from hutong.api.requests import TheActor, TheHouse
from hutong.kernel.base import Label
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import iso
from hutong.kernel.errors import Refused


class NightShape(msgspec.Struct, frozen=True):
    label: Label
    start: str
    end: str
    phase: Label


class ClockShape(msgspec.Struct, frozen=True):
    """City time and its rate (city seconds per second); `night` while a demo night plays."""

    city_time: str
    rate: float
    running: bool
    night: NightShape | None
    preparing: Preparing | None


class ClockChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays."""

    rate: Annotated[float, msgspec.Meta(gt=0, le=3600)] | None = None
    running: bool | None = None


def clock_shape(house: House) -> ClockShape:
    pace: Pace = house.context.pace()
    night = pace.night
    return ClockShape(
        iso(house.now() // 1000 * 1000),
        pace.rate,
        pace.running,
        NightShape(night.label, iso(night.start), iso(night.end), night.phase) if night else None,
        pace.preparing,
    )


@get("/clock", guards=[public()], sync_to_thread=True, summary="The city's time")
def read_clock(house: TheHouse) -> ClockShape:
    """Drives deadlines, rules and case times; in a demo it may run faster than ours."""
    return clock_shape(house)


@put("/clock", guards=[access("manage", "clock")], sync_to_thread=True, summary="Set the demo clock's pace")
def set_clock(house: TheHouse, actor: TheActor, data: JSONBody[ClockChange]) -> ClockShape:
    """Only in a demo; real time cannot be changed."""
    if house.context.set_pace is None:
        raise Refused("clock", "this city runs on real time", "only a demo can change its pace")
    record = Record(
        kind="clock.set",
        actor=actor.account,
        at=house.now(),
        facts={"rate": data.rate, "running": data.running},
    )
    house.store.apply(Changes(records=(record,)))
    house.context.set_pace(data.rate, data.running)
    return clock_shape(house)


router = Router("/", route_handlers=[read_clock, set_clock], tags=["clock"])
