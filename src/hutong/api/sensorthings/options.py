"""Query options: $filter $select $expand $orderby $top $skip $count $resultFormat $skiptoken."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from hutong.api.sensorthings.model import EntitySet, entity_set, nav, refuse_unknown
from hutong.api.sensorthings.odata import parse_filter
from hutong.api.sensorthings.times import instant_of
from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid

PAGE = 100
LARGEST_PAGE = 1000
LARGEST_HISTORY = 10_000
"""Most entities, and most observations, of one page."""
DEEPEST = 6

KNOWN = (
    "$filter", "$select", "$expand", "$orderby", "$top", "$skip", "$count", "$resultFormat", "$skiptoken",
    "$as_of",
)  # fmt: skip


class Wish(msgspec.Struct, frozen=True):
    """One key of an order."""

    path: tuple[str, ...]
    descending: bool = False


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Options of one collection or entity; `expand` holds those of what is expanded."""

    filter: Any = None
    select: tuple[str, ...] = ()
    expand: dict[str, Options] = {}
    orderby: tuple[Wish, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    arrays: bool = False
    after: str | None = None
    as_of: Instant | None = None
    given: dict[str, str] = {}
    """The options as they were written."""

    def size(self, most: int) -> int:
        return min(PAGE if self.top is None else self.top, most)


def parse_query(of: EntitySet, query: str) -> Options:
    """The options of a query string (percent-encoded, `+` for spaces)."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=50)
    except (ValueError, UnicodeDecodeError):
        raise Invalid("query", "cannot be read", "encode it as UTF-8 with percent signs") from None
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in given:
            raise Invalid(name, "is given twice", "give it once")
        given[name] = value
    return _options(of, given, 0)


def _options(of: EntitySet, given: dict[str, str], depth: int) -> Options:
    for name in given:
        if name not in KNOWN:
            raise Invalid(name, "is no query option", f"options are {', '.join(KNOWN)}")
    return Options(
        filter=parse_filter(given["$filter"]) if given.get("$filter") else None,
        select=_names(of, given.get("$select", "")),
        expand=_expands(of, given.get("$expand", ""), depth),
        orderby=_order(of, given.get("$orderby", "")),
        top=_number("$top", given.get("$top")),
        skip=_number("$skip", given.get("$skip")) or 0,
        count=_truth(given.get("$count")),
        arrays=_arrays(of, given.get("$resultFormat")),
        after=given.get("$skiptoken"),
        as_of=_moment(given.get("$as_of"), depth),
        given=given,
    )


def query_after(options: Options, after: str) -> str:
    """The query string of the next page: the same options, from the cursor on."""
    kept = {name: text for name, text in options.given.items() if name not in ("$skip", "$skiptoken")}
    return urlencode({**kept, "$skiptoken": after}, quote_via=quote, safe="$,()/'")


def _number(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(name, f"{text!r} is no count", "give a whole number from 0")
    return int(text)


def _truth(text: str | None) -> bool:
    if text not in (None, "true", "false"):
        raise Invalid("$count", f"{text!r} is neither true nor false")
    return text == "true"


def _moment(text: str | None, depth: int) -> Instant | None:
    if text is None:
        return None
    if depth:
        raise Invalid("$as_of", "stands inside $expand", "ask for the moment once, beside $expand")
    return instant_of(text.replace(" ", "+"), "$as_of")


def _arrays(of: EntitySet, text: str | None) -> bool:
    if text is None:
        return False
    if text != "dataArray" or of.name != "Observations":
        raise Invalid(
            "$resultFormat", f"{text!r} is not offered for {of.name}", "dataArray is, for Observations"
        )
    return True


def _names(of: EntitySet, text: str) -> tuple[str, ...]:
    names = [one.strip() for one in text.split(",") if one.strip()]
    refuse_unknown(of, names, "$select")
    return tuple(names)


def _order(of: EntitySet, text: str) -> tuple[Wish, ...]:
    wishes: list[Wish] = []
    for part in _split(text, ","):
        path, _, direction = part.partition(" ")
        if direction.strip().lower() not in ("", "asc", "desc"):
            raise Invalid("$orderby", f"{direction.strip()!r} is no direction", "write asc or desc")
        refuse_unknown(of, [path], "$orderby")
        steps = tuple("id" if step == "@iot.id" else step for step in path.split("/"))
        wishes.append(Wish(steps, direction.strip().lower() == "desc"))
    return tuple(wishes)


def _expands(of: EntitySet, text: str, depth: int) -> dict[str, Options]:
    if text and depth == DEEPEST:
        raise Invalid("$expand", f"goes deeper than {DEEPEST} levels", "ask in several requests")
    found: dict[str, Options] = {}
    for part in _split(text, ","):
        path, _, inner = part.partition("(")
        if inner and not inner.endswith(")"):
            raise Invalid("$expand", f"{part!r} has no closing bracket")
        first, _, rest = path.strip().partition("/")
        leads = entity_set(nav(of, first).to)
        given = _nested(inner[:-1])
        if rest:
            given = {"$expand": f"{rest}({inner[:-1]})" if inner else rest}
        made = _options(leads, given, depth + 1)
        found[first] = _together(found[first], made) if first in found else made
    return found


def _together(first: Options, second: Options) -> Options:
    """Observations and Datastreams/Sensor of one list both expand Datastreams."""
    return msgspec.structs.replace(first, expand={**first.expand, **second.expand})


def _nested(text: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for part in _split(text, ";"):
        name, sign, value = part.partition("=")
        if not sign:
            raise Invalid("$expand", f"{part!r} is no option", "write $top=1;$orderby=phenomenonTime desc")
        given[name.strip()] = value.strip()
    return given


def _split(text: str, mark: str) -> list[str]:
    """Parts at a mark that stands outside brackets and quotation marks."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, sign in enumerate(text):
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
        elif sign == mark and not quoted and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    if depth or quoted:
        raise Invalid("query", f"{text!r} has unbalanced brackets or quotation marks")
    return [part for part in parts if part]
