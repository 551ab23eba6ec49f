"""The named functions of a query, by both dialects: those of OData and CQL2 that the faces need."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hutong.kernel.errors import Invalid
from hutong.store.piece import NUMBERS, Piece, PieceKind
from hutong.store.transaction import Dialect

Compile = Callable[[PieceKind], Piece]


class Function(msgspec.Struct, frozen=True):
    """`{0}`, `{1}` stand for the arguments; a template may use one twice."""

    takes: tuple[PieceKind, ...]
    gives: PieceKind
    sqlite: str
    postgresql: str = ""


def _clock(part: str, sqlite: str) -> Function:
    local = "to_timestamp(({0}) / 1000000.0) AT TIME ZONE 'UTC'"
    return Function(
        ("int",),
        "int",
        f"CAST(strftime('{sqlite}', ({{0}}) / 1000000, 'unixepoch') AS INTEGER)",
        f"floor(extract({part} FROM {local}))::bigint",
    )


FUNCTIONS: dict[str, Function] = {
    "contains": Function(("text", "text"), "condition", "instr({0}, {1}) > 0", "strpos({0}, {1}) > 0"),
    "startswith": Function(("text", "text"), "condition", "instr({0}, {1}) = 1", "strpos({0}, {1}) = 1"),
    "endswith": Function(
        ("text", "text", "text"),
        "condition",
        "substr({0}, -length({1})) = {2}",
        "right({0}, length({1})) = {2}",
    ),
    "length": Function(("text",), "int", "length({0})", "length({0})::bigint"),
    "lower": Function(("text",), "text", "lower({0})"),
    "upper": Function(("text",), "text", "upper({0})"),
    "trim": Function(("text",), "text", "trim({0})"),
    "concat": Function(("text", "text"), "text", "({0} || {1})"),
    "indexof": Function(("text", "text"), "int", "(instr({0}, {1}) - 1)", "(strpos({0}, {1}) - 1)::bigint"),
    "substring": Function(("text", "int"), "text", "substr({0}, {1} + 1)", "substr({0}, ({1} + 1)::int)"),
    "year": _clock("year", "%Y"),
    "month": _clock("month", "%m"),
    "day": _clock("day", "%d"),
    "hour": _clock("hour", "%H"),
    "minute": _clock("minute", "%M"),
    "second": _clock("second", "%S"),
    "round": Function(
        ("float",), "float", "round({0})", "(sign({0}) * floor(abs({0}) + 0.5))::double precision"
    ),
    "floor": Function(("float",), "float", "floor({0})"),
    "ceiling": Function(("float",), "float", "ceil({0})"),
    "add": Function(("float", "float"), "float", "({0} + {1})"),
    "sub": Function(("float", "float"), "float", "({0} - {1})"),
    "mul": Function(("float", "float"), "float", "({0} * {1})"),
    "div": Function(("float", "float"), "float", "({0} / NULLIF(1.0 * {1}, 0))"),
    "mod": Function(
        ("int", "int"), "int", "({0} % NULLIF({1}, 0))", "MOD(({0})::bigint, NULLIF(({1})::bigint, 0))"
    ),
}
"""All by name. A function that names an argument twice takes it twice (`endswith`, `round`)."""

_TWICE = {"endswith": (0, 1, 1), "round": (0,)}


def call_piece(dialect: Dialect, name: str, args: list[Compile]) -> Piece:
    """The compiled call; Invalid names an unknown function or a wrong number of arguments."""
    function = FUNCTIONS.get(name)
    if function is None:
        known = ", ".join(sorted(FUNCTIONS))
        raise Invalid(name, "is not a function of queries", f"functions are: {known}")
    order = _TWICE.get(name, tuple(range(len(function.takes))))
    if len(args) != max(order) + 1:
        raise Invalid(name, f"takes {max(order) + 1} arguments, not {len(args)}")
    if name == "substring" and len(args) == 3:
        raise Invalid(name, "takes text and start")
    compiled = [args[place](kind) for place, kind in zip(order, function.takes, strict=True)]
    template = function.postgresql if dialect == "postgresql" and function.postgresql else function.sqlite
    if name == "round" and dialect == "postgresql":
        compiled = compiled * 2
        template = "(sign({0}) * floor(abs({1}) + 0.5))::double precision"
    sql = template.format(*(f"({piece.sql})" for piece in compiled))
    return Piece(sql, tuple(value for piece in compiled for value in piece.values), function.gives)


def comparable(left: PieceKind, right: PieceKind) -> bool:
    """Numbers with numbers, text with text, geometry with geometry."""
    return left == right or (left in NUMBERS and right in NUMBERS)
