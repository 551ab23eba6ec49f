"""A city's files refer to organisations, roles, rules, categories, models and days that exist."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from hutong.kernel.errors import Invalid
from hutong.kernel.identifiers import parse_credit_code
from hutong.loader.checks.articles import article_problems
from hutong.loader.checks.devices import device_problems
from hutong.loader.checks.duty import duty_problems
from hutong.loader.checks.faces import faces_problems
from hutong.loader.checks.known import Known
from hutong.loader.checks.retention import retention_problems
from hutong.loader.checks.spans import is_date
from hutong.loader.checks.upper import upper_problems
from hutong.loader.checks.words import labels_of
from hutong.loader.city_source import CitySource
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_

CITY, ORGANISATIONS, ACCOUNTS, RESPONSIBILITIES = (
    "city.yaml",
    "organisations.yaml",
    "accounts.yaml",
    "responsibilities.csv",
)
_PERIOD = re.compile(r"^([01]\d|2[0-4]):[0-5]\d$")


def city_problems(source: CitySource, packs: list[PackSource]) -> list[Problem]:
    """Every mistake of a city's files, seen with its packs."""
    checks = _City(source, Known.of(packs))
    found = [
        *checks.people(),
        *checks.responsibilities(),
        *checks.settings(),
        *checks.limits(),
        *checks.at_most(),
        *retention_problems(source, checks.known, checks.points),
        *checks.night(),
        *device_problems(source, checks.known),
        *duty_problems(source, checks.known),
        *upper_problems(source, checks.known),
        *faces_problems(source, checks.known),
        *article_problems(source, checks.known),
    ]
    labels = [problem for yaml in source.sources.values() for problem in labels_of(yaml)]
    return sorted({*found, *labels})


