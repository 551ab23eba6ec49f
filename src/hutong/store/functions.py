"""The named functions of a query, by both dialects: those of OData and CQL2 that the faces need."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from hutong.kernel.errors import Invalid
from hutong.store.piece import NUMBERS, Piece, PieceKind
from hutong.store.transaction import Dialect

Compile = Callable[[PieceKind], Piece]


class Function(msgspec.Struct, frozen=True):
    """`{0}`, `{1}` stand for the arguments; a template may use one more than once."""

    takes: tuple[PieceKind, ...]
    gives: PieceKind
    sqlite: str
    postgresql: str = ""


def _clock(part: str, sqlite: str) -> Function:
    local = "to_timestamp(({0}) / 1000000.0) AT TIME ZONE 'UTC'"
    return Function(
        ("int",),
        "int",
        f"CAST(strftime('{sqlite}', CAST(floor(({{0}}) / 1000000.0) AS INTEGER), 'unixepoch') AS INTEGER)",
        f"floor(extract({part} FROM {local}))::bigint",
    )


def _remainder(width: int) -> str:
    """What is over whole `width`s of µs, from 0 up also before 1970."""
    return f"((({{0}}) % {width} + {width}) % {width})"


DAY = 86_400_000_000
FUNCTIONS: dict[str, Function] = {
    "contains": Function(("text", "text"), "condition", "instr({0}, {1}) > 0", "strpos({0}, {1}) > 0"),
    "startswith": Function(("text", "text"), "condition", "instr({0}, {1}) = 1", "strpos({0}, {1}) = 1"),
    "endswith": Function(
        ("text", "text"),
        "condition",
        "(length({0}) >= length({1}) AND substr({0}, length({0}) - length({1}) + 1) = {1})",
        "right({0}, length({1})) = {1}",
    ),
    "length": Function(("text",), "int", "length({0})", "length({0})::bigint"),
    "lower": Function(("text",), "text", "lower({0})", 'lower({0} COLLATE "C")'),
    "upper": Function(("text",), "text", "upper({0})", 'upper({0} COLLATE "C")'),
    "trim": Function(("text",), "text", "trim({0})"),
    "concat": Function(("text", "text"), "text", "({0} || {1})"),
    "indexof": Function(("text", "text"), "int", "(instr({0}, {1}) - 1)", "(strpos({0}, {1}) - 1)::bigint"),
    "substring": Function(
        ("text", "int"), "text", "substr({0}, max({1}, 0) + 1)", "substr({0}, (greatest({1}, 0) + 1)::int)"
    ),
    "part": Function(
        ("text", "int", "int"),
        "text",
        "substr({0}, max({1}, 0) + 1, max({2}, 0))",
        "substr({0}, (greatest({1}, 0) + 1)::int, greatest({2}, 0)::int)",
    ),
    "year": _clock("year", "%Y"),
    "month": _clock("month", "%m"),
    "day": _clock("day", "%d"),
    "hour": _clock("hour", "%H"),
    "minute": _clock("minute", "%M"),
    "second": _clock("second", "%S"),
    "fractionalseconds": Function(("int",), "float", f"({_remainder(1_000_000)} / 1000000.0)"),
    "date": Function(("int",), "int", f"(({{0}}) - {_remainder(DAY)})"),
    "time": Function(("int",), "int", _remainder(DAY)),
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
        ("float", "float"),
        "float",
        "mod({0}, NULLIF({1}, 0))",
        "mod(({0})::numeric, NULLIF(({1})::numeric, 0))::double precision",
    ),
}
"""All by name. Texts fold case in ASCII on both databases; `div` never cuts; `part` is substring with a length."""

_PLACE = re.compile(r"\{(\d)\}")


def call_piece(dialect: Dialect, name: str, args: list[Compile]) -> Piece:
    """The compiled call; Invalid names an unknown function or a wrong number of arguments."""
    function = FUNCTIONS.get(name)
    if function is None:
        known = ", ".join(sorted(FUNCTIONS))
        raise Invalid(name, "is not a function of queries", f"functions are: {known}")
    if len(args) != len(function.takes):
        raise Invalid(name, f"takes {len(function.takes)} arguments, not {len(args)}")
    compiled = [arg(kind) for arg, kind in zip(args, function.takes, strict=True)]
    template = function.postgresql if dialect == "postgresql" and function.postgresql else function.sqlite
    places = [compiled[int(place)] for place in _PLACE.findall(template)]
    sql = _PLACE.sub(lambda found: f"({compiled[int(found[1])].sql})", template)
    return Piece(sql, tuple(value for piece in places for value in piece.values), function.gives)


def comparable(left: PieceKind, right: PieceKind) -> bool:
    """Numbers with numbers, text with text, geometry with geometry."""
    return left == right or (left in NUMBERS and right in NUMBERS)
