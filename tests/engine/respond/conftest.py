"""A small city with two storm plans that share a mode, people on duty and what they can send; on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from hutong.app.scenarios.town import Town
from hutong.app.taking_up import take_up_resources
from hutong.kernel.base import Label
from hutong.kernel.case import Warning
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.plan import DutyFile, DutyPost, ResourceEntry
from hutong.kernel.definition.scenario import Given, GivenResponsibility, GivenThing
from hutong.loader.check import sources_of
from hutong.loader.find import pack_folders

POINTS = 12
PLAN = "drainage.flood_control"
FLOOD = "drainage.flood"
DUTY = DutyFile(
    posts=(
        DutyPost(
            post="flood_duty",
            label=Label("防汛值班", "flood duty"),
            people=("responder 1", "responder 2", "responder 3"),
        ),
        DutyPost(post="road_duty", label=Label("道路值班", "road duty"), people=("handler 1", "handler 2")),
        DutyPost(post="duty_chief", label=Label("值班长", "duty chief"), people=("duty_chief 1",)),
    ),
    resources=(
        ResourceEntry(
            code="pump-a", label=Label("泵车甲", "pump A"), kind="pump_truck", amount=4, unit="辆",
            organisation="handling",
        ),
        ResourceEntry(code="pump-b", label=Label("泵车乙", "pump B"), kind="pump_truck", amount=2, unit="辆"),
        ResourceEntry(code="crew", label=Label("抢险队", "crew"), kind="flood_team", amount=8, unit="队"),
    ),
)  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    database = None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    given = Given(
        at="2026-07-17 17:00",
        things=tuple(
            GivenThing(type="drainage.ponding_point", code=f"P{n}", properties={"close_depth": 0.27})
            for n in range(POINTS)
        ),
        responsibilities=(GivenResponsibility(kind="other", code="drainage.flooding", organisation="handling"),
                          GivenResponsibility(kind="matter", code="01072", organisation="handling")),
    )  # fmt: skip
    sources = sources_of((pack_folders(())["drainage"],))
    town = Town(sources, given, tmp_path / "town", database)
    town.rulebook.city = replace(town.rulebook.city, duty=DUTY)
    take_up_resources(town.store, town.clock, DUTY.resources)
    yield town
    town.close()


Raise = Callable[..., list[Warning]]


@pytest.fixture
def raised(town: Town) -> Raise:
    """Makes open warnings of a rule at the first things, raised now."""

    def make(rule: str, colour: str, count: int, first: int = 0) -> list[Warning]:
        now = town.clock.city_time()
        ids = town.store.new_ids(count)
        rows = [
            Warning(
                id=id,
                rule=rule,
                rule_version=town.rulebook.rule_digests[rule],
                thing=town.things[f"P{first + at}"],
                colour=colour,  # type: ignore[arg-type]
                title=Label("积水", "Flooding"),
                explanation=Label("", ""),
                began=now,
                raised=now,
                seen=now,
            )
            for at, id in enumerate(ids)
        ]
        record = Record(
            kind="warning.raise", actor=0, at=now, subjects=tuple(("warning", one.id) for one in rows)
        )
        town.store.apply(Changes(puts=tuple(rows), records=(record,)))
        return rows

    return make
