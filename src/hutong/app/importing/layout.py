"""How a table is laid out: which columns hold what, in which unit and time zone (map.yaml)."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hutong.kernel.definition.thing import Strict
from hutong.kernel.errors import Invalid, NotFound
from hutong.loader.problem import Faulty
from hutong.loader.yaml_source import YamlSource

TIME_UNITS = {"s": 1_000_000, "ms": 1000, "us": 1}


class StreamColumn(Strict, frozen=True, kw_only=True):
    """A column of a wide table: the values of one datastream."""

    thing: str = ""
    """Code of the thing."""
    property: str = ""
    """Observed property: `drainage.level`."""
    datastream: int = 0
    """Id of the datastream, instead of thing and property."""
    unit: str = ""
    """UCUM unit in the table, if it is another than the datastream's."""


class Layout(Strict, frozen=True, kw_only=True):
    """map.yaml. Long: a row is one value. Wide (`columns` given): a row is one time, each column a datastream."""

    thing: str = "thing"
    """Column with the thing's code."""
    property: str = "property"
    """Column with the observed property."""
    datastream: str = ""
    """Column with the datastream's id, instead of thing and property."""
    time: str = "time"
    """Column with the time."""
    value: str = "value"
    """Column with the value."""
    quality: str = ""
    """Column with the quality: GOOD, SUSPECT … or its number."""
    columns: dict[str, StreamColumn] = {}
    """Wide tables: column → datastream."""
    time_format: str = ""
    """strptime format (`%Y%m%d%H%M`), or s, ms, us since 1970; empty: RFC 3339 or `2026-07-18 19:00:00`."""
    zone: str = ""
    """IANA zone of times without an offset; empty: the city's."""
    units: dict[str, str] = {}
    """Long tables: observed property → UCUM unit in the table, where it is another than the datastream's."""
    nulls: tuple[str, ...] = ("", "NULL", "null", "NA", "N/A", "NaN", "nan", "-", "—")
    """What stands for no value."""
    encoding: str = "utf-8"
    """Of CSV files: `utf-8`, `gb18030` …"""
    delimiter: str = ","
    """Of CSV files."""

    def wide(self) -> bool:
        return bool(self.columns)

    def needed(self, *, one_stream: bool = False) -> list[str]:
        """The columns that are read; a table of one datastream needs none that names it."""
        if self.wide():
            return [self.time, *self.columns]
        named = [self.datastream] if self.datastream else [self.thing, self.property]
        rest = [self.time, self.value, *([self.quality] if self.quality else [])]
        return rest if one_stream else [*named, *rest]


def read_layout(path: Path | None) -> Layout:
    """The layout in a file; the usual one without."""
    if path is None:
        return Layout()
    if not path.is_file():
        raise NotFound("--map", f"there is no file {path}")
    source = YamlSource(path, path.name)
    found = source.decode(Layout)
    if source.problems or found is None:
        raise Faulty(path.name, source.problems)
    if len(found.delimiter) != 1:
        raise Invalid("delimiter", f"{found.delimiter!r} is not one character")
    return found


def zone_of(layout: Layout, city: str) -> str:
    """The zone of local times; Invalid if nobody knows it."""
    name = layout.zone or city
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid("zone", f"{name!r} is no time zone", "write Asia/Shanghai") from None
    return name