class _City:
    """Checks one city. A broken city.yaml leaves only the other files to look at."""

    def __init__(self, source: CitySource, known: Known) -> None:
        self.source = source
        self.known = known
        self.organisations = {entry.code for entry in source.organisations}

    def points(
        self, file: str, path: Path_, name: str, names: Collection[str], what: str
    ) -> Iterator[Problem]:
        if name in names:
            return
        near = get_close_matches(name, names, n=1)
        remedy = (
            f"did you mean {near[0]!r}?" if near else f"define it, or name one of the {len(names)} there are"
        )
        yield self.source.problem(file, path, f"there is no {what} {name!r}", remedy)

    def twice(self, file: str, list_key: str, key: str, names: list[str]) -> Iterator[Problem]:
        counts = Counter(names)
        for index, name in enumerate(names):
            if counts[name] > 1:
                yield self.source.problem(
                    file, (list_key, index, key), f"{name!r} stands twice", "rename one"
                )

    def people(self) -> Iterator[Problem]:
        entries = self.source.organisations
        yield from self.twice(ORGANISATIONS, "organisations", "code", [one.code for one in entries])
        parents = {one.code: one.parent for one in entries}
        for index, entry in enumerate(entries):
            path: Path_ = ("organisations", index)
            if entry.parent:
                where = (*path, "parent")
                yield from self.points(ORGANISATIONS, where, entry.parent, self.organisations, "organisation")
                if _circles(entry.code, parents):
                    reason = f"{entry.code!r} stands above itself"
                    yield self.source.problem(ORGANISATIONS, where, reason, "let one of them have no parent")
            if entry.uscc:
                yield from self._credit_code((*path, "uscc"), entry.uscc)
        accounts = self.source.accounts
        yield from self.twice(ACCOUNTS, "accounts", "login", [one.login for one in accounts])
        for index, account in enumerate(accounts):
            path = ("accounts", index)
            unit = (*path, "organisation")
            yield from self.points(ACCOUNTS, unit, account.organisation, self.organisations, "organisation")
            for at, role in enumerate(account.roles):
                yield from self.points(ACCOUNTS, (*path, "roles", at), role, self.known.roles, "role")

    def _credit_code(self, path: Path_, code: str) -> Iterator[Problem]:
        try:
            parse_credit_code(code)
        except Invalid as error:
            yield self.source.problem(ORGANISATIONS, path, error.reason, error.remedy)

    def responsibilities(self) -> Iterator[Problem]:
        seen: dict[tuple[str, str, str], int] = {}
        for line, row in enumerate(self.source.responsibilities, start=2):
            at = (line, "organisation")
            yield from self.points(RESPONSIBILITIES, at, row.organisation, self.organisations, "organisation")
            if not self._category(row.kind, row.code):
                reason = f"no pack has a category {row.kind}:{row.code}"
                yield self.source.problem(
                    RESPONSIBILITIES, (line, "code"), reason, "mend the kind or the code"
                )
            key = (row.kind, row.code, row.place)
            if key in seen:
                reason = f"{row.kind}:{row.code} at {row.place} has its unit in line {seen[key]} already"
                yield self.source.problem(RESPONSIBILITIES, (line, "code"), reason, "keep one of the two")
            seen.setdefault(key, line)

    def _category(self, kind: str, code: str) -> bool:
        """A code may be a prefix, and `*` any."""
        return code in ("", "*") or any(
            one == kind and known.startswith(code) for one, known in self.known.categories
        )

    def settings(self) -> Iterator[Problem]:
        head = self.source.head
        if head is None:
            return
        for index, rule in enumerate(head.opens_cases):
            yield from self.points(CITY, ("opens_cases", index), rule, self.known.rules, "rule")
        for name in head.parameters:
            yield from self.points(CITY, ("parameters", name), name, self.known.parameters, "parameter")
        yield from self._formed("division", head.division, r"\d{6}", "six digits of GB/T 2260")
        try:
            ZoneInfo(head.zone)
        except (KeyError, ValueError, OSError):
            reason = f"there is no time zone {head.zone!r}"
            yield self.source.problem(
                CITY, ("zone",), reason, "name one of the IANA list, such as Asia/Shanghai"
            )
        west, south, east, north = head.box
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            reason = "is no box of longitudes and latitudes"
            yield self.source.problem(CITY, ("box",), reason, "give west, south, east, north in degrees")
        for day in head.days:
            if not is_date(day):
                yield self.source.problem(CITY, ("days", day), f"{day!r} is no date", "write YYYY-MM-DD")
        for index, period in enumerate(head.working_periods):
            if not all(_PERIOD.match(one) for one in period) or period[0] >= period[1]:
                reason = f"{period[0]}–{period[1]} is no working period"
                remedy = 'give begin and end as ["08:30", "12:00"]'
                yield self.source.problem(CITY, ("working_periods", index), reason, remedy)

    def _formed(self, key: str, text: str, pattern: str, remedy: str) -> Iterator[Problem]:
        if not re.fullmatch(pattern, text):
            yield self.source.problem(CITY, (key,), f"{text!r} has another form", remedy)

    def limits(self) -> Iterator[Problem]:
        head = self.source.head
        procedures = [one for pack in self.known.packs.values() for one in pack.procedures]
        stages = {clock.name for one in procedures for clock in one.clocks}
        stages |= {window.name for one in procedures for window in one.windows}
        for index, row in enumerate(head.limits if head else ()):
            path: Path_ = ("limits", index)
            yield from self.points(CITY, (*path, "stage"), row.stage, stages, "clock or window")
            for code in row.codes or (row.code,):
                if not self._category(row.kind, code):
                    reason = f"no pack has a category {row.kind}:{code}"
                    key = "codes" if row.codes else "code"
                    yield self.source.problem(CITY, (*path, key), reason, "mend the kind or the code")
            if not row.source.strip():
                reason = "the limit has no source"
                yield self.source.problem(CITY, path, reason, "name the rule it is from, or `city rule`")

    def at_most(self) -> Iterator[Problem]:
        head = self.source.head
        actions = {
            f"{procedure.name}.{action.name}"
            for pack in self.known.packs.values()
            for procedure in pack.procedures
            for action in procedure.actions
        }
        for name, most in (head.at_most if head else {}).items():
            yield from self.points(CITY, ("at_most", name), name, actions, "action")
            if most < 0:
                yield self.source.problem(CITY, ("at_most", name), f"{most} is below zero", "give 0 or more")

    def night(self) -> Iterator[Problem]:
        night = self.source.head.night if self.source.head else None
        if night is None:
            return
        models = {model.name for pack in self.known.packs.values() for model in pack.models}
        for key in ("furnish", "feed"):
            yield from self.points(CITY, ("night", key), getattr(night, key), models, "model")
        try:
            datetime.fromisoformat(night.start)
        except ValueError:
            reason = f"{night.start!r} is no local time"
            yield self.source.problem(CITY, ("night", "start"), reason, "write it like 2026-07-18 19:00")


def _circles(code: str, parents: dict[str, str | None]) -> bool:
    seen: set[str] = set()
    above = parents.get(code)
    while above and above not in seen:
        if above == code:
            return True
        seen.add(above)
        above = parents.get(above)
    return False
