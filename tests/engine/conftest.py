"""The city procedure of the pack `urban` with a small staff, and a driver that plays a case through it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
import yaml
from msgspec.structs import replace

import hutong.packs
from hutong.engine.handle import (
    Acted,
    Command,
    Compiled,
    OpenCase,
    Setting,
    act,
    compile_procedure,
    open_case,
)
from hutong.kernel.access import Actor, Grant, Permission
from hutong.kernel.base import MINUTE, Label
from hutong.kernel.case import Case, Category, File, Warning
from hutong.kernel.definition.procedure import CasesFile, LimitRow

SHANGHAI = ZoneInfo("Asia/Shanghai")
CENTRE, COMMAND, LEADERSHIP, SEWERS, ROADS, SEWER_TEAM = 100, 101, 102, 200, 201, 210
GRID, STREET, DISTRICT = 1, 2, 3
ANCESTORS = {
    GRID: (GRID, STREET, DISTRICT),
    SEWERS: (SEWERS, 199),
    SEWER_TEAM: (SEWER_TEAM, SEWERS, 199),
}
STAFF = {
    "collector": (11, "collector", "supervision", CENTRE),
    "collector2": (12, "collector", "supervision", CENTRE),
    "receptionist": (13, "receptionist", "supervision", CENTRE),
    "duty_chief": (14, "duty_chief", "supervision", CENTRE),
    "dispatcher": (15, "dispatcher", "command", COMMAND),
    "handler": (16, "handler", "handling", SEWERS),
    "handler_team": (17, "handler", "handling", SEWER_TEAM),
    "handler_roads": (18, "handler", "handling", ROADS),
    "leader": (19, "leader", "leadership", LEADERSHIP),
}


def local(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp()) * 1_000_000


@pytest.fixture(scope="session")
def cases_file() -> CasesFile:
    path = Path(hutong.packs.__path__[0]) / "urban" / "cases.yaml"
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), CasesFile)


@pytest.fixture(scope="session")
def compiled(cases_file: CasesFile) -> Compiled:
    procedure = replace(cases_file.procedures[0], name="urban.case")
    return compile_procedure(procedure, cases_file.roles, "d" * 64)


@pytest.fixture(scope="session")
def staff(compiled: Compiled) -> dict[str, Actor]:
    return {
        name: Actor(
            account,
            organisation=organisation,
            roles=(role,),
            side=side,
            grants=tuple(
                Grant(role, Permission(verb, noun))
                for verb, nouns in compiled.roles[role].may.items()
                for noun in nouns
            ),
        )
        for name, (account, role, side, organisation) in STAFF.items()
    }


class Desk:
    """Plays one case. `do` acts as the staff member; photos that are needed are added by `photos`."""

    def __init__(self, compiled: Compiled, staff: dict[str, Actor], setting: Setting) -> None:
        self.compiled, self.staff, self.setting = compiled, staff, setting
        self.now = local("2026-09-18T16:30:00")
        self.files: list[File] = []
        self.warnings: list[Warning] = []
        self.records: list[Any] = []
        self.case: Case
        self.last: Acted

    local = staticmethod(local)

    def at(self, text: str) -> Desk:
        self.now = local(text)
        return self

    def open(self, source: str = "sensor", by: str = "duty_chief", **given: Any) -> Case:
        given.setdefault("category", Category("matter", "06010"))
        given.setdefault("title", Label("暴露垃圾", "Exposed rubbish"))
        command = OpenCase(id=1, source=source, place=GRID, **given)
        opened = open_case(command, self.staff[by], self.now, self.compiled, self.setting)
        self.case = replace(opened.case, number="31010120260918" + "00001", version=1)
        self.numbering = opened.numbering
        self.records.extend(opened.records)
        return self.case

    def photo(self, stage: str, role: str, **given: Any) -> File:
        number = 900 + len(self.files)
        file = File(
            id=number, case=1, stage=stage, role=role, name="a.jpg", media_type="image/jpeg", size=1,
            digest=f"{number:064x}", taken=self.now, **given,
        )  # fmt: skip
        self.files.append(file)
        return file

    def do(self, action: str, by: str | Actor, **answers: Any) -> Case:
        actor = self.staff[by] if isinstance(by, str) else by
        command = Command(action=action, answers=answers, files=self.files, warnings=self.warnings)
        self.last = act(self.case, command, actor, self.now, self.compiled, self.setting)
        self.case = replace(self.last.case, version=self.case.version + 1)
        self.records.extend(self.last.records)
        return self.case

    def dispatched(self, organisation: int = SEWERS) -> Case:
        """Opened by a sensor, filed and dispatched."""
        self.open()
        self.do("file", "duty_chief")
        return self.do("dispatch", "dispatcher", organisation=organisation)

    def fed_back(self) -> Case:
        for role in ("near", "far"):
            self.photo("handle", role)
        return self.do("feed_back", "handler", result="清理完毕")

    def checked(self, action: str = "check_pass", **answers: Any) -> Case:
        self.photo("check", "near")
        return self.do(action, "collector", **answers)

    def clock(self, name: str) -> Any:
        return next(clock for clock in self.case.clocks if clock.name == name)

    def wait(self, minutes: float) -> Desk:
        self.now += round(minutes * MINUTE)
        return self


@pytest.fixture
def setting() -> Setting:
    return Setting(division="310101", ancestors=lambda one: ANCESTORS.get(one, (one,)))


@pytest.fixture
def desk(compiled: Compiled, staff: dict[str, Actor], setting: Setting) -> Desk:
    return Desk(compiled, staff, setting)


@pytest.fixture
def desk_with_limits(compiled: Compiled, staff: dict[str, Actor], setting: Setting) -> Callable[..., Desk]:
    """A desk in a city with its own limit rows."""

    def make(*rows: LimitRow) -> Desk:
        return Desk(compiled, staff, dataclasses.replace(setting, limits=rows))

    return make
