"""A pack that a city takes up after its first start: what it observes is there when the city is opened again."""

from __future__ import annotations

from pathlib import Path

from tests.app.test_custody import folder
from tests.app.test_gateways import opened

from hutong.app.city import RunningCity
from hutong.engine.directory import everything
from hutong.engine.flow.devices import Admission
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import Label
from hutong.kernel.changes import Changes, Record
from hutong.kernel.thing import Device, ObservedProperty, Thing

__all__ = ["folder"]


def codes(running: RunningCity) -> list[str]:
    with running.store.reader() as reader:
        return sorted(one.code for one in everything(reader, ObservedProperty))


def admitted(running: RunningCity) -> Device:
    """A vehicle that tells its speed."""
    id = running.store.new_ids(1)[0]
    thing = Thing(id=id, type="vehicles.vehicle", code="V1", name=Label("一号车", "Vehicle 1"))
    record = Record(kind="thing.create", actor=0, at=1, subjects=(("thing", id),))
    running.store.apply(Changes(puts=(thing,), records=(record,)))
    given = Admission(thing=id, channels={"speed": "vehicles.speed"})
    return running.devices.enrol("jt808", "013800138000", given, SYSTEM)


def test_its_observed_properties_become_rows_once(folder: Path) -> None:
    with opened(folder) as running:
        before = codes(running)
    assert not any(code.startswith("vehicles.") for code in before)
    head = (folder / "city.yaml").read_text("utf-8")
    (folder / "city.yaml").write_text(head.replace("- drainage\n", "- drainage\n- vehicles\n"), "utf-8")
    with opened(folder) as running:
        after = codes(running)
        assert set(after) - set(before) == {
            name for name in running.rulebook.properties if name.startswith("vehicles.")
        }
        assert admitted(running).state == "admitted"
    with opened(folder) as running:
        assert codes(running) == after
        assert running.store.verify().sound
