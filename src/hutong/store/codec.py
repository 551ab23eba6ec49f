"""Structs to stored values and back. Personal text is sealed here, so nothing behind this module ever sees it."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from hutong.kernel.base import Entity
from hutong.kernel.characters import as_json, text_fault
from hutong.kernel.errors import Invalid
from hutong.store.layout import Column, Kind, Noun
from hutong.store.transaction import Row
from hutong.store.vault import Vault
from hutong.store.wkb import box_of

E = TypeVar("E", bound=Entity)
INT64 = 2**63


class Stored(msgspec.Struct, frozen=True):
    """A version of a row as it is kept: `values` in the order of Noun.stored; `hashes` only where known."""

    id: int
    version: int
    values: Row
    hashes: Row = ()


def owner_of(entity: Entity) -> int:
    """The party whose key covers the row's personal fields; without one the row itself owns them."""
    return int(getattr(entity, "subject", None) or entity.id)


def _int(field: str, value: Any) -> int:
    if type(value) is int and -INT64 <= value < INT64:
        return value
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise Invalid(field, f"must be an integer, not {value!r}")
    number = int(value)
    if not -INT64 <= number < INT64:
        raise Invalid(field, f"{number} does not fit 64 bits")
    return number


def _float(field: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Invalid(field, f"must be a number, not {value!r}") from None
    if not math.isfinite(number):
        raise Invalid(field, f"must be a finite number, not {number}", "use null for an unknown value")
    return number


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid(field, f"must be text, not {value!r}")
    fault = text_fault(value)
    if fault:
        raise Invalid(field, fault)
    return value


_EMPTY: dict[type, str] = {dict: "{}", tuple: "[]", list: "[]"}


def _document(field: str, value: Any) -> str:
    if not value and type(value) in _EMPTY:
        return _EMPTY[type(value)]
    content, fault = as_json(value)
    if fault:
        raise Invalid(field, fault)
    return content.decode()


def _geometry(field: str, value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise Invalid(field, f"must be WKB bytes, not {type(value).__name__}")
    return value


_ENCODERS: dict[Kind, Callable[[str, Any], Any]] = {
    "int": _int,
    "float": _float,
    "text": _text,
    "bool": lambda _, value: int(bool(value)),
    "json": _document,
    "wkb": _geometry,
}


def encode_plain(column: Column, field: str, value: Any) -> Any:
    """The stored value of a field that is not personal."""
    if value is None:
        if column.nullable:
            return None
        raise Invalid(field, "must not be null")
    return _ENCODERS[column.kind](field, value)


class Codec:
    """Encodes and decodes with one vault."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    def owners(self, noun: Noun, entity: Entity) -> tuple[int, ...]:
        """Whose key the row's personal text needs: nobody's, if it has none."""
        for name, _ in _personal(noun):
            if getattr(entity, name):
                return (owner_of(entity),)
        return ()

    def encode(self, noun: Noun, entity: Entity, stamps: Row, before: Stored | None) -> Row:
        """Values in the order of Noun.stored. Unchanged personal text keeps its ciphertext."""
        values: list[Any] = list(stamps)
        for name, field, column, encoder in _encoders(noun):
            value = getattr(entity, name)
            if encoder is None:
                old = before.values[len(values)] if before else None
                values.append(self._seal(noun, column, entity, value, old))
            elif value is None:
                values.append(encode_plain(column, field, value))
            else:
                values.append(encoder(field, value))
        if noun.geometry:
            values.extend(box_of(f"{noun.name}.{noun.geometry}", getattr(entity, noun.geometry)))
        return tuple(values)

    def _seal(
        self, noun: Noun, column: Column, entity: Entity, text: str | None, old: bytes | None
    ) -> bytes | None:
        if text is None:
            return None
        owner, aad = owner_of(entity), _aad(noun, column.name, entity.id)
        if old is not None and self.vault.owner_of(old) == owner:
            known = self.vault.open(old, aad)
            if known == text.encode() or (known is None and not text):
                return old
        return self.vault.seal(owner, _text(f"{noun.name}.{column.name}", text).encode(), aad)

    def hashes(self, noun: Noun, entity: Entity) -> Row:
        """Keyed hashes, in the order of Noun.hashes."""
        return tuple(
            self.vault.fingerprint(f"{noun.name}.{column.name}", text) if text else None
            for column in noun.columns
            if column.hashed
            for text in (getattr(entity, column.name),)
        )

    def decode(self, struct: type[E], noun: Noun, row: Sequence[Any]) -> E:
        """From `id, lane, version` and the columns of the noun."""
        fields = dict(zip(field_names(noun), row, strict=False))
        for name, decoder in _decoders(noun):
            text = fields[name]
            if text is not None:
                fields[name] = decoder(text)
        for name, empty in _personal(noun):
            sealed = fields[name]
            if sealed is not None:
                content = self.vault.open(sealed, _aad(noun, name, row[0]))
                fields[name] = empty if content is None else content.decode()
        return struct(**fields)


def _aad(noun: Noun, field: str, id: int) -> bytes:
    return f"{noun.name}/{id}/{field}".encode()


@functools.cache
def _encoders(noun: Noun) -> tuple[tuple[str, str, Column, Callable[[str, Any], Any] | None], ...]:
    """Name, name in errors, column and encoder of each field; None for what is sealed."""
    return tuple(
        (column.name, f"{noun.name}.{column.name}", column, _ENCODERS.get(column.kind))
        for column in noun.columns
    )


@functools.cache
def field_names(noun: Noun) -> tuple[str, ...]:
    """What a row that is read holds, in order."""
    return ("id", "lane", "version", *(column.name for column in noun.columns))


@functools.cache
def _decoders(noun: Noun) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    found: list[tuple[str, Callable[[Any], Any]]] = []
    for column in noun.columns:
        if column.kind == "json":
            found.append((column.name, _json_decoder(column)))
        elif column.kind == "bool":
            found.append((column.name, bool))
    return tuple(found)


def _json_decoder(column: Column) -> Callable[[Any], Any]:
    decode = msgspec.json.Decoder(column.type).decode
    return functools.lru_cache(maxsize=256)(decode) if column.name == "provenance" else decode


@functools.cache
def _personal(noun: Noun) -> tuple[tuple[str, str | None], ...]:
    """Personal fields and what an erased one reads as."""
    return tuple(
        (column.name, None if column.nullable else "") for column in noun.columns if column.kind == "cipher"
    )
