"""A file of other limits, responsibilities or staffing, for a replay of cases: nothing of it becomes part of the city."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from hutong.kernel.definition.pack import ResponsibilityRow
from hutong.kernel.definition.procedure import LimitRow
from hutong.kernel.definition.thing import Strict
from hutong.kernel.errors import HutongError, NotFound
from hutong.kernel.worktime import Period, WorkCalendar
from hutong.loader.problem import Faulty
from hutong.loader.yaml_source import YamlSource


class Shift(Strict, frozen=True, kw_only=True):
    """People who work at the same times: those of the city, or `periods`; on working days, or every day."""

    people: int
    periods: tuple[Period, ...] = ()
    every_day: bool = False


class Staffing(Strict, frozen=True, kw_only=True):
    """The people of a unit, in place of those it has."""

    organisation: str
    """Its code."""
    shifts: tuple[Shift, ...]


class ChangedCases(Strict, frozen=True, kw_only=True):
    """What the city would have otherwise. Rows come before those that the city has."""

    limits: tuple[LimitRow, ...] = ()
    """Limits of stages, as in the city's own list."""
    responsibilities: tuple[ResponsibilityRow, ...] = ()
    """Rows of the 权责清单: who would have got which cases."""
    staffing: tuple[Staffing, ...] = ()
    """Units with other people or shifts."""
    working_periods: tuple[Period, ...] = ()
    """Other working times of the whole city, also for its clocks."""


def read_changed_cases(path: Path, clocks: Collection[str], organisations: Collection[str]) -> ChangedCases:
    """The file; Faulty tells every mistake. `clocks` of all procedures, codes of the `organisations`."""
    if not path.is_file():
        remedy = "name a YAML file with `limits`, `responsibilities` or `staffing`"
        raise NotFound("with", f"there is no file {path}", remedy)
    source = YamlSource(path, path.name)
    changed = source.decode(ChangedCases)
    if changed is None:
        raise Faulty(path, source.problems)
    for at, row in enumerate(changed.limits):
        if row.stage not in clocks:
            _wrong(
                source, ("limits", at, "stage"), f"there is no clock {row.stage!r}", ", ".join(sorted(clocks))
            )
        if row.mode:
            reason = "which mode was on then is not looked at"
            _wrong(
                source,
                ("limits", at, "mode"),
                reason,
                "leave `mode` out: the row then holds for the whole period",
            )
        if row.amount <= 0:
            _wrong(source, ("limits", at, "amount"), "a limit is above zero", "give how long")
    for at, duty in enumerate(changed.responsibilities):
        _known(source, ("responsibilities", at, "organisation"), duty.organisation, organisations)
    for at, unit in enumerate(changed.staffing):
        _known(source, ("staffing", at, "organisation"), unit.organisation, organisations)
        _people(source, at, unit)
    _periods(source, ("working_periods",), changed.working_periods)
    if changed == ChangedCases():
        _wrong(
            source,
            (),
            "changes nothing",
            "give `limits`, `responsibilities`, `staffing` or `working_periods`",
        )
    if source.problems:
        raise Faulty(path, source.problems)
    return changed


def _people(source: YamlSource, at: int, unit: Staffing) -> None:
    for number, shift in enumerate(unit.shifts):
        path = ("staffing", at, "shifts", number)
        if shift.people < 1:
            _wrong(source, (*path, "people"), "a shift has at least one person", "leave the shift out")
        _periods(source, (*path, "periods"), shift.periods)
    if not unit.shifts:
        _wrong(source, ("staffing", at, "shifts"), "names nobody", "give at least one shift")


def _periods(source: YamlSource, path: tuple[str | int, ...], periods: tuple[Period, ...]) -> None:
    if periods:
        try:
            WorkCalendar(periods=periods)
        except HutongError as error:
            _wrong(source, path, error.reason, error.remedy)


def _known(source: YamlSource, path: tuple[str | int, ...], code: str, codes: Collection[str]) -> None:
    if code not in codes:
        _wrong(source, path, f"there is no organisation {code!r}", "use a code of organisations.yaml")


def _wrong(source: YamlSource, path: tuple[str | int, ...], reason: str, remedy: str) -> None:
    source.problems.append(source.problem(path, reason, remedy))
