"""Registers that fill each other: what is asked at a door, checked once, and put into every register that uses it.

Pure: the household as it stands and the answers go in, the rows that change come out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from msgspec.structs import replace

from hutong.engine.register_fields import Catalogue, Values
from hutong.kernel.base import Entity, Facts, Instant, Label, Provenance
from hutong.kernel.definition.register import About, Register
from hutong.kernel.errors import Invalid
from hutong.kernel.party import Party
from hutong.kernel.register import Household, RegisterEntry, Visit


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A person or unit of a household as it stands: the party and its entries."""

    party: Party
    entries: tuple[RegisterEntry, ...] = ()

    @property
    def kind(self) -> About:
        return "person" if self.party.kind == "person" else "unit"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A household with everything that registers hold of it."""

    household: Household
    entries: tuple[RegisterEntry, ...] = ()
    members: tuple[Member, ...] = ()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What was told of a person or unit. `party` None: somebody new; `left`: does not belong to the household any more."""

    party: int | None = None
    kind: About = "person"
    values: Values = {}
    left: bool = False


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """What was told at the door."""

    values: Values = {}
    members: tuple[Told, ...] = ()
    note: str = ""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """Who fills in, when and where; `fresh` gives ids, `known` the party of a citizen number or credit code."""

    account: int
    now: Instant
    today: date
    visit: int
    kind: str = "visit"
    provenance: Provenance = Provenance("recorded")
    device: Facts = {}
    fresh: Callable[[], int]
    known: Callable[[str, str], Party | None] = lambda field, value: None


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """The rows that change. `registers`: register → entries changed; `changed`: names of the fields that did."""

    puts: tuple[Entity, ...]
    visit: Visit
    registers: dict[str, int]
    changed: tuple[str, ...]


def values_of(entries: Iterable[RegisterEntry]) -> Values:
    """What the entries of one household, person or unit hold together."""
    found: Values = {}
    for entry in entries:
        found.update(entry.values)
        if entry.personal:
            found.update(msgspec.json.decode(entry.personal))
    return found


def identity(catalogue: Catalogue, of: Household | Party) -> Values:
    """The values that the row itself keeps."""
    if isinstance(of, Household):
        held: dict[str, Any] = {"address": of.address}
        kind: About = "household"
    elif of.kind == "person":
        held, kind = {"name": of.person_name, "id_number": of.id_number, "phone": of.phone}, "person"
    else:
        held, kind = {"name": of.label.zh if of.label else None, "code": of.code or None}, "unit"
    fields = [one for one in catalogue.fields.values() if one.kept and one.about == kind]
    return {one.name: held.get(one.kept) for one in fields if held.get(one.kept) is not None}


def household_values(catalogue: Catalogue, standing: Standing) -> Values:
    return {**values_of(standing.entries), **identity(catalogue, standing.household)}


def member_values(catalogue: Catalogue, member: Member) -> Values:
    return {**values_of(member.entries), **identity(catalogue, member.party)}


def fill(catalogue: Catalogue, standing: Standing, answers: Answers, setting: Setting) -> Filled:
    """Every row that the answers change: identities, entries of every register that applies, the visit itself.

    Invalid, naming the field, if an answer is wrong or a required one is missing; then nothing changes.
    """
    work = _Work(catalogue, standing, setting)
    work.household(answers.values)
    members = {one.party.id: one for one in standing.members}
    for index, told in enumerate(answers.members):
        work.member(index, told, members)
    return work.done(answers.note)


