"""Some fields of many rows, without making structs of them; and which rows records of the journal are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hutong.kernel.base import Entity
from hutong.kernel.errors import Invalid
from hutong.store.codec import Codec
from hutong.store.compile import Compiler
from hutong.store.find import Asked, conditions_of
from hutong.store.layout import noun_of
from hutong.store.piece import joined
from hutong.store.scoped import open_ones
from hutong.store.sql import quoted
from hutong.store.transaction import Tx

MOST_RECORDS = 5000
"""Records looked through; after more than that, reading everything anew costs less."""


class _Body(msgspec.Struct):
    subjects: list[tuple[str, int, int]] = []
    bulk: dict[str, Any] | None = None


_body = msgspec.json.Decoder(_Body)


def columns(
    tx: Tx, codec: Codec, struct: type[Entity], lanes: tuple[int, ...], fields: Sequence[str], asked: Asked
) -> dict[str, list[Any]]:
    """The fields of all rows that match, by ascending id; JSON as its text."""
    noun = noun_of(struct)
    for field in fields:
        column = noun.column(field)
        if column is None and field not in ("id", "lane", "version"):
            raise Invalid(field, f"{noun.name} has no such field")
        if column is not None and column.kind == "cipher":
            raise Invalid(field, "is personal: read whole rows")
    history = asked.as_of is not None
    lead = None if history or asked.retired else open_ones(tx, noun, asked.where)
    compiler = Compiler(tx, noun, codec.vault, lanes, asked.as_of)
    condition = joined(conditions_of(compiler, asked, lead), "AND")
    source = f"{compiler.source} t" if lead is None else lead.source
    order = "t.id"
    if lead is not None:
        condition = joined([lead.joining, condition], "AND")
        order = "+s.id" if tx.dialect == "sqlite" else "s.id"
    sql = f"SELECT {quoted(fields, 't.')} FROM {source} WHERE {condition.sql} ORDER BY {order}"
    rows = tx.rows(sql, list(condition.values))
    found = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in fields]
    return dict(zip(fields, found, strict=True))


def touched(
    tx: Tx, nouns: Sequence[type[Entity]], since: Mapping[int, int]
) -> tuple[dict[int, int], dict[type[Entity], set[int]] | None]:
    """The last position of every lane, and the rows of these nouns that records behind `since` (of each lane) are about;
    None if there are too many to tell."""
    heads = {int(lane): int(position) for lane, position in tx.rows("SELECT lane, position FROM lane", ())}
    names = {noun_of(noun).name: noun for noun in nouns}
    found: dict[type[Entity], set[int]] = {noun: set() for noun in nouns}
    if sum(head - since.get(lane, 0) for lane, head in heads.items()) > MOST_RECORDS:
        return heads, None
    for lane, head in heads.items():
        if head <= since.get(lane, 0):
            continue
        sql = "SELECT body FROM journal WHERE lane = ? AND position > ?"
        for (content,) in tx.rows(sql, (lane, since.get(lane, 0))):
            body = _body.decode(content)
            if body.bulk is not None and body.bulk.get("noun") in names:
                return heads, None
            for name, id, _ in body.subjects:
                if name in names:
                    found[names[name]].add(id)
    return heads, found
