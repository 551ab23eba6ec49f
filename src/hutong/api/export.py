"""GET /streams/export.…: rows of streams as CSV or Parquet, page by page, whatever their number."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from litestar import Response, Router, get
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter
from litestar.response import File, Stream

from hutong.api.access import access
from hutong.api.chosen import Chosen, chosen
from hutong.api.csv_table import cell, table
from hutong.api.house import House
from hutong.api.requests import TheActor, TheHouse
from hutong.api.shapes import instant_of, instants_text, numbers
from hutong.api.stream_table import StreamTable
from hutong.kernel.access import Actor
from hutong.kernel.base import DAY, Instant, Label
from hutong.kernel.clock import moment
from hutong.kernel.errors import Invalid, Unavailable
from hutong.kernel.observation import ObservationBatch

PAGE = 50_000
HEAD = {
    "stream": Label("数据流", "Stream"),
    "code": Label("对象编码", "Thing code"),
    "thing": Label("对象", "Thing"),
    "property": Label("观测属性", "Observed property"),
    "unit": Label("单位", "Unit"),
    "time": Label("时间", "Time"),
    "result": Label("结果", "Result"),
    "quality": Label("质量", "Quality"),
}


class Wanted(msgspec.Struct, frozen=True):
    """What is exported: rows of a stream table, start ≤ time < end."""

    table: StreamTable
    rows: list[int]
    start: Instant
    end: Instant


def _wanted(house: House, actor: Actor, which: Chosen, start: str | None, end: str | None) -> Wanted:
    if not which.narrowed:
        raise Invalid("streams", "nothing is chosen", "name streams, or a thing, type, property or place")
    until = instant_of(end, "end") or house.now() + 1
    since = instant_of(start, "start")
    found, rows = which.rows(house, actor)
    return Wanted(found, rows.tolist(), until - DAY if since is None else since, until)


def pages(house: House, stream: int, start: Instant, end: Instant) -> Iterator[tuple[ObservationBatch, int]]:
    """All rows of a stream in time order: pages, and how many rows of each count.

    Each page has a reader of its own, so a slow client holds nothing up.
    """
    while start < end:
        with house.store.reader() as reader:
            page = reader.observations(stream, start, end, limit=PAGE)
            if len(page) < PAGE:
                yield page, len(page)
                return
            last = int(page.time[-1])
            if last == start:
                page, last = reader.scan(np.array([stream], np.int64), start, start + 1), start + 1
        yield page, int(np.searchsorted(page.time, last))
        start = last


def results(page: ObservationBatch, count: int) -> list[Any]:
    """Numbers, texts and documents as they were sent; None where a number is missing."""
    found: list[Any] = numbers(page.number[:count])
    for row, text in page.texts.items():
        if row < count:
            found[row] = text
    for row, document in page.documents.items():
        if row < count:
            found[row] = msgspec.json.encode(document).decode()
    return found


def local_times(at: Any, zone: ZoneInfo) -> list[str]:
    """ISO 8601 with the zone's offset where it is one and the same for all, else in UTC."""
    if not len(at):
        return []
    offsets = {moment(int(one), zone).utcoffset() for one in (at.min(), at.max())}
    offset = offsets.pop() or timedelta(0)
    if offsets or offset == timedelta(0):
        return instants_text(at)
    seconds = int(offset.total_seconds())
    sign, (hours, minutes) = "+" if seconds >= 0 else "-", divmod(abs(seconds) // 60, 60)
    tail = f"{sign}{hours:02d}:{minutes:02d}"
    return [f"{text[:-1]}{tail}" for text in instants_text(at + seconds * 1_000_000)]


def _csv(house: House, wanted: Wanted, language: str) -> Iterator[bytes]:
    yield table([label.text(language) for label in HEAD.values()], ())
    zone = ZoneInfo(house.rulebook.city.head.zone)
    for row in wanted.rows:
        front = ",".join(_quoted(value) for value in _front(house, wanted.table, row, language))
        for page, count in pages(house, int(wanted.table.id[row]), wanted.start, wanted.end):
            columns = zip(
                local_times(page.time[:count], zone),
                results(page, count),
                page.quality[:count].tolist(),
                strict=True,
            )
            yield "".join(
                f"{front},{time},{_quoted(result)},{quality}\r\n" for time, result, quality in columns
            ).encode()


def _front(house: House, streams: StreamTable, row: int, language: str) -> list[Any]:
    definition = house.rulebook.properties.get(streams.property[row])
    shown = definition.label.text(language) if definition else streams.stream_name[row]
    return [
        int(streams.id[row]),
        streams.code[row],
        streams.name[row].text(language),
        shown,
        streams.unit[row],
    ]


def _quoted(value: Any) -> str:
    if isinstance(value, float):
        return repr(value)
    text = cell(value)
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if any(sign in text for sign in ',"\r\n') else text


@get(
    "/streams/export.csv",
    guards=[access("read", "observation")],
    sync_to_thread=True,
    media_type="text/csv",
    summary="Rows of streams as CSV",
)
def as_csv(
    house: TheHouse,
    actor: TheActor,
    wanted: NamedDependency[Chosen],
    start: FromQuery[str | None] = None,
    end: FromQuery[str | None] = None,
    language: Annotated[str, QueryParameter(description="`zh` or `en`.")] = "zh",
) -> Stream:
    """UTF-8 with a byte order mark; by default the last 24 hours. Quality 0 is good, 1 late, 16 and more are doubted."""
    asked = _wanted(house, actor, wanted, start, end)
    headers = {"Content-Disposition": 'attachment; filename="observations.csv"'}
    return Stream(_csv(house, asked, language), media_type="text/csv; charset=utf-8", headers=headers)


@get(
    "/streams/export.parquet",
    guards=[access("read", "observation")],
    sync_to_thread=True,
    media_type="application/vnd.apache.parquet",
    summary="Rows of streams as Parquet",
)
def as_parquet(
    house: TheHouse,
    actor: TheActor,
    wanted: NamedDependency[Chosen],
    start: FromQuery[str | None] = None,
    end: FromQuery[str | None] = None,
) -> Response[Any]:
    """The same rows for pandas, DuckDB, Spark: times in UTC µs, `number` for numbers, `text` for text and JSON."""
    asked = _wanted(house, actor, wanted, start, end)
    path = _parquet(house, asked)
    return File(
        path,
        filename="observations.parquet",
        media_type="application/vnd.apache.parquet",
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


def _parquet(house: House, wanted: Wanted) -> Path:
    """Written to a temporary file, a row group a page."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise Unavailable(
            "format", "this server has no Parquet library", "install hutong[archive], or ask for CSV"
        ) from None
    schema = pa.schema(
        [("stream", pa.int64()), ("code", pa.string()), ("property", pa.string()), ("unit", pa.string()),
         ("time", pa.timestamp("us", tz="UTC")), ("number", pa.float64()), ("text", pa.string()),
         ("quality", pa.uint8())]
    )  # fmt: skip
    with tempfile.NamedTemporaryFile(suffix=".parquet", delete=False) as kept:
        path = Path(kept.name)
    try:
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for row in wanted.rows:
                for page, count in pages(house, int(wanted.table.id[row]), wanted.start, wanted.end):
                    writer.write_table(_arrow(pa, schema, wanted.table, row, page, count))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _arrow(pa: Any, schema: Any, streams: StreamTable, row: int, page: ObservationBatch, count: int) -> Any:
    texts = [None if isinstance(one, float) else one for one in results(page, count)]
    same = (int(streams.id[row]), streams.code[row], streams.property[row], streams.unit[row])
    columns = [
        *(pa.repeat(pa.scalar(value), count) for value in same),
        pa.array(page.time[:count]).cast(schema.field("time").type),
        pa.array(page.number[:count], mask=np.isnan(page.number[:count])),
        pa.array(texts, pa.string()),
        pa.array(page.quality[:count]),
    ]
    return pa.table(columns, schema=schema)


router = Router(
    "/",
    route_handlers=[as_csv, as_parquet],
    dependencies={"wanted": Provide(chosen, sync_to_thread=False)},
    tags=["observations"],
)
