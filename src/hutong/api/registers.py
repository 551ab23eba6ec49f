"""GET /registers and their entries, as lists, with history, as CSV; tables that are taken in with a preview."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from hutong.api.access import access
from hutong.api.csv_table import table
from hutong.api.house import House
from hutong.api.household_rows import EntryRow, View, entry_row, label_of
from hutong.api.households import desk_of, readable_household
from hutong.api.masked import Shown, receipt
from hutong.api.requests import Limit, QueryId, RowId, TheActor, TheHouse, TheRepeat
from hutong.api.shapes import time_of
from hutong.engine.flow.registers import CONSULT, NOUN, NewHousehold, RegisterDesk, Seen
from hutong.engine.register_fields import Values
from hutong.engine.registers import (
    Answers,
    Filled,
    Standing,
    Told,
    identity,
    member_values,
    values_of,
)
from hutong.kernel.access import Actor, decide, predicate
from hutong.kernel.base import DataClass
from hutong.kernel.definition.register import Register, RegisterField
from hutong.kernel.errors import HutongError, Invalid, NotFound
from hutong.kernel.party import Party
from hutong.kernel.ports import Reader
from hutong.kernel.query import InScope, both, equals
from hutong.kernel.register import Household, RegisterEntry

MOST = 100
IMPORT_ROWS = 2000
CODE = "code"
PLACE = "place"


class RegisterShape(msgspec.Struct, frozen=True):
    """A register as its pack defines it; `entries` are those the asker may read (null: none of them)."""

    definition: Register
    entries: int | None
    exports: bool


class RegistersShape(msgspec.Struct, frozen=True):
    fields: list[RegisterField]
    registers: list[RegisterShape]


class EntryList(msgspec.Struct, frozen=True):
    rows: list[EntryRow]
    after: str | None


class EntryVersion(msgspec.Struct, frozen=True):
    """An entry as it was from `at` (recorded time) on."""

    at: str | None
    version: int
    values: dict[str, Any]
    retired: str | None
    visit: int | None


class EntryPage(EntryRow, frozen=True, kw_only=True):
    versions: list[EntryVersion]


class TableShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table as CSV: `code` of the household, and columns named by field or by its Chinese label; `place` (code) for
    dwellings that are new."""

    csv: Annotated[str, msgspec.Meta(max_length=900_000)]
    preview: bool = True


class ImportRow(msgspec.Struct, frozen=True):
    """What becomes of a row: new, changed, same or wrong; `reason` and `remedy` where it is wrong."""

    row: int
    code: str
    state: str
    field: str = ""
    reason: str = ""
    remedy: str = ""


class ImportShape(msgspec.Struct, frozen=True):
    rows: list[ImportRow]
    saved: bool


@get("/registers", guards=[access(CONSULT, NOUN)], sync_to_thread=True, summary="Registers and their fields")
def list_registers(house: TheHouse, actor: TheActor) -> RegistersShape:
    """Every field is defined once; registers say which they use, and whom they hold."""
    desk = desk_of(house)
    exports = decide(actor, "manage", NOUN).allowed
    with house.store.reader() as reader:
        found = [
            RegisterShape(one, _count(reader, actor, name), exports)
            for name, one in desk.catalogue.registers.items()
        ]
    return RegistersShape(list(desk.catalogue.fields.values()), found)


def _count(reader: Reader, actor: Actor, name: str) -> int | None:
    if not decide(actor, CONSULT, name).allowed:
        return None
    return reader.count(RegisterEntry, both(predicate(actor, CONSULT, name), equals("register", name)))


def _register(desk: RegisterDesk, actor: Actor, name: str) -> Register:
    found = desk.catalogue.registers.get(name)
    if found is None or not decide(actor, CONSULT, name).allowed:
        raise NotFound("register", f"there is no register {name}", noun="register", id=name)
    return found


