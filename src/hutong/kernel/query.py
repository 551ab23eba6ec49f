"""One typed tree of filter, order and page. Faces parse into it; only the store compiles it."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")

Operator = Literal["eq", "ne", "lt", "le", "gt", "ge"]


class Field(msgspec.Struct, frozen=True, tag="field"):
    """A field of the noun, or a path into its JSON (`properties`, `depth`), or through a link (`thing`, `name`)."""

    path: tuple[str, ...]


class Value(msgspec.Struct, frozen=True, tag="value"):
    value: Any


class Call(msgspec.Struct, frozen=True, tag="call"):
    """A named function: contains, startswith, length, lower, year, add, …; of a geometry and a field, st_within,
    st_intersects, …; `geo_distance` and `geo_length` (in degrees) only as a side of a comparison with a number."""

    name: str
    args: tuple[Expr, ...]


class Compare(msgspec.Struct, frozen=True, tag="compare"):
    op: Operator
    left: Expr
    right: Expr


class In(msgspec.Struct, frozen=True, tag="in"):
    left: Expr
    values: tuple[Any, ...]


class InScope(msgspec.Struct, frozen=True, tag="in_scope"):
    """The row's `scope` has at least one of these places or organisations."""

    ids: tuple[int, ...]


class IsNull(msgspec.Struct, frozen=True, tag="is_null"):
    field: Expr


class Matches(msgspec.Struct, frozen=True, tag="matches"):
    """Full-text: every word of `text` occurs in the row's searchable text (bigram tokens, kernel/text.py)."""

    text: str


class Within(msgspec.Struct, frozen=True, tag="within"):
    """The row's geometry meets the box (west, south, east, north)."""

    box: tuple[float, float, float, float]


class Linked(msgspec.Struct, frozen=True, tag="linked"):
    """At least one row of `noun` holds for `where` and its `far` field is this row's `near` field.

    A field that keeps a JSON list of ids (`many` names which side) stands for each of them.
    """

    noun: str
    near: tuple[str, ...]
    far: tuple[str, ...]
    where: Expr
    many: Literal["", "near", "far"] = ""


class And(msgspec.Struct, frozen=True, tag="and"):
    parts: tuple[Expr, ...]


class Or(msgspec.Struct, frozen=True, tag="or"):
    parts: tuple[Expr, ...]


class Not(msgspec.Struct, frozen=True, tag="not"):
    part: Expr


Expr = Field | Value | Call | Compare | In | InScope | IsNull | Matches | Within | Linked | And | Or | Not


class Order(msgspec.Struct, frozen=True):
    path: tuple[str, ...]
    descending: bool = False


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Rows of a keyset page; `after` is the cursor of the next one, None at the end."""

    rows: tuple[T, ...]
    after: str | None = None


EVERYTHING = And(())
NOTHING = Or(())


def field(*path: str) -> Field:
    return Field(path)


def equals(name: str, value: Any) -> Compare:
    return Compare("eq", Field(tuple(name.split("/"))), Value(value))


def both(*parts: Expr | None) -> Expr:
    """All the given filters; None is no filter."""
    given = tuple(part for part in parts if part is not None)
    return given[0] if len(given) == 1 else And(given)