class _Work:
    def __init__(self, catalogue: Catalogue, standing: Standing, setting: Setting) -> None:
        self.catalogue = catalogue
        self.standing = standing
        self.setting = setting
        self.home = standing.household
        self.puts: list[Entity] = []
        self.registers: dict[str, int] = {}
        self.changed: dict[str, None] = {}

    def household(self, given: Values) -> None:
        before = household_values(self.catalogue, self.standing)
        after = self._merged("household", before, given, "values.")
        address = next((one.name for one in self.catalogue.fields.values() if one.kept == "address"), "")
        self.home = replace(
            self.home, address=after.get(address), visited=self.setting.now, visitor=self.setting.account
        )
        self._entries("household", self.standing.entries, after, None)

    def member(self, index: int, told: Told, members: Mapping[int, Member]) -> None:
        where = f"members.{index}."
        if told.party is not None and told.party not in members:
            raise Invalid(
                f"{where}party", f"{told.party} is not of this household", "read the household again"
            )
        member = members.get(told.party) if told.party is not None else None
        if told.left:
            self._retire(member.entries if member else ())
            return
        kind = member.kind if member else told.kind
        before = member_values(self.catalogue, member) if member else {}
        after = self._merged(kind, before, told.values, where)
        party = self._party(member.party if member else None, kind, after)
        self._entries(kind, member.entries if member else (), after, party)

    def _merged(self, kind: About, before: Values, given: Values, where: str) -> Values:
        checked = self.catalogue.checked(kind, given, self.setting.today, where)
        after = {name: value for name, value in {**before, **checked}.items() if value is not None}
        self.changed.update(dict.fromkeys(name for name in checked if before.get(name) != after.get(name)))
        missing = self.catalogue.missing(kind, after, self.setting.today)
        if missing:
            names = "、".join(one.label.zh for one in missing)
            english = ", ".join(one.label.text("en") for one in missing)
            raise Invalid(
                f"{where}{missing[0].name}", f"{english}: missing", "fill it in", zh=f"请填写：{names}"
            )
        return after

    def _party(self, party: Party | None, kind: About, values: Values) -> Party:
        """The person or unit as it is called now; found by its number where it is new to this household."""
        fields = [one for one in self.catalogue.fields.values() if one.kept and one.about == kind]
        kept: dict[str, Any] = {one.kept: values.get(one.name) for one in fields}
        by = "id_number" if kind == "person" else "code"
        number = kept.get(by)
        found = party or (self.setting.known(by, str(number)) if number else None) or self._stranger(kind)
        if kind == "person":
            phone = kept.get("phone") or (None if party else found.phone)
            named = replace(found, person_name=kept.get("name"), id_number=number, phone=phone)
        else:
            called = str(kept["name"])
            named = replace(found, label=Label(called, called), code=number or found.code)
        if named != found or found.version == 0:
            self.puts.append(named)
        return named

    def _stranger(self, kind: About) -> Party:
        id = self.setting.fresh()
        person = kind == "person"
        return Party(
            id=id,
            subject=id,
            kind="person" if person else "legal_person",
            provenance=self.setting.provenance,
        )

    def _entries(
        self, kind: About, entries: Sequence[RegisterEntry], values: Values, party: Party | None
    ) -> None:
        standing = {one.register: one for one in entries}
        applying = {one.name: one for one in self.catalogue.applying(kind, values, self.setting.today)}
        self._retire([one for name, one in standing.items() if name not in applying])
        for name, register in applying.items():
            kept = {key: values[key] for key in self.catalogue.kept_in(register) if key in values}
            self._entry(register, standing.get(name), kept, party, touched=self._touches(register))

    def _touches(self, register: Register) -> bool:
        """An identity of the register changed: the entry is another, though its own values are not."""
        return any(name in self.changed and self.catalogue.fields[name].kept for name in register.fields)

    def _entry(
        self,
        register: Register,
        entry: RegisterEntry | None,
        kept: Values,
        party: Party | None,
        *,
        touched: bool,
    ) -> None:
        if entry is not None and values_of([entry]) == kept and not touched:
            return
        personal = {key: value for key, value in kept.items() if self.catalogue.personal(key)}
        plain = {key: value for key, value in kept.items() if key not in personal}
        row = entry or RegisterEntry(
            id=self.setting.fresh(), register=register.name, household=self.home.id,
            subject=party.id if party else None, provenance=self.setting.provenance,
        )  # fmt: skip
        self.puts.append(
            replace(
                row,
                place=self.home.place,
                name=party.person_name if party and party.kind == "person" else None,
                values=plain,
                personal=msgspec.json.encode(personal, order="sorted").decode() if personal else None,
                visit=self.setting.visit,
            )
        )
        self._count(register.name)

    def _retire(self, entries: Iterable[RegisterEntry]) -> None:
        for entry in entries:
            self.puts.append(replace(entry, retired=self.setting.now, visit=self.setting.visit))
            self._count(entry.register)

    def _count(self, register: str) -> None:
        self.registers[register] = self.registers.get(register, 0) + 1

    def done(self, note: str) -> Filled:
        setting = self.setting
        visit = Visit(
            id=setting.visit,
            household=self.home.id,
            place=self.home.place,
            account=setting.account,
            at=setting.now,
            kind=setting.kind,  # type: ignore[arg-type]
            note=note or None,
            filled=dict(self.registers),
            device=setting.device,
            provenance=setting.provenance,
        )
        return Filled(
            puts=(self.home, *self.puts, visit),
            visit=visit,
            registers=self.registers,
            changed=tuple(self.changed),
        )
