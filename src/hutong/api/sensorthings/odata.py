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
COLON = "__colon__"
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_OFFSET = re.compile(r"(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?) (\d\d:\d\d)")
_UNQUOTED = re.compile(r"\s*([\w/@.]+) (eq|ne) (?!(?:-?\d|true$|false$|null$))([^'()]+?)\s*")
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
}
"""The standard's functions with how many arguments they take; what runs is the translators' business."""


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
        return _parsed(plain)
    except ODataException as error:
        with suppress(ODataException):
            if repaired := _with_quotes(plain):
                return _parsed(repaired)
        raise Invalid(
            "$filter", f"{text!r} cannot be read: {error}", "see OData 4.0, part 2, §5.1.1"
        ) from None
    except RecursionError:
        raise Invalid("$filter", "is nested too deeply", "ask in several requests") from None


def _parsed(text: str) -> Any:
    parser: Any = ODataParser()
    parser._function_call = _call
    return parser.parse(iter(list(ODataLexer().tokenize(text))))


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
