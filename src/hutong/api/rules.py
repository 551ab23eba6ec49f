"""GET /rules: what the city's rules are, in every version, with their thresholds as they hold now."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from litestar import Router, get
from litestar.params import FromPath

from hutong.api.access import access
from hutong.api.house import House
from hutong.api.levels import comparisons, holds, value_of
from hutong.api.requests import TheHouse
from hutong.kernel.base import Label
from hutong.kernel.case import Category
from hutong.kernel.definition.pack import Pack
from hutong.kernel.definition.rule import Condition, Rule
from hutong.kernel.errors import NotFound


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """A level a rule compares with. `part`: when or clear; `word`: the rule word; `property`: what is compared, in `unit`.

    `value` holds now for a number or a parameter (times and plus applied); a property of the thing has a value per thing,
    so it is None. `of`: number, parameter or thing; `name` of those.
    """

    part: str
    word: str
    property: str
    unit: str
    of: str
    name: str
    times: float
    plus: float
    value: float | None


class RuleVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a rule. `digest` names its definition; `since` and `until` are local dates, None without bound; `holds`:
    it is the one that judges today."""

    digest: str
    since: str | None
    until: str | None
    holds: bool
    hold: str
    clear_for: str
    late: str
    source: str
    thresholds: list[Threshold]
    when: Condition
    clear: Condition | None


class RuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the city. `opens_cases`: its warnings become cases without anybody's judgement, because the city lists it."""

    name: str
    label: Label
    pack: str
    pack_label: Label
    type: str
    type_label: Label
    property: str
    property_label: Label
    unit: str
    colour: str
    category: Category
    category_label: Label
    opens_cases: bool
    versions: list[RuleVersion]


class RuleList(msgspec.Struct, frozen=True):
    rows: list[RuleRow]


@get("/rules", guards=[access("read", "warning")], sync_to_thread=True, summary="Rules")
def list_rules(house: TheHouse) -> RuleList:
    """All rules of all packs, each with its versions, the earliest first."""
    return RuleList([_row(house, pack, versions) for pack, versions in every_rule(house)])


@get("/rules/{name:str}", guards=[access("read", "warning")], sync_to_thread=True, summary="One rule")
def one_rule(house: TheHouse, name: FromPath[str]) -> RuleRow:
    """`name` is qualified: `drainage.flooding`."""
    return _row(house, *known_rule(house, name))


def every_rule(house: House) -> Iterator[tuple[Pack, list[Rule]]]:
    """Each rule with its versions by the day on which they begin."""
    for pack in house.rulebook.city.packs:
        named: dict[str, list[Rule]] = {}
        for rule in pack.rules:
            named.setdefault(rule.name, []).append(rule)
        for versions in named.values():
            yield pack, sorted(versions, key=lambda one: one.since or "")


def known_rule(house: House, name: str) -> tuple[Pack, list[Rule]]:
    found = next((one for one in every_rule(house) if one[1][0].name == name), None)
    if found is None:
        raise NotFound("rule", f"there is no rule {name!r}", "see GET /rules")
    return found


def _row(house: House, pack: Pack, versions: list[Rule]) -> RuleRow:
    book, rule = house.rulebook, versions[-1]
    kind, watched = book.types.get(rule.type), book.properties.get(rule.property)
    return RuleRow(
        name=rule.name,
        label=rule.label,
        pack=pack.head.name,
        pack_label=pack.head.label,
        type=rule.type,
        type_label=kind.label if kind else Label(rule.type),
        property=rule.property,
        property_label=watched.label if watched else Label(rule.property),
        unit=watched.unit if watched else "",
        colour=rule.colour,
        category=rule.category,
        category_label=book.category_names.get(rule.category, Label(rule.category.code)),
        opens_cases=rule.name in book.city.head.opens_cases,
        versions=[_version(house, pack, one) for one in versions],
    )


def _version(house: House, pack: Pack, rule: Rule) -> RuleVersion:
    return RuleVersion(
        digest=pack.digests.get(f"rule {rule.edition}", ""),
        since=rule.since,
        until=rule.until,
        holds=holds(rule, house.rulebook, house.now()),
        hold=rule.hold,
        clear_for=rule.clear_for,
        late=rule.late,
        source=rule.source,
        thresholds=[*_thresholds(house, rule, "when"), *_thresholds(house, rule, "clear")],
        when=rule.when,
        clear=rule.clear,
    )


def _thresholds(house: House, rule: Rule, part: str) -> Iterator[Threshold]:
    parameters = house.rulebook.parameters(house.now())
    for one in comparisons(rule, getattr(rule, part)):
        level, definition = one.level, house.rulebook.properties.get(one.property)
        yield Threshold(
            part=part,
            word=one.word,
            property=one.property,
            unit=definition.unit if definition else "",
            of="thing" if level.thing else "parameter" if level.parameter else "number",
            name=level.thing or level.parameter or "",
            times=level.times,
            plus=level.plus,
            value=value_of(level, rule, parameters),
        )


router = Router("/", route_handlers=[list_rules, one_rule], tags=["rules"])
