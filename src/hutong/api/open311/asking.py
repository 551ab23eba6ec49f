"""What GET requests asks for: ids, services, dates, status, and pages (an extension)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from hutong.api.house import House
from hutong.api.public.matters import category_named, listed
from hutong.api.shapes import instant_of
from hutong.kernel.base import DAY, Instant
from hutong.kernel.case import Case
from hutong.kernel.errors import Invalid
from hutong.kernel.ports import Reader
from hutong.kernel.query import (
    Compare,
    Expr,
    Field,
    In,
    IsNull,
    Not,
    Or,
    Order,
    Value,
    both,
    equals,
    field,
)

SPAN = 90 * DAY
IDS = 100
PAGE_SIZE, LARGEST = 100, 1000
DEEPEST = 20_000
"""Rows that pages lead to: whoever wants more narrows the dates."""


class Asked(msgspec.Struct, frozen=True):
    """A list of requests: a filter, which page of it, how long a page."""

    where: Expr
    page: int
    size: int


def asked(house: House, query: Mapping[str, str]) -> Asked:
    """Invalid names the parameter. Ids override all other filters."""
    size = _number(query, "page_size", PAGE_SIZE, LARGEST)
    page = _number(query, "page", 1, DEEPEST)
    if page * size > DEEPEST:
        raise Invalid("page", f"lies beyond {DEEPEST} requests", "narrow start_date and end_date")
    ids = _parts(query.get("service_request_id"))
    if len(ids) > IDS:
        raise Invalid("service_request_id", f"names {len(ids)} requests", f"ask for at most {IDS}")
    if ids:
        return Asked(both(seen(house), In(Field(("number",)), tuple(ids))), 1, IDS)
    start, end = _dates(house, query)
    opened = field("opened")
    within = both(Compare("ge", opened, Value(start)), Compare("le", opened, Value(end)))
    return Asked(both(seen(house), within, _services(house, query), _status(query)), page, size)


def seen(house: House) -> Expr:
    """What the public may know of through this face: reports of the public, of listed matters, not confidential."""
    kinds = tuple(sorted({service.partition("-")[0] for service in listed(house)}))
    return both(
        equals("source", "public"), equals("confidential", False), In(Field(("category", "kind")), kinds)
    )


def rows(reader: Reader, wanted: Asked) -> tuple[Case, ...]:
    """Newest first."""
    order = (Order(("opened",), descending=True),)
    after: str | None = None
    for number in range(1, wanted.page + 1):
        found = reader.find(Case, wanted.where, order=order, limit=wanted.size, after=after)
        if number == wanted.page:
            return found.rows
        if found.after is None:
            break
        after = found.after
    return ()


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or not 1 <= int(text) <= most:
        raise Invalid(name, f"{text!r} is no number from 1 to {most}", "leave it out or mend it")
    return int(text)


def _parts(text: str | None) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))


def _dates(house: House, query: Mapping[str, str]) -> tuple[Instant, Instant]:
    start, end = (_date(house, query, name) for name in ("start_date", "end_date"))
    if start is None and end is None:
        end = house.now()
    if end is None:
        end = min(house.now(), (start or 0) + SPAN)
    start = end - SPAN if start is None else start
    if end - start > SPAN:
        raise Invalid("start_date", "lies more than 90 days before end_date", "ask for a shorter time")
    return start, end


def _date(house: House, query: Mapping[str, str], name: str) -> Instant | None:
    """W3C date and time; without a zone it is the city's own."""
    text = query.get(name)
    if not text:
        return None
    try:
        given = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        raise Invalid(name, f"{text!r} is no date", "write it like 2026-01-01T00:00:00Z") from None
    if given.tzinfo is None:
        given = given.replace(tzinfo=house.rulebook.zone)
    if not 1971 <= given.year <= 9998:
        raise Invalid(name, f"{text!r} is no date of a request", "write it like 2026-01-01T00:00:00Z")
    return instant_of(given.isoformat(), name)


def _services(house: House, query: Mapping[str, str]) -> Expr | None:
    codes = _parts(query.get("service_code"))
    if not codes:
        return None
    named = [category_named(house, one, "service_code") for one in codes]
    return Or(
        tuple(both(equals("category/kind", one.kind), equals("category/code", one.code)) for one in named)
    )


def _status(query: Mapping[str, str]) -> Expr | None:
    asked_for = set(_parts(query.get("status")))
    if asked_for - {"open", "closed"}:
        raise Invalid("status", f"{query.get('status')!r} is no status", "choose open or closed")
    if len(asked_for) != 1:
        return None
    closed = IsNull(field("closed"))
    return closed if asked_for == {"open"} else Not(closed)
