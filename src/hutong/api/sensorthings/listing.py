"""Pages of entities, with what is expanded in them."""

from __future__ import annotations

from typing import Any

import msgspec

from hutong.api.sensorthings.lookup import Item, Lookup
from hutong.api.sensorthings.model import SETS, EntitySet
from hutong.api.sensorthings.options import LARGEST_PAGE, Options, Wish
from hutong.api.sensorthings.render import Mask, body_of
from hutong.api.sensorthings.translate import Source, Translator, sources
from hutong.kernel.errors import Invalid
from hutong.kernel.query import EVERYTHING, both

MOST_SKIPPED = 10_000
MOST_COUNTED = 100_000
_ENDED = "end"
_BETWEEN = "~"


class Listed(msgspec.Struct, frozen=True):
    """A page; `after` leads to the next, None at the end."""

    items: list[Item]
    after: str | None = None
    count: int | None = None


class Lister:
    """Lists entity sets that are kept as rows, whole or from one entity on."""

    def __init__(self, lookup: Lookup, mask: Mask, hidden: frozenset[str]) -> None:
        self.lookup = lookup
        self.mask = mask
        self.hidden = hidden

    def page(self, of: EntitySet, parent: Item | None, name: str, options: Options) -> Listed:
        """A page of a set, or of what the parent's navigation property `name` leads to."""
        if of.name == "HistoricalLocations":
            return self._historical(parent, options)
        within = EVERYTHING if parent is None else self.lookup.where(parent, name)
        given = sources(of, within)
        count = sum(self._count(of, one, options) for one in given) if options.count else None
        if options.top == 0:
            return Listed([], None, count)
        skip = _skipped(options)
        size = options.size(LARGEST_PAGE)
        cursors = _cursors(options.after, len(given))
        if len(given) == 1:
            rows, after = self._rows(of, given[0], options, size + skip, cursors[0] or None)
            return Listed([Item(of, row) for row in rows[skip:]], after, count)
        items, after = self._merged(of, given, options, size + skip, cursors)
        return Listed(items[skip:], after, count)

    def _where(self, of: EntitySet, source: Source, options: Options) -> Any:
        translator = Translator(of, source.fields, self.lookup.reader, self.hidden)
        return both(source.where, translator.condition(options.filter) if options.filter else None)

    def _count(self, of: EntitySet, source: Source, options: Options) -> int:
        where = self._where(of, source, options)
        return self.lookup.reader.count(source.noun, where, at_most=MOST_COUNTED)

    def _rows(
        self, of: EntitySet, source: Source, options: Options, limit: int, after: str | None
    ) -> tuple[list[Any], str | None]:
        order = Translator(of, source.fields, self.lookup.reader, self.hidden).order(options.orderby)
        page = self.lookup.reader.find(
            source.noun, self._where(of, source, options), order=order, limit=limit, after=after
        )
        return list(page.rows), page.after

    def _merged(
        self, of: EntitySet, given: list[Source], options: Options, limit: int, cursors: list[str]
    ) -> tuple[list[Item], str | None]:
        """The first `limit` rows of several sources in one order, and where each of them goes on."""
        fetched: list[tuple[list[Item], str | None]] = []
        for source, cursor in zip(given, cursors, strict=True):
            if cursor == _ENDED:
                fetched.append(([], None))
                continue
            rows, after = self._rows(of, source, options, limit, cursor or None)
            fetched.append(([Item(of, row) for row in rows], after))
        every = [(at, item) for at, (items, _) in enumerate(fetched) for item in items]
        taken = self._sorted(every, options.orderby)[:limit]
        ends: list[str] = []
        for at, (items, after) in enumerate(fetched):
            used = sum(1 for one, _ in taken if one == at)
            if used == len(items):
                ends.append(after or _ENDED)
            elif used == 0:
                ends.append(cursors[at])
            else:
                ends.append(self._rows(of, given[at], options, used, cursors[at] or None)[1] or _ENDED)
        more = any(end != _ENDED for end in ends)
        return [item for _, item in taken], _BETWEEN.join(ends) if more else None

    def _sorted(self, rows: list[tuple[int, Item]], wishes: tuple[Wish, ...]) -> list[tuple[int, Item]]:
        last = wishes[-1].descending if wishes else False
        rows = sorted(rows, key=lambda row: row[1].id, reverse=last)
        for wish in reversed(wishes):
            rows = sorted(rows, key=lambda row: self._key(row[1], wish), reverse=wish.descending)
        return rows

    def _key(self, item: Item, wish: Wish) -> Any:
        if wish.path == ("id",):
            return item.id
        value: Any = body_of(item, self.mask)
        for step in wish.path:
            value = value.get(step) if isinstance(value, dict) else None
        number = value if isinstance(value, int | float) else 0
        return value is None, number, value if isinstance(value, str) else ""

    def _historical(self, parent: Item | None, options: Options) -> Listed:
        """HistoricalLocations of a thing or location, newest first; of all things, thing by thing."""
        if options.filter is not None or any(
            wish.path not in (("time",), ("id",)) for wish in options.orderby
        ):
            raise Invalid("$filter", "is not offered for HistoricalLocations", "order by time")
        size, skip = options.size(LARGEST_PAGE), _skipped(options)
        if parent is None:
            return self._all_historical(size, skip, options)
        rows = [one for thing in self._things(parent) for one in self.lookup.history(thing)]
        if parent.set.name == "Locations":
            rows = [one for one in rows if parent.id in one.locations]
        newest = not options.orderby or options.orderby[0].descending
        rows.sort(key=lambda one: (one.time, one.id), reverse=newest)
        start = int(options.after) if options.after and options.after.isdigit() else skip
        items = [Item(SETS["HistoricalLocations"], one) for one in rows[start : start + size]]
        after = str(start + size) if start + size < len(rows) and size else None
        return Listed(items, after, len(rows) if options.count else None)

    def _things(self, parent: Item) -> list[Any]:
        if parent.set.name == "Things":
            return [parent.row]
        where = self.lookup.where(parent, "Things")
        return list(self.lookup.reader.find(SETS["Things"].noun or type(parent.row), where, limit=1000).rows)

    def _all_historical(self, size: int, skip: int, options: Options) -> Listed:
        """Whole things at a time, so a page may hold a few more than asked."""
        of, things = SETS["HistoricalLocations"], SETS["Things"]
        wanted, after, items = size + skip, options.after, list[Item]()
        while len(items) < wanted:
            page = self.page(things, None, "", Options(top=min(wanted, 100), after=after))
            items += [Item(of, one) for thing in page.items for one in self.lookup.history(thing.row)]
            after = page.after
            if after is None:
                break
        return Listed(items[skip:], after, None)


def _skipped(options: Options) -> int:
    if options.skip > MOST_SKIPPED:
        raise Invalid("$skip", f"goes beyond {MOST_SKIPPED}", "follow @iot.nextLink instead")
    return 0 if options.after else options.skip


def _cursors(after: str | None, count: int) -> list[str]:
    if not after:
        return [""] * count
    given = after.split(_BETWEEN) if count > 1 else [after]
    if len(given) != count:
        raise Invalid("$skiptoken", "is not one of ours", "follow @iot.nextLink as it stands")
    return given
