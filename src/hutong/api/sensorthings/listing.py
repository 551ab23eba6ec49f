"""Pages of entities, with what is expanded in them."""

from __future__ import annotations

from typing import Any

import msgspec

from hutong.api.sensorthings.links import Source, sources, streams_of_features
from hutong.api.sensorthings.lookup import Item, Lookup
from hutong.api.sensorthings.model import LINKS, EntitySet
from hutong.api.sensorthings.options import LARGEST_PAGE, Options, Wish
from hutong.api.sensorthings.render import Mask, body_of
from hutong.api.sensorthings.translate import Beyond, Translator
from hutong.kernel.errors import Invalid
from hutong.kernel.query import EVERYTHING, Expr, both
from hutong.kernel.thing import Feature

MOST_SKIPPED = 10_000
MOST_COUNTED = 100_000
_ENDED = "end"
_BETWEEN = "~"


class Listed(msgspec.Struct, frozen=True):
    """A page; `after` leads to the next, None at the end. `bound`: there are at least `count`, perhaps more."""

    items: list[Item]
    after: str | None = None
    count: int | None = None
    bound: bool = False


class Lister:
    """Lists entity sets that are kept as rows, whole or from one entity on."""

    def __init__(self, lookup: Lookup, mask: Mask, beyond: Beyond) -> None:
        self.lookup = lookup
        self.mask = mask
        self.beyond = beyond
        self.as_of = lookup.sight.as_of

    def page(self, of: EntitySet, parent: Item | None, name: str, options: Options) -> Listed:
        """A page of a set, or of what the parent's navigation property `name` leads to."""
        within = EVERYTHING if parent is None else self.lookup.where(parent, name)
        given = sources(of, within)
        count = sum(self._count(one, options) for one in given) if options.count else None
        bound = count is not None and count >= MOST_COUNTED
        if options.top == 0:
            return Listed([], None, count, bound)
        skip = skipped(options)
        size = options.size(LARGEST_PAGE)
        cursors = _cursors(options.after, len(given))
        if len(given) == 1:
            rows, after = self._rows(given[0], options, size + skip, cursors[0] or None)
            return Listed([Item(of, row) for row in rows[skip:]], after, count, bound)
        items, after = self._merged(of, given, options, size + skip, cursors)
        return Listed(items[skip:], after, count, bound)

    def each(self, of: EntitySet, parents: list[Item], name: str, options: Options) -> dict[int, Listed]:
        """The first page of each of many parents' children, by one query; for links that one field keeps."""
        link = LINKS[of.name, parents[0].set.single]
        source = sources(of)[0]
        where = self._where(source, options)
        skip, size = skipped(options), options.size(LARGEST_PAGE)
        ids = [parent.id for parent in parents]
        pages = self.lookup.reader.find_each(
            source.noun,
            link,
            ids,
            where,
            order=Translator(source, self.beyond).order(options.orderby),
            limit=size + skip,
            as_of=self.as_of,
        )
        found: dict[int, Listed] = {}
        for id in ids:
            page = pages.get(id)
            rows, after = (page.rows[skip:], page.after) if page else ((), None)
            found[id] = Listed([Item(of, row) for row in rows], after)
        return found

    def _where(self, source: Source, options: Options) -> Expr:
        where = both(source.where, self.lookup.sight.of(source))
        if source.of.name == "FeaturesOfInterest" and source.noun is not Feature:
            where = both(where, streams_of_features(source, EVERYTHING))
        if options.filter is None:
            return where
        return both(where, Translator(source, self.beyond).condition(options.filter))

    def _count(self, source: Source, options: Options) -> int:
        where = self._where(source, options)
        return self.lookup.reader.count(source.noun, where, at_most=MOST_COUNTED, as_of=self.as_of)

    def _rows(
        self, source: Source, options: Options, limit: int, after: str | None
    ) -> tuple[list[Any], str | None]:
        order = Translator(source, self.beyond).order(options.orderby)
        page = self.lookup.reader.find(
            source.noun,
            self._where(source, options),
            order=order,
            limit=limit,
            after=after,
            as_of=self.as_of,
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
            rows, after = self._rows(source, options, limit, cursor or None)
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
                ends.append(self._rows(given[at], options, used, cursors[at] or None)[1] or _ENDED)
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


def skipped(options: Options) -> int:
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