@get(
    "/registers/{name:str}/entries",
    guards=[access(CONSULT, NOUN)],
    sync_to_thread=True,
    summary="Entries of a register",
)
def list_entries(
    house: TheHouse,
    actor: TheActor,
    name: FromPath[str],
    place: QueryId = None,
    q: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> EntryList:
    """`q`: a whole name. Personal fields are whole where the asker's class allows, and then a receipt is kept."""
    desk = desk_of(house)
    register = _register(desk, actor, name)
    with house.store.reader() as reader:
        rows, next_page, shown = _entries(house, reader, actor, register, (place, q, after, limit))
    receipt(house, actor, shown, f"register/{name}")
    return EntryList(rows, next_page)


def _entries(
    house: House,
    reader: Reader,
    actor: Actor,
    register: Register,
    wanted: tuple[int | None, str | None, str | None, int],
) -> tuple[list[EntryRow], str | None, list[Shown]]:
    place, q, after, limit = wanted
    where = both(
        predicate(actor, CONSULT, register.name),
        equals("register", register.name),
        InScope((place,)) if place is not None else None,
    )
    if q and q.strip():
        found = [one for one in reader.search_hash(RegisterEntry, "name", q.strip()) if one.retired is None]
        allowed = [one for one in found if one.register == register.name and _readable(house, actor, one)]
        entries, next_page = tuple(allowed), None
    else:
        page = reader.find(RegisterEntry, where, limit=max(1, min(limit, MOST)), after=after)
        entries, next_page = page.rows, page.after
    rows, shown = [], []
    for view, entry, held, home in _held(house, reader, actor, entries):
        rows.append(entry_row(view, register, entry, held, home))
        if view.told:
            shown.append(Shown((entry.subject,) if entry.subject else (), tuple(sorted(view.told))))
    return rows, next_page, shown


def _readable(house: House, actor: Actor, entry: RegisterEntry) -> bool:
    return decide(actor, CONSULT, entry.register, house.directory.scope(entry.place)).allowed


def _held(
    house: House, reader: Reader, actor: Actor, entries: Sequence[RegisterEntry]
) -> Iterator[tuple[View, RegisterEntry, Values, Household]]:
    """Each entry with its household and all values of whom it is about, by two reads for all."""
    desk = desk_of(house)
    homes = reader.many(Household, [one.household for one in entries if one.household is not None])
    parties = reader.many(Party, [one.subject for one in entries if one.subject is not None])
    for entry in entries:
        home = homes.get(entry.household or 0)
        if home is None:
            continue
        of: Household | Party = parties.get(entry.subject or 0, home)
        held = {**values_of([entry]), **identity(desk.catalogue, of)}
        yield View(house, desk.catalogue, actor, home), entry, held, home


@get(
    "/registers/{name:str}/entries/{id:int}",
    guards=[access(CONSULT, NOUN)],
    sync_to_thread=True,
    summary="An entry with its history",
)
def one_entry(house: TheHouse, actor: TheActor, name: FromPath[str], id: RowId) -> EntryPage:
    """Every version since it began; names and numbers are those the person has now."""
    desk = desk_of(house)
    register = _register(desk, actor, name)
    with house.store.reader() as reader:
        entry = reader.many(RegisterEntry, [id]).get(id)
        if entry is None or entry.register != name or not _readable(house, actor, entry):
            raise NotFound("entry", f"there is no entry {id} in {name}", noun="entry", id=id)
        view, _, held, home = next(_held(house, reader, actor, [entry]))
        row = entry_row(view, register, entry, held, home)
        versions = [
            EntryVersion(
                time_of(since),
                one.version,
                view.values(register.about, values_of([one]))[0],
                time_of(one.retired),
                one.visit,
            )
            for since, one in reader.versions(RegisterEntry, id)
        ]
    shown = [Shown((entry.subject,) if entry.subject else (), tuple(sorted(view.told)))] if view.told else []
    receipt(house, actor, shown, f"register/{name}/{id}")
    return EntryPage(**{key: getattr(row, key) for key in EntryRow.__struct_fields__}, versions=versions)


@get(
    "/registers/{name:str}/export.csv",
    guards=[access("manage", NOUN)],
    sync_to_thread=True,
    media_type="text/csv",
    summary="A register as CSV",
)
def export_register(
    house: TheHouse,
    actor: TheActor,
    name: FromPath[str],
    purpose: FromQuery[str] = "",
    place: QueryId = None,
    language: FromQuery[str] = "zh",
) -> Response[bytes]:
    """With personal fields only for a purpose that is written down with the receipt; at most 20 000 rows."""
    desk = desk_of(house)
    register = _register(desk, actor, name)
    fields = [desk.catalogue.fields[one] for one in register.fields]
    personal = any(one.data_class >= DataClass.SENSITIVE for one in fields)
    if personal and len(purpose.strip()) < 4:
        raise Invalid(
            "purpose",
            "is missing",
            "say what the table is for; it is kept with the receipt",
            zh="请写明导出用途",
        )
    rows: list[EntryRow] = []
    shown: list[Shown] = []
    after: str | None = None
    with house.store.reader() as reader:
        while len(rows) < house.context.limits.export_rows:
            more, after, told = _entries(house, reader, actor, register, (place, None, after, MOST))
            rows.extend(more)
            shown.extend(told)
            if after is None:
                break
    receipt(house, actor, shown, f"register/{name}: {purpose.strip()[:80]}")
    body = table(
        [CODE, *(one.label.text(language) for one in fields)],
        ([row.code, *(label_of(one, row.values.get(one.name), language) for one in fields)] for row in rows),
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


@post(
    "/registers/{name:str}/import",
    guards=[access("manage", NOUN)],
    status_code=200,
    sync_to_thread=True,
    summary="Take a table into a register",
)
def import_register(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, name: FromPath[str], data: JSONBody[TableShape]
) -> ImportShape:
    """With `preview` nothing is saved. Otherwise all rows must be right; each then fills every register it concerns."""
    desk = desk_of(house)
    register = _register(desk, actor, name)
    rows = list(_rows(desk, register, data.csv))
    told = [_previewed(house, desk, actor, register, number, row) for number, row in rows]
    if data.preview or any(one.state == "wrong" for one in told):
        return ImportShape(told, saved=False)
    for number, row in rows:
        with house.store.reader() as reader:
            seen = _seen(house, reader, desk, actor, register, row)
        part = repeat.part(number)
        if told[number - 2].state != "same":
            desk.save(msgspec.structs.replace(seen, key=part.key, digest=part.digest), actor)
    return ImportShape(told, saved=True)


def _rows(desk: RegisterDesk, register: Register, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their line in the table (the head is line 1), columns by field name."""
    by_label = {desk.catalogue.fields[one].label.zh: one for one in register.fields}
    names = {CODE, PLACE, *register.fields}
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    head = [by_label.get(one.strip(), one.strip()) for one in reader.fieldnames or ()]
    unknown = [one for one in head if one not in names]
    if CODE not in head or unknown:
        wrong = unknown[0] if unknown else CODE
        raise Invalid(
            f"csv.{wrong}",
            "is no column of this register" if unknown else "is missing",
            f"head the table with code and any of {', '.join(register.fields)}",
        )
    reader.fieldnames = head
    for number, row in enumerate(reader, 2):
        if number > IMPORT_ROWS + 1:
            raise Invalid("csv", f"has more than {IMPORT_ROWS} rows", "take it in in parts")
        yield number, {key: (value or "").strip() for key, value in row.items() if key in names}


def _previewed(
    house: House, desk: RegisterDesk, actor: Actor, register: Register, number: int, row: dict[str, str]
) -> ImportRow:
    try:
        with house.store.reader() as reader:
            seen = _seen(house, reader, desk, actor, register, row)
            filled = desk.preview(reader, seen, actor)
    except HutongError as error:
        return ImportRow(number, row[CODE], "wrong", error.field, error.reason, error.remedy)
    return ImportRow(number, row[CODE], _state(seen, filled))


def _state(seen: Seen, filled: Filled) -> str:
    if seen.household is None:
        return "new"
    return "changed" if filled.registers or filled.changed else "same"


def _seen(
    house: House, reader: Reader, desk: RegisterDesk, actor: Actor, register: Register, row: dict[str, str]
) -> Seen:
    """The row as a visit would tell it: what is empty stays as it is."""
    values = {key: value for key, value in row.items() if key in register.fields and value}
    home = next(iter(reader.find(Household, equals("code", row[CODE]), limit=1).rows), None)
    if home is None:
        place = house.directory.place_codes.get(row.get(PLACE, ""))
        if place is None:
            raise Invalid(
                CODE,
                f"{row[CODE]} is not registered",
                "give the place (code of the community) of a new dwelling",
            )
        new = NewHousehold(code=row[CODE], place=place)
        return Seen(answers=_answers(register, values, None), new=new, kind="import")
    readable_household(house, reader, actor, home.id)
    standing = desk.standing(reader, home)
    return Seen(
        answers=_answers(register, values, _member(desk, standing, register, values)),
        household=home.id,
        kind="import",
    )


def _answers(register: Register, values: Values, party: int | None) -> Answers:
    if register.about == "household":
        return Answers(values=values)
    return Answers(members=(Told(party=party, kind=register.about, values=values),))


def _member(desk: RegisterDesk, standing: Standing, register: Register, values: Values) -> int | None:
    """Who of the household the row is about: the same number, else the same name."""
    if register.about == "household":
        return None
    keys = [one.name for one in desk.catalogue.fields.values() if one.kept in ("id_number", "code", "name")]
    known = [
        (one.party.id, member_values(desk.catalogue, one))
        for one in standing.members
        if one.kind == register.about
    ]
    for key in sorted(keys, key=lambda name: desk.catalogue.fields[name].kept == "name"):
        for party, held in known:
            if values.get(key) and held.get(key) == values[key]:
                return party
    return None


router = Router(
    "/",
    route_handlers=[list_registers, list_entries, one_entry, export_register, import_register],
    tags=["registers"],
)
