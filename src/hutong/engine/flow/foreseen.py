"""The store as it will be once a command is kept: what judges the rows of a new datastream must know it before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from hutong.kernel.base import Entity, Instant
from hutong.kernel.errors import NotFound
from hutong.kernel.ports import Reader
from hutong.kernel.query import EVERYTHING, Expr, Order, Page

E = TypeVar("E", bound=Entity)


class Foreseen:
    """A Reader in which `puts` stand already. Filters other than everything see stored rows only."""

    def __init__(self, reader: Reader, puts: Iterable[Entity]) -> None:
        self._reader = reader
        self._puts: dict[type[Entity], dict[int, Entity]] = {}
        for entity in puts:
            self._puts.setdefault(type(entity), {})[entity.id] = entity

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def get(self, noun: type[E], id: int, *, as_of: Instant | None = None) -> E:
        found = self.many(noun, [id]).get(id) if as_of is None else None
        if found is None and as_of is None:
            raise NotFound(noun.__name__, f"there is no {noun.__name__} {id}")
        return self._reader.get(noun, id, as_of=as_of) if found is None else found

    def many(self, noun: type[E], ids: Sequence[int], *, as_of: Instant | None = None) -> dict[int, E]:
        if as_of is not None:
            return self._reader.many(noun, ids, as_of=as_of)
        own: dict[int, Any] = self._puts.get(noun, {})
        found: dict[int, E] = self._reader.many(noun, [id for id in ids if id not in own])
        return {id: own.get(id) or found[id] for id in ids if id in own or id in found}

    def find(
        self,
        noun: type[E],
        where: Expr = EVERYTHING,
        *,
        order: Sequence[Order] = (),
        limit: int = 100,
        after: str | None = None,
        as_of: Instant | None = None,
        retired: bool = False,
    ) -> Page[E]:
        page = self._reader.find(
            noun, where, order=order, limit=limit, after=after, as_of=as_of, retired=retired
        )
        own: dict[int, Any] = self._puts.get(noun, {})
        if not own or where != EVERYTHING or as_of is not None:
            return page
        rows = [own.get(row.id, row) for row in page.rows]
        if page.after is None:
            rows += [row for row in own.values() if row.version == 0]
        kept = [row for row in rows if retired or row.retired is None]
        return msgspec.structs.replace(page, rows=type(page.rows)(kept))
