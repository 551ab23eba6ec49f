"""The layout of the database, derived from the kernel's structs: one table per noun or part of one.

A column's kind says how a field is stored; `schema.py` turns it into DDL, `codec.py` into values.
"""

from __future__ import annotations

import functools
from typing import Any, Literal

import msgspec
from msgspec import inspect

from hutong.kernel import (
    call,
    case,
    dataset,
    handover,
    indicator,
    knowledge,
    model,
    party,
    place,
    plan,
    register,
    service,
    subscription,
    thing,
    topic,
    upper,
)
from hutong.kernel.base import DataClass, Entity, noun_name
from hutong.kernel.errors import Invalid

Kind = Literal["int", "float", "text", "bool", "json", "wkb", "cipher"]

MODULES = (
    place,
    thing,
    party,
    case,
    register,
    service,
    dataset,
    indicator,
    handover,
    model,
    plan,
    upper,
    call,
    knowledge,
    subscription,
    topic,
)
BOX = ("west", "south", "east", "north")
STAMPS = ("row_since", "row_at")
"""Of every row: recorded time at which this version became current; city time of the record that explains it."""


class Column(msgspec.Struct, frozen=True):
    """One stored field. `hashed`: a keyed hash stands beside it in the current row."""

    name: str
    kind: Kind
    nullable: bool
    type: Any
    hashed: bool = False


class Noun(msgspec.Struct, frozen=True, eq=False):
    """A struct and its table. `columns` leave out lane, id and version, which every table has first.

    There is one of each (`nouns()`), so it is compared and hashed by identity.
    """

    name: str
    struct: type[Entity]
    columns: tuple[Column, ...]
    geometry: str | None
    indexes: tuple[tuple[str, ...], ...] = ()
    words: tuple[str, ...] = ()
    scope_table: str | None = None
    counted: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    json_indexes: tuple[tuple[str, ...], ...] = ()
    sparse: tuple[str, ...] = ()
    rare: tuple[tuple[str, ...], ...] = ()

    @property
    def table(self) -> str:
        return f'"{self.name}"'

    @property
    def versions(self) -> str:
        return f'"{self.name}_versions"'

    @property
    def history(self) -> str:
        return f'"{self.name}_history"'

    @property
    def stored(self) -> tuple[str, ...]:
        """Column names of a version, in the order of stored values: stamps, fields, box."""
        return _stored(self)

    @property
    def hashes(self) -> tuple[str, ...]:
        return tuple(f"{column.name}_hash" for column in self.columns if column.hashed)

    def column(self, name: str) -> Column | None:
        return _by_name(self).get(name)


@functools.cache
def _stored(noun: Noun) -> tuple[str, ...]:
    return (*STAMPS, *(column.name for column in noun.columns), *(BOX if noun.geometry else ()))


@functools.cache
def _by_name(noun: Noun) -> dict[str, Column]:
    return {column.name: column for column in noun.columns}


INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "place": (("tree", "code"), ("parent",)),
    "thing": (("type",), ("code",), ("place",), ("component_class",)),
    "datastream": (("name",), ("thing",), ("property_code",), ("observed_property",), ("sensor",)),
    "observed_property": (("code",),),
    "device": (("state",), ("thing",)),
    "party": (("kind", "code"), ("parent",), ("id_number_hash",), ("phone_hash",), ("subject",)),
    "account": (("login_hash",), ("subject",), ("organisation",)),
    "role": (("account",), ("role",)),
    "consent": (("subject",),),
    "receipt": (("reader",),),
    "delegation": (("taker",),),
    "upper_report": (("platform", "state"), ("case", "action", "state"), ("number",)),
    "responsibility": (("kind", "code"), ("organisation",)),
    "case": (
        ("opened",),
        ("closed",),
        ("next_due",),
        ("late_from",),
        ("number",),
        ("cause",),
        ("thing",),
        ("organisation", "state"),
        ("place",),
        ("subject",),
        ("joined_to",),
        ("parent",),
        ("external",),
        ("holder",),
        ("source",),
    ),
    "task": (("case",), ("state", "due")),
    "warning": (
        ("state", "raised"),
        ("rule", "raised"),
        ("rule", "thing"),
        ("cause",),
        ("case",),
        ("raised",),
        ("thing",),
    ),
    "message": (("case",), ("state", "next_try"), ("to", "at"), ("subject",)),
    "file": (("case",), ("digest",), ("subject",)),
    "document": (("case",),),
    "household": (("place", "code"), ("code",), ("address_hash",), ("visited",)),
    "register_entry": (("register", "place"), ("household",), ("subject",), ("name_hash",)),
    "visit": (("household", "at"), ("account", "at")),
    "payment": (("case",),),
    "call": (("number_hash", "began"), ("state", "began"), ("account", "began"), ("case",), ("subject",)),
    "article": (("state", "category"), ("revises",), ("unit",)),
    "correction": (("state", "at"), ("article",)),
    "service": (("code",),),
    "service_version": (("service", "edition"),),
    "form": (("service_version",),),
    "material": (("service_version",),),
    "dataset": (("code",),),
    "table": (("dataset",),),
    "indicator": (("code",),),
    "handover": (("desk", "until"), ("until",)),
    "indicator_value": (("indicator", "place", "start"),),
    "model": (("code",),),
    "scenario": (("model",),),
    "run": (("model", "state"),),
    "proposal": (("state",), ("plan", "at")),
    "response": (("plan",), ("ended",), ("case",)),
    "calling": (("next_due",), ("response",), ("account", "state"), ("plan", "called")),
    "mode": (("until",), ("name", "since")),
    "resource": (("kind",), ("code",)),
    "subscription": (("account",), ("state", "next_try")),
    "delivery": (("subscription", "at"), ("state",)),
    "api_key": (("digest",),),
    "support": (("case", "from_where"),),
    "rating": (("case",),),
    "topic_member": (("topic",), ("opened",)),
    "reservation": (("response",), ("resource", "until")),
}
"""Secondary indexes of current rows, by noun."""

