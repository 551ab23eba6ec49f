"""OData filter text as the syntax tree of `odata-query`, with the functions that SensorThings adds."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser

from hutong.kernel.errors import Invalid

LONGEST = 8000
DEEPEST = 60
COLON = "__colon__"
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_OFFSET = re.compile(r"(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?) (\d\d:\d\d)")
_UNQUOTED = re.compile(r"\s*([\w/@.]+) (eq|ne) (?!(?:-?\d|true$|false$|null$))([^'()]+?)\s*")
_AT = r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?"
_INTERVAL = re.compile(rf"({_AT})/({_AT})", re.IGNORECASE)
_FROM_FOR = re.compile(rf"({_AT})/(P[\dYMDTHS.]+)", re.IGNORECASE)
_FOR_UNTIL = re.compile(rf"\b(P[\dYMDTHS.]+)/({_AT})", re.IGNORECASE)
_COLON = re.compile(r"\b(hutong):(?=[A-Za-z_])")

FUNCTIONS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("concat", "contains", "endswith", "indexof", "startswith", "substringof"), (2, 2)),
    **dict.fromkeys(("length", "tolower", "toupper", "trim"), (1, 1)),
    "substring": (2, 3),
    **dict.fromkeys(("year", "month", "day", "hour", "minute", "second", "fractionalseconds"), (1, 1)),
    **dict.fromkeys(("date", "time", "totaloffsetminutes"), (1, 1)),
    **dict.fromkeys(("now", "mindatetime", "maxdatetime"), (0, 0)),
    **dict.fromkeys(("round", "floor", "ceiling"), (1, 1)),
    **dict.fromkeys(("before", "after", "during", "overlaps", "meets", "starts", "finishes"), (2, 2)),
    **dict.fromkeys(("st_within", "st_intersects", "st_contains", "st_touches", "st_disjoint"), (2, 2)),
    **dict.fromkeys(("st_equals", "st_overlaps", "st_crosses"), (2, 2)),
    "st_relate": (3, 3),
    "geo.distance": (2, 2),
    "geo.intersects": (2, 2),
    "geo.length": (1, 1),
    "interval": (2, 2),
}
"""The standard's functions with how many arguments they take; what runs is the translators' business. `interval` is what
a literal like 2026-07-18T00:00:00Z/P1D is read as."""


def _call(func: ast.Identifier, args: list[Any]) -> ast.Call:
    """A call of a known function: in place of the library's own, narrower table."""
    name = name_of(func)
    counts = FUNCTIONS.get(name)
    if counts is None:
        raise Invalid(
            "$filter", f"there is no function {name}", f"functions are {', '.join(sorted(FUNCTIONS))}"
        )
    if not counts[0] <= len(args) <= counts[1]:
        raise Invalid("$filter", f"{name} takes {counts[0]} arguments, not {len(args)}")
    return ast.Call(func, args)


def parse_filter(text: str) -> Any:
    """The syntax tree of a filter. Invalid says where it cannot be read."""
    if len(text) > LONGEST:
        raise Invalid("$filter", f"is longer than {LONGEST} characters", "ask in several requests")
    plain = _plain(text)
    try:
        return _shallow(_parsed(plain))
    except ODataException as error:
        with suppress(ODataException):
            if repaired := _with_quotes(plain):
                return _shallow(_parsed(repaired))
        raise Invalid(
            "$filter", f"{text!r} cannot be read: {error}", "see OData 4.0, part 2, §5.1.1"
        ) from None
    except RecursionError:
        raise Invalid("$filter", "is nested too deeply", "ask in several requests") from None


def _parsed(text: str) -> Any:
    parser: Any = ODataParser()
    parser._function_call = _call
    return parser.parse(iter(list(ODataLexer().tokenize(text))))


def _shallow(tree: Any) -> Any:
    """The tree, if it is not nested too deeply; chains of one `and` or `or` count once."""
    waiting: list[tuple[Any, int, Any]] = [(tree, 1, None)]
    while waiting:
        node, depth, word = waiting.pop()
        if depth > DEEPEST:
            raise Invalid("$filter", f"is nested more than {DEEPEST} deep", "ask in several requests")
        own = type(node.op) if isinstance(node, ast.BoolOp) else None
        deeper = depth if own is not None and own is word else depth + 1
        waiting += [(child, deeper, own) for child in children(node)]
    return tree


