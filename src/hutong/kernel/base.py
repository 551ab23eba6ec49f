"""What every row of Hutong has: an id, a version, provenance, a retired time."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Annotated, Any, Literal

import msgspec

Instant = int
"""A point in time: microseconds since 1970-01-01T00:00:00Z."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class DataClass(IntEnum):
    """Internal levels of 一般数据 (GB/T 43697-2024; the four-way split is common practice, 待核实)."""

    PUBLIC = 1
    INTERNAL = 2
    SENSITIVE = 3
    HIGHLY_SENSITIVE = 4


PersonalText = Annotated[str, msgspec.Meta(extra={"data_class": int(DataClass.SENSITIVE)})]
"""Text about a person: stored only as ciphertext under the key of the row's `subject`."""

SearchableText = Annotated[
    str, msgspec.Meta(extra={"data_class": int(DataClass.SENSITIVE), "keyed_hash": True})
]
"""Personal text that can be looked up as a whole, by a keyed hash."""


class Label(msgspec.Struct, frozen=True):
    """A name in both languages."""

    zh: str
    en: str = ""

    def text(self, language: str) -> str:
        return (self.en or self.zh) if language.startswith("en") else (self.zh or self.en)


class Provenance(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a row comes from: `recorded` (source, licence), `derived` (by which code) or `simulated`."""

    kind: Literal["recorded", "derived", "simulated"]
    source: str = ""
    licence: str = ""


RECORDED = Provenance("recorded")


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a noun or of a part of it.

    `version` is the stored version the row was read at; 0 means it was never stored.
    A row with personal fields has a `subject`: the id of the party they are about.
    """

    id: int
    lane: int = 1
    version: int = 0
    provenance: Provenance = RECORDED
    retired: Instant | None = None


def noun_name(struct: type[Entity]) -> str:
    """`ObservedProperty` → `observed_property`: the name in tables, journal and API."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", struct.__name__).lower()


Facts = dict[str, Any]
"""Free JSON facts: only str, int, float, bool, None, list, dict."""
