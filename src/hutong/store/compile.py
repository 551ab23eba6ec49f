"""The query tree of the kernel as SQL of either database. Values always travel beside the SQL, never in it."""

from __future__ import annotations

from functools import partial
from typing import Any

from hutong.kernel import query
from hutong.kernel.errors import Invalid
from hutong.kernel.query import Expr
from hutong.kernel.text import tokens
from hutong.store.functions import call_piece, comparable
from hutong.store.layout import Noun
from hutong.store.piece import (
    FALSE,
    NUMBERS,
    TRUE,
    Piece,
    PieceKind,
    field_piece,
    joined,
    json_as,
    json_text,
    literal,
)
from hutong.store.scopes import in_scope, json_has
from hutong.store.spatial import geometry_of, related, within_box
from hutong.store.sql import one_of
from hutong.store.transaction import Tx
from hutong.store.vault import Vault

_SIGNS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_RELATIONS = {
    "st_within": "within",
    "st_intersects": "intersects",
    "st_contains": "contains",
    "st_touches": "touches",
    "st_disjoint": "disjoint",
    "st_equals": "equals",
    "st_overlaps": "overlaps",
    "st_crosses": "crosses",
}


class Compiler:
    """Compiles for one noun. `history`: rows come from all versions, so indexes beside current rows do not count."""

    def __init__(self, tx: Tx, noun: Noun, vault: Vault, *, history: bool = False) -> None:
        self.tx = tx
        self.dialect = tx.dialect
        self.noun = noun
        self.vault = vault
        self.history = history
        self.source = noun.history if history else noun.table

    def condition(self, expr: Expr) -> Piece:
        """A filter; a comparison with a missing value is false, so NOT of it is true."""
        match expr:
            case query.And(parts):
                return joined([self.condition(part) for part in parts], "AND") if parts else TRUE
            case query.Or(parts):
                return joined([self.condition(part) for part in parts], "OR") if parts else FALSE
            case query.Not(part):
                inner = self.condition(part)
                false = "0" if self.dialect == "sqlite" else "FALSE"
                return Piece(f"NOT COALESCE(({inner.sql}), {false})", inner.values)
            case query.Compare(op, left, right):
                return self._compare(op, left, right)
            case query.In(left, values):
                return self._in(left, values)
            case query.InScope(ids):
                return in_scope(self.dialect, self.noun, ids, "t", history=self.history)
            case query.IsNull(field):
                piece = self._textual(field)
                return Piece(f"({piece.sql}) IS NULL", piece.values)
            case query.Matches(text):
                return self._matches(text)
            case query.Within(box):
                return within_box(self.tx, self.noun, box, "t", self.source)
            case _:
                return self._truth(expr)

    def _truth(self, expr: Expr) -> Piece:
        """A call or a true/false field that stands alone."""
        piece = self._call(expr) if isinstance(expr, query.Call) else self.expression(expr, "bool")
        if piece.kind == "condition":
            return piece
        if piece.kind != "bool":
            raise Invalid("filter", "is not a condition", "compare it with something")
        return Piece(f"({piece.sql}) = 1", piece.values)

    def expression(self, expr: Expr, wanted: PieceKind) -> Piece:
        """A value of the wanted kind. `null` wants whatever it is."""
        piece = self._raw(expr)
        if piece.path is not None:
            return (
                json_text(self.dialect, piece) if wanted == "null" else json_as(self.dialect, piece, wanted)
            )
        if wanted != "null" and piece.kind != "null" and not comparable(piece.kind, wanted):
            raise Invalid(_name(expr), f"is {piece.kind}, where {wanted} is needed")
        return piece

    def _raw(self, expr: Expr) -> Piece:
        match expr:
            case query.Field(path):
                return field_piece(self.dialect, self.noun, path)
            case query.Value(value):
                return literal(self.dialect, value)
            case query.Call():
                return self._call(expr)
            case _:
                raise Invalid("filter", "a condition stands where a value is needed")

    def _textual(self, expr: Expr) -> Piece:
        if isinstance(expr, query.Field) and self._personal(expr.path):
            return Piece(f't."{expr.path[0]}"', (), "wkb")
        return self.expression(expr, "null")

    def _personal(self, path: tuple[str, ...]) -> bool:
        column = self.noun.column(path[0])
        return column is not None and column.kind == "cipher"

    def _call(self, call: query.Call) -> Piece:
        if call.name in _RELATIONS:
            return self._related(call)
        if call.name == "has":
            return self._has(call)
        return call_piece(self.dialect, call.name, [partial(self.expression, arg) for arg in call.args])

    def _related(self, call: query.Call) -> Piece:
        fields = [arg for arg in call.args if isinstance(arg, query.Field)]
        values = [arg.value for arg in call.args if isinstance(arg, query.Value)]
        if len(fields) != 1 or len(values) != 1:
            raise Invalid(call.name, "takes a geometry field and a geometry")
        if fields[0].path[-1] not in (self.noun.geometry, "geometry", "location", "feature"):
            raise Invalid("/".join(fields[0].path), f"is not the geometry of {self.noun.name}")
        relation = _RELATIONS[call.name]
        if relation == "disjoint":
            meeting = related(self.tx, self.noun, "intersects", geometry_of(values[0]), "t", self.source)
            return Piece(f"NOT COALESCE(({meeting.sql}), 1 = 0)", meeting.values)
        return related(self.tx, self.noun, relation, geometry_of(values[0]), "t", self.source)

    def _has(self, call: query.Call) -> Piece:
        """`has(field, id)`: a JSON list of ids holds the id."""
        match call.args:
            case (query.Field(path), query.Value(int(one))):
                piece = field_piece(self.dialect, self.noun, path)
                if piece.kind == "json" and piece.path == ():
                    return json_has(self.dialect, piece.sql, (one,))
        raise Invalid("has", "takes a list field and an id")

    def _compare(self, op: query.Operator, left: Expr, right: Expr) -> Piece:
        hashed = self._by_hash(op, left, right)
        if hashed is not None:
            return hashed
        first, second = self._raw(left), self._raw(right)
        if first.kind == "null" or second.kind == "null":
            return self._against_null(op, left if second.kind == "null" else right)
        if first.path is not None and second.path is not None:
            first, second = json_text(self.dialect, first), json_text(self.dialect, second)
        elif first.path is not None:
            first = json_as(self.dialect, first, second.kind)
        elif second.path is not None:
            second = json_as(self.dialect, second, first.kind)
        if not comparable(first.kind, second.kind):
            raise Invalid(_name(left), f"is {first.kind} and cannot be compared with {second.kind}")
        values = (*first.values, *second.values)
        if op == "ne" and (first.nullable or second.nullable):
            sign = "IS NOT" if self.dialect == "sqlite" else "IS DISTINCT FROM"
            return Piece(f"{first.sql} {sign} {second.sql}", values)
        return Piece(f"{first.sql} {_SIGNS[op]} {second.sql}", values)

    def _against_null(self, op: query.Operator, other: Expr) -> Piece:
        piece = self._textual(other)
        if op == "eq":
            return Piece(f"({piece.sql}) IS NULL", piece.values)
        if op == "ne":
            return Piece(f"({piece.sql}) IS NOT NULL", piece.values)
        return FALSE

    def _by_hash(self, op: query.Operator, left: Expr, right: Expr) -> Piece | None:
        """Equality with a searchable personal field goes by its keyed hash."""
        match left, right:
            case (query.Field((name,)), query.Value(str(text))) | (
                query.Value(str(text)),
                query.Field((name,)),
            ):
                column = self.noun.column(name)
                if column is None or not column.hashed:
                    return None
            case _:
                return None
        if op != "eq" or self.history:
            raise Invalid(name, "is personal: it can only be looked up as a whole, in current rows")
        return Piece(f't."{name}_hash" = ?', (self.vault.fingerprint(f"{self.noun.name}.{name}", text),))

    def _in(self, left: Expr, values: tuple[Any, ...]) -> Piece:
        given = [value for value in values if value is not None]
        parts: list[Piece] = []
        if given:
            kinds = {literal(self.dialect, value).kind for value in given}
            if len(kinds) > 1 and not kinds <= set(NUMBERS):
                raise Invalid(_name(left), "is compared with a list of mixed kinds")
            piece = self.expression(left, "float" if len(kinds) > 1 else kinds.pop())
            plain = [int(value) if isinstance(value, bool) else value for value in given]
            matched, value = one_of(self.dialect, piece.sql, plain)
            parts.append(Piece(matched, (*piece.values, value)))
        if len(given) < len(values):
            parts.append(self._against_null("eq", left))
        return joined(parts, "OR") if parts else FALSE

    def _matches(self, text: str) -> Piece:
        if not self.noun.words or self.history:
            raise Invalid("search", f"{self.noun.name} has no full-text search here", "filter on fields")
        words = list(dict.fromkeys(tokens(text)))
        if not words:
            return FALSE
        table = f'"{self.noun.name}_words"'
        if self.dialect == "sqlite":
            quoted = " ".join(f'"{word}"' for word in words)
            return Piece(f"t.id IN (SELECT rowid FROM {table} WHERE {table} MATCH ?)", (quoted,))
        return Piece(f"t.id IN (SELECT w.id FROM {table} w WHERE w.words @> ?::text[])", (words,))


def _name(expr: Expr) -> str:
    return "/".join(expr.path) if isinstance(expr, query.Field) else "filter"
