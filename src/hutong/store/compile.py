"""The query tree of the kernel as SQL of either database. Values always travel beside the SQL, never in it."""

from __future__ import annotations

from functools import partial
from typing import Any

from msgspec.structs import replace

from hutong.kernel import query
from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.query import Expr
from hutong.kernel.text import tokens
from hutong.store.functions import call_piece, comparable
from hutong.store.layout import Noun, nouns
from hutong.store.piece import (
    FALSE,
    NUMBERS,
    TRUE,
    Piece,
    PieceKind,
    field_piece,
    joined,
    json_as,
    json_ids,
    json_text,
    literal,
)
from hutong.store.scoped import Scoped, beside
from hutong.store.scopes import asked_of_each, in_scope, json_has
from hutong.store.shapes import shape_condition
from hutong.store.spatial import Ground, within_box
from hutong.store.sql import MANY, marks, one_of, one_of_many
from hutong.store.transaction import Tx
from hutong.store.vault import Vault
from hutong.store.wording import holds_words, with_words

_SIGNS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
DEEPEST = 12


class Compiler:
    """Compiles for one noun, whose rows are `alias`: current ones, or versions as of a recorded time, which indexes
    beside current rows know nothing of."""

    def __init__(
        self,
        tx: Tx,
        noun: Noun,
        vault: Vault,
        lanes: tuple[int, ...],
        as_of: Instant | None = None,
        depth: int = 0,
    ) -> None:
        self.tx = tx
        self.dialect = tx.dialect
        self.noun = noun
        self.vault = vault
        self.lanes = lanes
        self.as_of = as_of
        self.depth = depth
        self.history = as_of is not None
        self.alias = "t" if depth == 0 else f"t{depth}"
        self.source = noun.history if self.history else noun.table
        self.lead: Scoped | None = None
        """The scope table `s` that stands before the rows: what it knows is asked of it."""
        self.in_order = False
        """The rows come one after the other in the order of an index until a page is full."""

    def standing(self, *, retired: bool = False) -> list[Piece]:
        """Rows of the lanes that stand (unless retired ones are asked), at the time."""
        a = self.alias
        one = f"{a}.lane = ?" if len(self.lanes) == 1 else f"{a}.lane IN ({marks(len(self.lanes))})"
        found = [Piece(one, self.lanes)]
        if not retired:
            found.append(Piece(f"{a}.retired IS NULL"))
        return [*found, self._moment()] if self.history else found

    def _moment(self) -> Piece:
        """Versions that were current as of the time; all rows, where none is asked."""
        if self.as_of is None:
            return TRUE
        a = self.alias
        sql = f"{a}.row_since <= ? AND ({a}.row_until IS NULL OR {a}.row_until > ?)"
        return Piece(sql, (self.as_of, self.as_of))

    def ground(self) -> Ground:
        return Ground(self.tx, self.noun, self.alias, self.source, self._moment())

    def condition(self, expr: Expr) -> Piece:
        """A filter; a comparison with a missing value is false, so NOT of it is true."""
        known = beside(expr, self.noun) if self.lead else None
        if known is not None:
            return known
        match expr:
            case query.And(parts):
                return joined([self.condition(part) for part in parts], "AND") if parts else TRUE
            case query.Or(parts):
                return joined([self.condition(part) for part in parts], "OR") if parts else FALSE
            case query.Not(part):
                return self._not(part)
            case query.Compare(op, left, right):
                return self._compare(op, left, right)
            case query.In(left, values):
                return self._in(left, values)
            case query.InScope(ids):
                piece = in_scope(self.dialect, self.noun, ids, self._row, history=self.history)
                return asked_of_each(self.dialect, piece) if self.in_order else piece
            case query.IsNull(field):
                piece = self._textual(field)
                return Piece(f"({piece.sql}) IS NULL", piece.values)
            case query.Matches(text):
                return self._matches(text)
            case query.Within(box):
                return within_box(self.ground(), box)
            case query.Linked():
                return self._linked(expr)
            case _:
                return self._truth(expr)

    def _not(self, part: Expr) -> Piece:
        if isinstance(
            part, query.IsNull
        ):  # Written so, an index of the rows that have a value is known to hold all.
            piece = self._textual(part.field)
            return Piece(f"({piece.sql}) IS NOT NULL", piece.values)
        inner = self.condition(part)
        false = "0" if self.dialect == "sqlite" else "FALSE"
        return Piece(f"NOT COALESCE(({inner.sql}), {false})", inner.values)

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
                piece = field_piece(self.dialect, self.noun, path, self.alias)
                known = self.lead.copied.get(path[0]) if self.lead and len(path) == 1 else None
                return replace(piece, sql=known) if known else piece
            case query.Value(value):
                return literal(self.dialect, value)
            case query.Call():
                return self._call(expr)
            case _:
                raise Invalid("filter", "a condition stands where a value is needed")

    def _textual(self, expr: Expr) -> Piece:
        if isinstance(expr, query.Field) and self._personal(expr.path):
            return Piece(f'{self.alias}."{expr.path[0]}"', (), "wkb")
        return self.expression(expr, "null")

    def _personal(self, path: tuple[str, ...]) -> bool:
        column = self.noun.column(path[0])
        return column is not None and column.kind == "cipher"

    def _call(self, call: query.Call) -> Piece:
        shaped = shape_condition(self.ground, call)
        if shaped is not None:
            return shaped
        if call.name == "has":
            return self._has(call)
        return call_piece(self.dialect, call.name, [partial(self.expression, arg) for arg in call.args])

    def _linked(self, link: query.Linked) -> Piece:
        """Rows whose `near` is among the `far` of rows that hold: driven by whichever side has fewer."""
        noun = nouns().get(link.noun)
        if noun is None or self.depth == DEEPEST:
            raise Invalid("filter", f"leads too far: {link.noun}", "ask in several requests")
        inner = Compiler(self.tx, noun, self.vault, self.lanes, self.as_of, self.depth + 1)
        held = joined([*inner.standing(), inner.condition(link.where)], "AND")
        near = field_piece(self.dialect, self.noun, link.near, self.alias)
        far = field_piece(self.dialect, noun, link.far, inner.alias)
        source, item = f"{inner.source} {inner.alias}", f"e{inner.depth}"
        if link.many == "near":
            listed, one, values = json_ids(self.dialect, near, item)
            some = f"SELECT {far.sql} FROM {source} WHERE {held.sql}"
            return Piece(f"EXISTS (SELECT 1 FROM {listed} WHERE {one} IN ({some}))", (*values, *held.values))
        if link.many == "far":
            listed, one, values = json_ids(self.dialect, far, item)
            sql = f"{near.sql} IN (SELECT {one} FROM {source}, {listed} WHERE {held.sql})"
            return Piece(sql, (*values, *held.values))
        return Piece(f"{near.sql} IN (SELECT {far.sql} FROM {source} WHERE {held.sql})", held.values)

    def _has(self, call: query.Call) -> Piece:
        """`has(field, id)`: a JSON list of ids holds the id."""
        match call.args:
            case (query.Field(path), query.Value(int(one))):
                piece = field_piece(self.dialect, self.noun, path)
                if piece.kind == "json" and piece.path == ():
                    return json_has(self.dialect, piece.sql, (one,))
        raise Invalid("has", "takes a list field and an id")

    def _compare(self, op: query.Operator, left: Expr, right: Expr) -> Piece:
        special = self._by_hash(op, left, right) or shape_condition(
            self.ground, query.Compare(op, left, right)
        )
        if special is not None:
            return special
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
        return Piece(
            f'{self.alias}."{name}_hash" = ?', (self.vault.fingerprint(f"{self.noun.name}.{name}", text),)
        )

    def _in(self, left: Expr, values: tuple[Any, ...]) -> Piece:
        given = [value for value in values if value is not None]
        parts: list[Piece] = []
        if given:
            kinds = {literal(self.dialect, value).kind for value in given}
            if len(kinds) > 1 and not kinds <= set(NUMBERS):
                raise Invalid(_name(left), "is compared with a list of mixed kinds")
            piece = self.expression(left, "float" if len(kinds) > 1 else kinds.pop())
            plain = [int(value) if isinstance(value, bool) else value for value in given]
            of = one_of_many if self.in_order and len(plain) > MANY else one_of
            matched, value = of(self.dialect, piece.sql, plain)
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
        if self.lead is not None or self.in_order:
            return holds_words(self.dialect, self.noun, words, self._row)
        return with_words(self.dialect, self.noun, words, self._row)

    @property
    def _row(self) -> str:
        """What stands for a row: its place in the scope table, where that leads."""
        return self.alias if self.lead is None else "s"


def _name(expr: Expr) -> str:
    return "/".join(expr.path) if isinstance(expr, query.Field) else "filter"