SPARSE = {"case": ("closed", "next_due", "late_from", "thing", "subject", "joined_to", "parent", "holder")}
"""Leading columns of indexes that leave out rows without a value, by noun: most cases have none."""

UNIQUE: dict[str, tuple[tuple[str, ...], ...]] = {
    "device": (("protocol", "address"),),
    "support": (("case", "device"),),
}
"""What names one row among those that are not retired, by noun."""

JSON_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "thing": (("name",),),
    "case": (("category", "code"),),
}
"""Texts inside JSON that have an index, by noun."""

WORDS: dict[str, tuple[str, ...]] = {
    "case": ("number", "title", "text", "position_text"),
    "thing": ("name", "code"),
    "place": ("name", "code"),
    "device": ("name", "address"),
    "article": ("title", "text", "keywords"),
}
"""Fields that full-text search looks into: never personal ones."""

SCOPES = {"case": "case_scope", "warning": "warning_scope"}
COUNTERS: dict[str, tuple[str, ...]] = {
    "case": ("procedure", "state"),
    "warning": ("state",),
    "device": ("state",),
}
"""Counters `NOUN.state`, kept as deltas: the fields whose values, joined by `/`, are the counter's keys."""
DATED_COUNTERS: dict[str, tuple[str, tuple[str, ...]]] = {"warning": ("raised", ("rule", "state"))}
"""Counters by the hour of a field (kernel/counting.py), by noun: that field, and those whose values are counted."""

RARE: dict[str, tuple[tuple[str, ...], ...]] = {"case": (("category", "code"), ("source",))}
"""Values with an index of their own and a counter `NOUN.PATH` for each: in a filter, rows with values that few have are looked
up (rare_values.py)."""

_SIMPLE: dict[type, Kind] = {
    inspect.IntType: "int",
    inspect.FloatType: "float",
    inspect.StrType: "text",
    inspect.BoolType: "bool",
    inspect.BytesType: "wkb",
}


def _column(name: str, declared: Any) -> Column:
    info = inspect.type_info(declared)
    parts = info.types if isinstance(info, inspect.UnionType) else (info,)
    nullable = any(isinstance(part, inspect.NoneType) for part in parts)
    real = [part for part in parts if not isinstance(part, inspect.NoneType)]
    part = real[0]
    extra: dict[str, Any] = {}
    if isinstance(part, inspect.Metadata):
        extra, part = part.extra or {}, part.type
    kind: Kind = _SIMPLE.get(type(part), "json") if len(real) == 1 else "json"
    if isinstance(part, inspect.LiteralType):
        kind = "int" if isinstance(part.values[0], int) else "text"
    if extra.get("data_class", 0) >= DataClass.SENSITIVE:
        kind = "cipher"
    return Column(name, kind, nullable, declared, bool(extra.get("keyed_hash")))


def _noun(struct: type[Entity]) -> Noun:
    name = noun_name(struct)
    fields = [
        field for field in msgspec.structs.fields(struct) if field.name not in ("id", "lane", "version")
    ]
    columns = tuple(_column(field.name, field.type) for field in fields)
    geometry = next((column.name for column in columns if column.kind == "wkb"), None)
    return Noun(
        name,
        struct,
        columns,
        geometry,
        INDEXES.get(name, ()),
        WORDS.get(name, ()),
        SCOPES.get(name),
        COUNTERS.get(name, ()),
        UNIQUE.get(name, ()),
        JSON_INDEXES.get(name, ()),
        SPARSE.get(name, ()),
        RARE.get(name, ()),
    )


@functools.cache
def nouns() -> dict[str, Noun]:
    """All nouns and parts that are rows, by name."""
    found = [
        _noun(struct)
        for module in MODULES
        for struct in vars(module).values()
        if isinstance(struct, type)
        and issubclass(struct, Entity)
        and struct is not Entity
        and struct.__module__ == module.__name__
    ]
    return {noun.name: noun for noun in found}


@functools.cache
def noun_of(struct: type[Entity]) -> Noun:
    """The noun of a struct; Invalid for one the store does not keep."""
    noun = nouns().get(noun_name(struct))
    if noun is None or noun.struct is not struct:
        raise Invalid("noun", f"{struct.__name__} is not a noun of the kernel")
    return noun
