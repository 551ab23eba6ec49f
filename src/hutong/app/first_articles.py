"""The articles a city's knowledge base begins with, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hutong.kernel.base import Instant, Provenance
from hutong.kernel.clock import instant
from hutong.kernel.definition.pack import City
from hutong.kernel.knowledge import Article
from hutong.kernel.ports import Store


def first_articles(
    store: Store, city: City, organisations: Mapping[str, int], at: Instant, made: Provenance
) -> list[Article]:
    """articles.yaml of the city, approved as they stand; `organisations` are ids by code."""
    zone = ZoneInfo(city.head.zone)
    ids = store.new_ids(len(city.articles)) if city.articles else range(0)
    return [
        Article(
            id=id,
            title=entry.title,
            text=entry.text,
            keywords=entry.keywords,
            category=entry.category,
            unit=organisations[entry.unit],
            since=_first(date.fromisoformat(entry.since), zone),
            until=_first(date.fromisoformat(entry.until) + timedelta(1), zone) if entry.until else None,
            source=entry.source,
            state="approved",
            written=at,
            approved=at,
            provenance=made,
        )
        for id, entry in zip(ids, city.articles, strict=True)
    ]


def _first(day: date, zone: ZoneInfo) -> Instant:
    return instant(datetime.combine(day, time(), zone))
