"""Households and entries of registers as the API shows them: personal values whole only where the reader's class allows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from hutong.api.house import House
from hutong.api.masked import Shown
from hutong.api.shapes import Person, PlaceName, Position, person, place_name, point, time_of
from hutong.engine.flow.registers import CONSULT, NOUN
from hutong.engine.register_fields import Catalogue, Values
from hutong.engine.registers import Member, Standing, household_values, member_values
from hutong.kernel import masking
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import DataClass, Label, Provenance
from hutong.kernel.definition.register import About, Register, RegisterField
from hutong.kernel.register import Household, RegisterEntry, Visit

HIDDEN = "***"


class HouseholdRow(msgspec.Struct, frozen=True, kw_only=True):
    """A household in lists. `address` and `head` are masked where the reader may not see them whole; `head` is masked in
    every list."""

    id: int
    version: int
    code: str
    place: PlaceName | None
    position: Position | None
    address: str
    head: str
    members: int
    registers: list[str]
    visited: str | None
    provenance: Provenance


class MemberShape(msgspec.Struct, frozen=True):
    """A person or unit of a household with everything that registers ask of it. `hidden`: fields that the reader may not
    see whole."""

    party: int
    kind: About
    values: dict[str, Any]
    hidden: list[str]
    registers: list[str]


class VisitRow(msgspec.Struct, frozen=True):
    """A visit; `filled`: register → entries it changed. `device`: what the phone told of a visit made offline."""

    id: int
    at: str | None
    by: Person | None
    kind: str
    filled: dict[str, int]
    note: str
    device: dict[str, Any]


class HouseholdPage(HouseholdRow, frozen=True, kw_only=True):
    values: dict[str, Any]
    hidden: list[str]
    people: list[MemberShape]
    visits: list[VisitRow]


class View:
    """What one reader may see: the decision for each register, for the places of one household."""

    def __init__(self, house: House, catalogue: Catalogue, actor: Actor, household: Household) -> None:
        self.house = house
        self.catalogue = catalogue
        scope = house.directory.scope(household.place)
        self.general = decide(actor, CONSULT, NOUN, scope)
        self.registers = {
            name: decision.data_class
            for name in catalogue.registers
            if (decision := decide(actor, CONSULT, name, scope)).allowed
        }
        self.told: set[str] = set()

    def classes(self, kind: About) -> dict[str, DataClass]:
        """Field → the highest class that one of the registers using it lets the reader see."""
        found: dict[str, DataClass] = {}
        for name, allowed in self.registers.items():
            register = self.catalogue.registers[name]
            for field in register.fields if register.about == kind else ():
                found[field] = max(allowed, found.get(field, allowed))
        return found

    def values(self, kind: About, values: Values) -> tuple[dict[str, Any], list[str]]:
        """The values the reader may see, masked where need be, and which were masked."""
        allowed = self.classes(kind)
        shown: dict[str, Any] = {}
        hidden: list[str] = []
        for name, value in values.items():
            field = self.catalogue.fields.get(name)
            if field is None or name not in allowed:
                continue
            if field.data_class <= allowed[name]:
                shown[name] = value
                if field.data_class >= DataClass.SENSITIVE:
                    self.told.add(name)
            else:
                shown[name] = masked(field, value)
                hidden.append(name)
        return shown, hidden

    def shown(self, standing: Standing) -> list[Shown]:
        """For the receipt: whose fields were shown whole."""
        subjects = tuple(one.party.id for one in standing.members)
        return [Shown(subjects, tuple(sorted(self.told)))] if self.told else []


def masked(field: RegisterField, value: Any) -> Any:
    """A personal value as those see it who may know of it but not read it."""
    text = str(value)
    if field.kept == "name":
        return masking.name(text)
    if field.check == "id_number":
        return masking.citizen_number(text)
    if field.check == "phone":
        return masking.phone(text)
    return masking.address(text) if field.kept == "address" else HIDDEN


def row_fields(view: View, standing: Standing) -> dict[str, Any]:
    """What a list shows of a household."""
    home = standing.household
    values, _ = view.values("household", household_values(view.catalogue, standing))
    address = next((one.name for one in view.catalogue.fields.values() if one.kept == "address"), "")
    people = [one for one in standing.members if one.party.kind == "person"]
    first = next((one.party.person_name for one in people if _is_head(view.catalogue, one)), None)
    name = first or next((one.party.person_name for one in people), None)
    registers = {one.register for one in standing.entries} | {
        entry.register for member in standing.members for entry in member.entries
    }
    return {
        "id": home.id,
        "version": home.version,
        "code": home.code,
        "place": place_name(view.house.directory, home.place),
        "position": point(home.position),
        "address": str(values.get(address, "")),
        "head": masking.name(name) if name else "",
        "members": len(people),
        "registers": [one for one in view.catalogue.registers if one in registers],
        "visited": time_of(home.visited),
        "provenance": home.provenance,
    }


def _is_head(catalogue: Catalogue, member: Member) -> bool:
    return member_values(catalogue, member).get("relation") == "head"


def household_page(view: View, standing: Standing, visits: Iterable[Visit]) -> HouseholdPage:
    values, hidden = view.values("household", household_values(view.catalogue, standing))
    return HouseholdPage(
        **row_fields(view, standing),
        values=values,
        hidden=hidden,
        people=[_member(view, one) for one in standing.members],
        visits=[visit_row(view.house, one, view.general.data_class) for one in visits],
    )


def _member(view: View, member: Member) -> MemberShape:
    values, hidden = view.values(member.kind, member_values(view.catalogue, member))
    registers = [one.register for one in member.entries if one.register in view.registers]
    return MemberShape(member.party.id, member.kind, values, hidden, registers)


def visit_row(house: House, visit: Visit, allowed: DataClass) -> VisitRow:
    note = (visit.note or "") if allowed >= DataClass.SENSITIVE else ""
    return VisitRow(
        visit.id,
        time_of(visit.at),
        person(house.directory, visit.account),
        visit.kind,
        {key: int(value) for key, value in visit.filled.items()},
        note,
        dict(visit.device),
    )


class EntryRow(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a register with all fields of the register, also those that the party or the household keeps."""

    id: int
    version: int
    household: int | None
    code: str
    place: PlaceName | None
    party: int | None
    values: dict[str, Any]
    hidden: list[str]
    visited: str | None
    retired: str | None
    provenance: Provenance


def entry_row(
    view: View, register: Register, entry: RegisterEntry, held: Values, home: Household
) -> EntryRow:
    """`held`: all values known of whom the entry is about."""
    wanted = {name: held[name] for name in register.fields if name in held}
    values, hidden = view.values(register.about, wanted)
    return EntryRow(
        id=entry.id,
        version=entry.version,
        household=entry.household,
        code=home.code,
        place=place_name(view.house.directory, entry.place),
        party=entry.subject,
        values=values,
        hidden=hidden,
        visited=time_of(home.visited),
        retired=time_of(entry.retired),
        provenance=entry.provenance,
    )


def label_of(field: RegisterField, value: Any, language: str) -> str:
    """A value in words, for tables."""
    if isinstance(value, bool):
        return Label("是", "yes").text(language) if value else Label("否", "no").text(language)
    if field.kind == "choice" and value in field.choices:
        return field.choices[value].text(language)
    return "" if value is None else str(value)
