"""Which categories the public may report: the city's setting, over what its packs define."""

from __future__ import annotations

import msgspec

from hutong.api.house import House
from hutong.kernel.base import Label
from hutong.kernel.case import Case, Category
from hutong.kernel.definition.faces import PublicReports
from hutong.kernel.errors import Invalid, Unavailable
from hutong.kernel.query import equals
from hutong.kernel.subscription import Support


class Matter(msgspec.Struct, frozen=True):
    """A category that the public may report. `service` names it in addresses and forms."""

    service: str
    label: Label
    group: Label
    shortcut: int | None
    """Place among the short-cut buttons; null for the others."""


def service_of(category: Category) -> str:
    return f"{category.kind}-{category.code}"


def settings(house: House) -> PublicReports:
    return house.rulebook.city.faces.reports


def listed(house: House) -> dict[str, Matter]:
    """What may be reported, by service code: short-cuts first, then in the order of the codes."""
    found: dict[str, Matter] = house.cached("public matters", 3600, lambda: _listed(house))
    return found


def _listed(house: House) -> dict[str, Matter]:
    asked = settings(house)
    if not asked.open:
        return {}
    shortcuts = {text.replace(":", "-"): place for place, text in enumerate(asked.shortcuts)}
    rows = []
    for category, definition in house.rulebook.categories.items():
        named = f"{category.kind}:{category.code}"
        within = not asked.categories or named.startswith(asked.categories)
        handled = definition.procedure in house.rulebook.procedures
        if category.kind in asked.kinds and within and handled:
            service = service_of(category)
            label = house.rulebook.category_names[category]
            rows.append(Matter(service, label, definition.major, shortcuts.get(service)))
    rows.sort(key=lambda one: (one.shortcut is None, one.shortcut or 0, one.service))
    return {one.service: one for one in rows}


def category_named(house: House, service: str, field: str) -> Category:
    """The category of a service code. Invalid if the public may not report it."""
    if not settings(house).open:
        raise Unavailable("reports", "this city takes no public reports here", "call 12345")
    if service not in listed(house):
        raise Invalid(
            field, f"there is no matter {service!r}", "choose one of the list", zh="没有这个问题类别"
        )
    kind, _, code = service.partition("-")
    return Category(kind, code)  # type: ignore[arg-type]


def is_public(house: House, case: Case) -> bool:
    """Whether anybody may know of a case that it is under way: reported or seen by the public, and not confidential."""
    if case.confidential or case.retired is not None or service_of(case.category) not in listed(house):
        return False
    if case.source == "public":
        return True
    with house.store.reader() as reader:
        return reader.count(Support, equals("case", case.id), at_most=1) > 0
