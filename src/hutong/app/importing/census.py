"""部件普查 of a stopped city: a CSV or GeoJSON of the 18 fields becomes components; refusals go into a file beside it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from hutong.app.city import open_city
from hutong.app.clocks import SystemClock
from hutong.engine.census import LAT, LON, POSITION
from hutong.engine.flow.census_desk import CensusDesk, Fated
from hutong.engine.table_text import decoded, rows_of
from hutong.kernel.datums import GeographicDatum
from hutong.kernel.definition.thing import Exchange
from hutong.kernel.errors import Invalid

REFUSED = ".refused.csv"


class Survey(NamedTuple):
    """What the command line asks for."""

    folder: Path
    file: Path
    type: str = ""
    datum: GeographicDatum = "cgcs2000"
    apply: bool = False
    database: str | None = None


class Taken(NamedTuple):
    """How many rows became what, how many stand in another grid than they say, and where refusals were written."""

    counts: dict[str, int]
    elsewhere: int
    refusals: Path | None


def import_components(survey: Survey) -> Taken:
    """Previews the file, or takes it in. Begun again after a break, what was taken in is `same`."""
    running = open_city(survey.folder, SystemClock(), database=survey.database)
    try:
        desk = CensusDesk(running.store, running.clock, running.rulebook, running.directory, survey.type)
        assert desk.exchange is not None
        rows = rows_in(survey.file, desk.exchange)
        return _told(survey.file, desk.run(rows, survey.file.name, datum=survey.datum, apply=survey.apply))
    finally:
        running.close()


def rows_in(file: Path, exchange: Exchange) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(line or feature number, column → text)."""
    content = file.read_bytes()
    if file.suffix.lower() in (".geojson", ".json"):
        return _features(content)
    heads = {one.column: (one.label.zh,) for one in exchange.fields}
    required = [*(one.column for one in exchange.fields if one.required), LON, LAT]
    return rows_of(decoded(content, file.name), {**heads, **POSITION}, required, file.name)


def _features(content: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Points with the fields as properties; a value that is no text is written as text."""
    try:
        collection: Any = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
        features = list(collection["features"])
    except (msgspec.DecodeError, KeyError, TypeError):
        reason = "is no GeoJSON FeatureCollection"
        raise Invalid("file", reason, "export the layer as GeoJSON with points") from None
    for number, feature in enumerate(features, 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        row = {str(name): "" if value is None else str(value) for name, value in (properties or {}).items()}
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if isinstance(geometry, dict) and geometry.get("type") == "Point":
            at: list[Any] = list(geometry.get("coordinates") or ())[:2]
            row |= dict(zip((LON, LAT), map(str, at), strict=False))
        yield number, row


def _told(file: Path, fates: Iterator[Fated]) -> Taken:
    counts: dict[str, int] = {}
    elsewhere = 0
    refusals = file.with_name(file.name + REFUSED)
    refused: list[Fated] = []
    for one in fates:
        counts[one.fate] = counts.get(one.fate, 0) + 1
        elsewhere += one.elsewhere
        if one.fate == "refused":
            refused.append(one)
    if not refused:
        return Taken(counts, elsewhere, None)
    with refusals.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["line", "column", "reason", "remedy"])
        writer.writerows([one.line, one.column, one.reason, one.remedy] for one in refused)
    return Taken(counts, elsewhere, refusals)
