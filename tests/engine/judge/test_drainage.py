"""The rules of the pack `drainage` find what its scenarios expect, and fold it into one cause."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest

import hutong.packs.drainage
from hutong.engine.judge import Causes, Setting, compile_rules, raise_warnings
from hutong.engine.observe import check, stream_table
from hutong.kernel.base import MINUTE, Label
from hutong.kernel.case import Warning
from hutong.kernel.clock import instant, moment
from hutong.kernel.definition.pack import Pack
from hutong.kernel.definition.scenario import Scenario
from hutong.kernel.observation import batch
from hutong.kernel.spans import span
from hutong.kernel.thing import Datastream, Thing
from hutong.loader.pack import PackSource

SHANGHAI = ZoneInfo("Asia/Shanghai")
FOLDER = Path(next(iter(hutong.packs.drainage.__path__)))


@pytest.fixture(scope="module")
def drainage() -> Pack:
    source = PackSource(FOLDER)
    assert source.pack is not None
    return source.pack


def things_of(scenario: Scenario) -> dict[int, Thing]:
    given = scenario.given.things
    ids = {one.code: number for number, one in enumerate(given, 1)}
    return {
        ids[one.code]: Thing(
            id=ids[one.code],
            type=one.type,
            code=one.code,
            name=Label(one.name),
            properties=one.properties,
            links={role: tuple(ids[code] for code in codes) for role, codes in one.links.items()},
        )
        for one in given
    }


def warnings_of(pack: Pack, scenario: Scenario) -> tuple[list[Warning], dict[int, Thing]]:
    start = instant(datetime.fromisoformat(scenario.given.at).replace(tzinfo=SHANGHAI))
    things = things_of(scenario)
    codes = {thing.code: thing.id for thing in things.values()}
    feeds = scenario.given.observations
    streams = [
        Datastream(
            id=100 + i,
            name="",
            thing=codes[feed.thing],
            sensor=1,
            observed_property=1,
            property_code=feed.property,
        )
        for i, feed in enumerate(feeds)
    ]
    table = stream_table(streams, {one.name: one for one in pack.properties})
    parameters = {one.name: one.values[-1].value for one in pack.parameters}
    judge = compile_rules(pack.rules, table, things, parameters, {})
    rows = sorted(
        (start + k * span(feed.every), 100 + i, value)
        for i, feed in enumerate(feeds)
        for k, value in enumerate(feed.values)
    )
    time, stream, value = (np.array(column) for column in zip(*rows, strict=True))
    checked = check(batch("scenario", stream, time, value), table, int(time[-1]) + MINUTE)
    assert checked.refusals == ()
    judged = judge.run(checked.batch, count(1))
    setting = Setting(things, scope=lambda _: (), place_name=lambda _: Label(""))
    return list(raise_warnings(judged.raised, setting, Causes(), int(time[-1]))[0]), things


@pytest.mark.parametrize("name", ["flooding", "pump_failure"])
def test_a_scenario_finds_what_it_expects(drainage: Pack, name: str) -> None:
    source = (FOLDER / "scenarios" / f"{name}.yaml").read_bytes()
    scenario = msgspec.yaml.decode(source, type=Scenario)
    warnings, things = warnings_of(drainage, scenario)
    found = {(one.rule, things[one.thing].code): one for one in warnings}
    for expected in scenario.expect.warnings or ():
        warning = found[expected.rule, expected.thing]
        for key in ("began", "raised"):
            assert f"{moment(getattr(warning, key), SHANGHAI):%H:%M}" == getattr(expected, key)
    for rules in scenario.expect.one_cause:
        assert len({one.cause for one in warnings if one.rule in rules}) == 1
