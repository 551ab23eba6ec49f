"""Cases as far as counts look at them, read as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hutong.kernel.base import Facts, Instant
from hutong.kernel.case import CaseClock, Category, Deed


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A case without its texts and personal fields; the names are those of Case."""

    id: int
    procedure: str
    state: str
    category: Category
    source: str
    place: int | None
    thing: int | None
    subject: int | None
    opened: Instant
    opened_by: int
    filed: Instant | None
    fed_back: Instant | None
    closed: Instant | None
    ending: str
    joined_to: int | None
    parent: int | None
    external: str
    organisation: int | None
    holder: int | None
    urgency: str
    clocks: tuple[CaseClock, ...]
    deeds: tuple[Deed, ...]
    rounds: int
    returns: int
    extensions: int
    suspended: Facts
    facts: Facts


FIELDS = Seen.__struct_fields__
_JSON: dict[str, msgspec.json.Decoder[Any]] = {
    "category": msgspec.json.Decoder(Category),
    "clocks": msgspec.json.Decoder(tuple[CaseClock, ...]),
    "deeds": msgspec.json.Decoder(tuple[Deed, ...]),
    "suspended": msgspec.json.Decoder(Facts),
    "facts": msgspec.json.Decoder(Facts),
}


def read(columns: Mapping[str, Sequence[Any]]) -> list[Seen]:
    """What `Reader.columns` gave for FIELDS."""
    parts = [
        [decoder.decode(text) for text in columns[name]] if (decoder := _JSON.get(name)) else columns[name]
        for name in FIELDS
    ]
    return [Seen(**dict(zip(FIELDS, row, strict=True))) for row in zip(*parts, strict=True)]
