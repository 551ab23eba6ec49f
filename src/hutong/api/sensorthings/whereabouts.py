"""HistoricalLocations: where things were, worked out from their versions; read thing by thing, never all at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from odata_query import ast

from hutong.api.sensorthings.links import sources
from hutong.api.sensorthings.listing import Listed, Lister, skipped
from hutong.api.sensorthings.lookup import VERSION_SHIFT, HistoricalLocation, Item
from hutong.api.sensorthings.model import SETS, EntitySet
from hutong.api.sensorthings.odata import chain, joined, paths_in, without
from hutong.api.sensorthings.options import LARGEST_PAGE, Options
from hutong.api.sensorthings.predicate import Among, Predicate
from hutong.api.sensorthings.tables import PlaceTable
from hutong.api.sensorthings.translate import Translator
from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.query import Compare, Expr, Field, Value, both
from hutong.kernel.thing import Thing

MOST = 10_000
"""Most locations a condition may hold for, and most things whose positions are sorted or searched together."""
AT_ONCE = 200


class Whereabouts:
    """Lists HistoricalLocations through one lister."""

    def __init__(self, lister: Lister, now: Instant) -> None:
        self.lister = lister
        self.lookup = lister.lookup
        self.now = now
        self.of = SETS["HistoricalLocations"]

    def page(self, parent: Item | None, options: Options) -> Listed:
        """A page, newest first where it is of one thing or location or ordered by time; else thing by thing: then a page
        may be short and still have a next one."""
        if any(wish.path not in (("time",), ("id",)) for wish in options.orderby):
            raise Invalid("$orderby", "HistoricalLocations are ordered by time or id", "order by time")
        if options.skip > 0 or options.orderby or parent is not None or options.count:
            return self._sorted(parent, options)
        last = int(_whole(options.after)) if options.after else 0
        things, more = self._things(options.filter, last >> VERSION_SHIFT, AT_ONCE)
        size = options.size(LARGEST_PAGE)
        beyond = (item for item in self._held(things, options) if item.id > last)
        held = sorted(beyond, key=lambda item: item.id)
        if len(held) > size:
            return Listed(held[:size], str(held[size - 1].id) if size else None)
        return Listed(held, str((things[-1].id + 1 << VERSION_SHIFT) - 1) if more and size else None)

    def of_each(self, parents: list[Item], options: Options) -> dict[int, Listed]:
        """The first page of each of many things."""
        held = self._held([parent.row for parent in parents], options)
        found: dict[int, Listed] = {}
        for parent in parents:
            own = [item for item in held if item.row.thing == parent.id]
            found[parent.id] = _cut(own, options)
        return found

    def having(self, node: Any) -> list[HistoricalLocation]:
        """Those that a condition holds for. Invalid if too many things are to be looked through."""
        return [item.row for item in self._held(self._all_things(node), Options(filter=node))]

    def _sorted(self, parent: Item | None, options: Options) -> Listed:
        if parent is None:
            things = self._all_things(options.filter)
        elif parent.set.name == "Things":
            things = [parent.row]
        else:
            where = self.lookup.where(parent, "Things")
            things = self._found(where, MOST)
        items = self._held(things, options)
        if parent is not None and parent.set.name == "Locations":
            items = [item for item in items if parent.id in item.row.locations]
        return _cut(items, options)

    def _all_things(self, node: Any) -> list[Thing]:
        things, more = self._things(node, 0, MOST)
        if more:
            reason = f"looks through more than {MOST} things"
            raise Invalid("$filter", reason, "narrow it by Thing/…, or follow @iot.nextLink without an order")
        return things

    def _things(self, node: Any, first: int, limit: int) -> tuple[list[Thing], bool]:
        """Things in order of id from `first` on that the conditions on Thing hold for; whether there are more."""
        about = [one for one in chain(node, ast.And) if _about(one, "Thing")] if node else []
        source = sources(SETS["Things"])[0]
        where: list[Expr] = [Compare("ge", Field(("id",)), Value(first))]
        if about:
            inner = without(joined(ast.And, about), "Thing")
            where.append(Translator(source, self.lister.beyond).condition(inner))
        rows = self._found(both(*where), limit + 1)
        return rows[:limit], len(rows) > limit

    def _found(self, where: Expr, limit: int) -> list[Thing]:
        where = both(where, self.lookup.sight.of(sources(SETS["Things"])[0]))
        page = self.lookup.reader.find(Thing, where, limit=limit, as_of=self.lookup.sight.as_of)
        return list(page.rows)

    def _held(self, things: list[Thing], options: Options) -> list[Item]:
        """Positions of things, oldest first, that the filter holds for."""
        histories = self.lookup.histories(things)
        rows = [one for thing in things for one in histories.get(thing.id, [])]
        if options.filter is not None and rows:
            held = Predicate(self._resolved(options.filter), self.now).rows(PlaceTable(rows))
            rows = [rows[at] for at in np.flatnonzero(held).tolist()]
        return [Item(self.of, row) for row in rows]

    def _resolved(self, node: Any) -> Any:
        """The node with conditions on Thing and Locations as ids."""
        match node:
            case ast.BoolOp(op, _, _):
                return joined(type(op), [self._resolved(one) for one in chain(node, type(op))])
            case ast.UnaryOp(op, operand) if isinstance(op, ast.Not):
                return ast.UnaryOp(op, self._resolved(operand))
        for name, of in (("Thing", SETS["Things"]), ("Locations", SETS["Locations"])):
            if _about(node, name):
                return Among(name, self._ids(of, without(node, name)))
        return node

    def _ids(self, of: EntitySet, node: Any) -> Any:
        ids: list[int] = []
        for source in sources(of):
            where = both(source.where, Translator(source, self.lister.beyond).condition(node))
            page = self.lookup.reader.find(source.noun, where, limit=MOST, as_of=self.lookup.sight.as_of)
            if page.after is not None:
                raise Invalid("$filter", f"the condition holds for more than {MOST} {of.name}", "narrow it")
            ids += [row.id for row in page.rows]
        return np.array(sorted(ids), np.int64)


def _about(node: Any, name: str) -> bool:
    paths = paths_in(node)
    return bool(paths) and all(path[0] == name and len(path) > 1 for path in paths)


def _whole(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid("$skiptoken", "is not one of ours", "follow @iot.nextLink as it stands")
    return text


def _cut(items: list[Item], options: Options) -> Listed:
    """A page of rows, newest first unless an order is asked; the cursor is the time and id of the last row."""
    wish = options.orderby[0] if options.orderby else None
    down = wish is None or wish.descending
    by_id = wish is not None and wish.path == ("id",)
    keys = [(0 if by_id else item.row.time, item.id) for item in items]
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=down)
    if options.after is not None:
        time, _, id = options.after.partition(".")
        last = (int(_whole(time.lstrip("-"))) * (-1 if time.startswith("-") else 1), int(_whole(id)))
        order = [at for at in order if (keys[at] < last if down else keys[at] > last)]
    size, skip = options.size(LARGEST_PAGE), skipped(options)
    page = order[skip : skip + size]
    more = len(order) > skip + size and size > 0
    after = f"{keys[page[-1]][0]}.{keys[page[-1]][1]}" if more else None
    return Listed([items[at] for at in page], after, len(items) if options.count else None)