def children(node: Any) -> list[Any]:
    """The nodes directly below; of a path, none."""
    match node:
        case ast.Compare(_, left, right) | ast.BinOp(_, left, right) | ast.BoolOp(_, left, right):
            return [left, right]
        case ast.UnaryOp(_, operand):
            return [operand]
        case ast.Call(_, args):
            return list(args)
        case ast.List(val):
            return list(val)
    return []


def _with_quotes(text: str) -> str | None:
    """pygeoapi writes texts without quotation marks (`name eq Air temperature`): they are put in, where that is plain."""
    found = [(part, _UNQUOTED.fullmatch(part)) for part in text.split(" and ")]
    if not any(match for _, match in found):
        return None
    return " and ".join(f"{match[1]} {match[2]} '{match[3]}'" if match else part for part, match in found)


def _plain(text: str) -> str:
    """SensorThings' own names in a form that the library knows; quoted text stays as it is."""
    parts: list[str] = []
    at = 0
    for quoted in _QUOTED.finditer(text):
        parts += [_renamed(text[at : quoted.start()]), quoted[0]]
        at = quoted.end()
    parts.append(_renamed(text[at:]))
    return "".join(parts)


def _renamed(text: str) -> str:
    text = text.replace("@iot.id", "id")
    text = _OFFSET.sub(r"\1+\2", text)
    text = _INTERVAL.sub(r"interval(\1,\2)", text)
    text = _FROM_FOR.sub(r"interval(\1,\1 add duration'\2')", text)
    text = _FOR_UNTIL.sub(r"interval(\2 sub duration'\1',\2)", text)
    return _COLON.sub(rf"\1{COLON}", text)


def name_of(node: ast.Identifier) -> str:
    """A name with its namespace: geo.distance."""
    return ".".join((*node.namespace, node.name))


def path_of(node: Any) -> tuple[str, ...] | None:
    """The path of a property (`Thing/name` → Thing, name); None if the node is something else."""
    if isinstance(node, ast.Identifier):
        return (name_of(node).replace(COLON, ":"),)
    if isinstance(node, ast.Attribute):
        owner = path_of(node.owner)
        return None if owner is None else (*owner, str(node.attr).replace(COLON, ":"))
    return None


def joined(word: type, parts: list[Any]) -> Any:
    """The parts as one condition."""
    node = parts[0]
    for part in parts[1:]:
        node = ast.BoolOp(word(), node, part)
    return node


def chain(node: Any, word: type) -> list[Any]:
    """The parts of a chain of one word (`a and b and c`); the node itself if it is none."""
    parts, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.BoolOp) and isinstance(one.op, word):
            waiting += [one.right, one.left]
        else:
            parts.append(one)
    return parts


def paths_in(node: Any) -> list[tuple[str, ...]]:
    """All property paths in a filter or part of one."""
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        path = path_of(one)
        if path is not None:
            found.append(path)
        else:
            waiting += reversed(children(one))
    return found


def without(node: Any, first: str) -> Any:
    """The node with the first step taken off its paths."""
    path = path_of(node)
    if path is not None:
        return path_node(path[1:]) if path[0] == first and len(path) > 1 else node
    match node:
        case ast.Compare(comparator, left, right):
            return ast.Compare(comparator, without(left, first), without(right, first))
        case ast.BinOp(op, left, right):
            return ast.BinOp(op, without(left, first), without(right, first))
        case ast.BoolOp(word, _, _):
            return joined(type(word), [without(one, first) for one in chain(node, type(word))])
        case ast.UnaryOp(op, operand):
            return ast.UnaryOp(op, without(operand, first))
        case ast.Call(func, args):
            return ast.Call(func, [without(one, first) for one in args])
    return node


def path_node(path: tuple[str, ...]) -> Any:
    node: Any = ast.Identifier(path[0])
    for step in path[1:]:
        node = ast.Attribute(node, step)
    return node
