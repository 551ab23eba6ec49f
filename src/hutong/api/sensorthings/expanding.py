"""Entities with what is expanded in them: level by level, one query for all entities of a level where links are kept in
rows."""

from __future__ import annotations

from collections.abc import Callable

from hutong.api.sensorthings.listing import Listed, skipped
from hutong.api.sensorthings.lookup import Item, Lookup
from hutong.api.sensorthings.model import LINKS, SETS, EntitySet
from hutong.api.sensorthings.options import LARGEST_PAGE, PAGE, Options, query_after
from hutong.api.sensorthings.render import Facts, Links
from hutong.api.sensorthings.worked_out import WorkedOut
from hutong.kernel.errors import NotFound
from hutong.kernel.thing import Datastream

Bodies = Callable[[list[Item], Options, bool], list[Facts]]
Page = Callable[[EntitySet, Item | None, str, Options], Listed]
Arrays = Callable[[list[Item], Options], list[Facts]]
COUNT_IS_BOUND = "@iot.count@hutong.atLeast"


class Expander:
    """Makes the JSON of entities through one lookup. `bodies` gives own properties, `page` lists of one entity."""

    def __init__(
        self, lookup: Lookup, links: Links, worked: WorkedOut, bodies: Bodies, page: Page, arrays: Arrays
    ) -> None:
        self.lookup = lookup
        self.links = links
        self.worked = worked
        self.bodies = bodies
        self.page = page
        self.arrays = arrays
        self.moment = ""
        """`$as_of` as it was written, for links to further pages."""

    def entities(self, items: list[Item], options: Options, *, alone: bool = False) -> list[Facts]:
        """Entities of one set with their links and what is expanded in them."""
        made = self.bodies(items, options, alone)
        found = [self.links.wrap(item, body, options) for item, body in zip(items, made, strict=True)]
        for name, inner in options.expand.items() if items else ():
            if items[0].set.navs[name].many:
                self._many(items, found, name, inner)
            else:
                self._single(items, found, name, inner)
        return found

    def _single(self, items: list[Item], found: list[Facts], name: str, inner: Options) -> None:
        target = SETS[items[0].set.navs[name].to]
        ids = self._ids(items, name)
        rows = self.lookup.many(target, [id for id in ids if id])
        shown = dict(zip(rows, self.entities(list(rows.values()), inner), strict=True))
        for facts, id in zip(found, ids, strict=True):
            facts[name] = dict(shown[id]) if id in shown else None

    def _ids(self, items: list[Item], name: str) -> list[int]:
        """The entity that each leads to; 0 where there is none."""
        field = LINKS.get((items[0].set.name, name))
        if field is not None:
            return [getattr(item.row, field) for item in items]
        if name == "Datastream":
            return [item.row.stream for item in items]
        if name == "Thing":
            return [item.row.thing for item in items]
        streams = self.lookup.many(
            SETS["Datastreams"], [one.row.stream for one in items if not one.row.feature]
        )
        self.lookup.many(SETS["Things"], [one.row.thing for one in streams.values()])
        return [item.row.feature or self._place(item.row.stream) for item in items]

    def _place(self, stream: int) -> int:
        try:
            return self.lookup.place_of(stream)
        except NotFound:
            return 0

    def _many(self, items: list[Item], found: list[Facts], name: str, inner: Options) -> None:
        target = SETS[items[0].set.navs[name].to]
        pages = self._pages(target, items, name, inner)
        if inner.arrays:
            made = [self.arrays(pages[item.id].items, inner) for item in items]
        else:
            every = [one for item in items for one in pages[item.id].items]
            shown = iter(self.entities(every, inner))
            made = [[next(shown) for _ in pages[item.id].items] for item in items]
        for item, facts, children in zip(items, found, made, strict=True):
            listed = pages[item.id]
            facts[name] = children
            facts.update({f"{name}{key}": value for key, value in counted(listed).items()})
            if listed.after is not None:
                rest = query_after(inner, listed.after) + self.moment
                facts[f"{name}@iot.nextLink"] = f"{self.links.of(item)}/{name}?{rest}"

    def _pages(self, target: EntitySet, items: list[Item], name: str, inner: Options) -> dict[int, Listed]:
        """The first page of each entity's list."""
        of = items[0].set
        if name == "Observations" and of.name == "Datastreams":
            together = self._observed(items, inner)
            if together is not None:
                return together
        if not inner.count:
            if (target.name, of.single) in LINKS and inner.top != 0:
                return self.worked.lister.each(target, items, name, inner)
            if name == "HistoricalLocations" and of.name == "Things":
                return self.worked.whereabouts.of_each(items, inner)
            known = {item.id: self.lookup.ids(item, name) for item in items}
            short = all(ids is not None and len(ids) <= inner.size(PAGE) for ids in known.values())
            if short and not inner.filter and not inner.orderby:
                return self._named(target, {id: ids or () for id, ids in known.items()}, inner)
        return {item.id: self.page(target, item, name, inner) for item in items}

    def _observed(self, items: list[Item], inner: Options) -> dict[int, Listed] | None:
        """Observations of many datastreams by one read, where that is less work."""
        streams: dict[int, Datastream] = {item.id: item.row for item in items}
        if _only_newest(inner) and not inner.count:
            return self.worked.history.newest_of(streams)
        return self.worked.history.first_of(streams, inner) if len(items) > 1 else None

    def _named(self, target: EntitySet, ids: dict[int, tuple[int, ...]], inner: Options) -> dict[int, Listed]:
        """Short lists whose ids the rows know."""
        skip, size = skipped(inner), inner.size(LARGEST_PAGE)
        rows = self.lookup.many(target, [one for some in ids.values() for one in some])
        return {
            id: Listed([rows[one] for one in sorted(some) if one in rows][skip : skip + size])
            for id, some in ids.items()
        }


def counted(listed: Listed) -> Facts:
    """The count, where it was asked, and whether there may be more."""
    if listed.count is None:
        return {}
    found: Facts = {"@iot.count": listed.count}
    return found | {COUNT_IS_BOUND: True} if listed.bound else found


def _only_newest(options: Options) -> bool:
    """`$top=1;$orderby=phenomenonTime desc` and no filter."""
    first = options.orderby[0] if options.orderby else None
    newest = first is not None and first.path == ("phenomenonTime",) and first.descending
    return newest and options.top == 1 and options.filter is None and not options.skip and not options.after
