"""POST requests: a form becomes a report, under a key."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar.datastructures import UploadFile

from hutong.api.house import House
from hutong.api.open311.rows import asks_of
from hutong.api.public.matters import listed
from hutong.api.public.taking import PHOTO_BYTES, Photo, Reported
from hutong.api.shapes import Position, instant_of
from hutong.kernel.base import Facts
from hutong.kernel.characters import text_fault
from hutong.kernel.definition.procedure import Ask
from hutong.kernel.errors import Invalid

LONGEST = 2000


def texts(form: Mapping[str, Any]) -> dict[str, str]:
    """The plain fields; of several with one name the last."""
    found = {}
    for name in form:
        value = form[name]
        if isinstance(value, str):
            found[str(name)] = value.strip()
    return found


async def photos(form: Any) -> tuple[Photo, ...]:
    """Files that were sent with the form, under whatever name."""
    given = form.multi_items() if hasattr(form, "multi_items") else form.items()
    files = [value for _, value in given if isinstance(value, UploadFile)]
    found = [Photo(one.filename, await one.read(PHOTO_BYTES + 1)) for one in files]
    return tuple(one for one in found if one.content)


def reported(house: House, given: dict[str, str], pictures: tuple[Photo, ...], language: str) -> Reported:
    """The report that a form is; Invalid names the field as the specification has it. `language`: of texts about it."""
    service = given.get("service_code", "")
    if not service:
        raise Invalid("service_code", "was not provided", "choose one of GET services")
    if service not in listed(house):
        raise Invalid("service_code", f"{service!r} was not found", "choose one of GET services")
    facts = _attributes(asks_of(house, service), given)
    media = given.get("media_url", "")
    if media:
        facts["media_url"] = _link(media)
    name = " ".join(part for part in (given.get("last_name"), given.get("first_name")) if part)
    return Reported(
        service=service,
        position=_position(given),
        position_text=given.get("address_string", "") or given.get("address_id", ""),
        text=given.get("description", ""),
        phone=given.get("phone", ""),
        name=name,
        email=given.get("email", ""),
        photos=pictures,
        via="open311",
        language=language,
        facts=facts,
    )


def _position(given: dict[str, str]) -> Position | None:
    lat, long = given.get("lat", ""), given.get("long", "")
    if not lat and not long:
        return None
    try:
        found = float(long), float(lat)
    except ValueError:
        raise Invalid("lat", "with long is no position", "give degrees as decimal numbers") from None
    if not all(map(math.isfinite, found)):
        raise Invalid("lat", "with long is no position", "give degrees as decimal numbers")
    return found


def _link(text: str) -> str:
    """A link is kept for people; nothing is fetched from it."""
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or len(text) > LONGEST or text_fault(text):
        raise Invalid("media_url", "is no address", "send a link that begins with https://")
    return text


def _attributes(asks: tuple[Ask, ...], given: dict[str, str]) -> Facts:
    found: Facts = {}
    for ask in asks:
        text = given.get(f"attribute[{ask.name}]", "")
        if text:
            found[ask.name] = _value(ask, text)
        elif ask.required:
            raise Invalid(f"attribute[{ask.name}]", "was not provided", "see the service's definition")
    return found


def _value(ask: Ask, text: str) -> Any:
    field = f"attribute[{ask.name}]"
    if ask.kind == "flag":
        if text.lower() not in ("true", "false"):
            raise Invalid(field, f"{text!r} is neither true nor false", "send true or false")
        return text.lower() == "true"
    if ask.kind == "choice" and text not in ask.choices:
        raise Invalid(field, f"{text!r} is none of the values", "choose one of " + ", ".join(ask.choices))
    if ask.kind == "number":
        return _amount(ask, field, text)
    if ask.kind == "date":
        return instant_of(text, field)
    fault = text_fault(text)
    if fault or len(text) > LONGEST:
        raise Invalid(field, fault or "is too long", f"write at most {LONGEST} characters")
    return text


def _amount(ask: Ask, field: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    low, high = -math.inf if ask.low is None else ask.low, math.inf if ask.high is None else ask.high
    if not math.isfinite(value) or not low <= value <= high:
        raise Invalid(field, f"{text!r} is no number that fits", "see the service's definition")
    return value
