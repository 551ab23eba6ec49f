"""One import from beginning to end, or from where it stopped."""

from __future__ import annotations

import csv
import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from hutong.app.city import open_city
from hutong.app.clocks import SystemClock
from hutong.app.importing.arrow import needed
from hutong.app.importing.keeping import Keeper, Opened, Served
from hutong.app.importing.layout import Layout, read_layout, zone_of
from hutong.app.importing.shaping import Block, Long, Refused, Target, Targets, Wide
from hutong.app.importing.tables import blocks
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.observation import Outcome
from hutong.loader.city import read_city

UNDER_WAY = 3
"""Blocks that wait for their commit while the next is read."""
HEAD = 1 << 20
REFUSED = ".refused.csv"
NOTES = ".hutong-import.json"
Tell = Callable[[float, int], None]


class Wanted(NamedTuple):
    """What the command line asks for."""

    files: tuple[Path, ...]
    folder: Path
    map: Path | None = None
    stream: str = ""
    rules: bool = True
    server: str = ""
    login: str = ""
    password: str = ""
    database: str | None = None


@dataclass
class Done:
    """What became of a file. `skipped`: rows that an earlier run had done."""

    file: Path
    rows: int = 0
    kept: int = 0
    refused: int = 0
    skipped: int = 0

    @property
    def refusals(self) -> Path:
        return self.file.with_name(self.file.name + REFUSED)


@contextmanager
def keeper(wanted: Wanted) -> Iterator[Keeper]:
    """The city opened, or its server."""
    if wanted.server:
        if not wanted.login or not wanted.password:
            raise Invalid("--login", "is missing", "give --login and HUTONG_PASSWORD in the environment")
        if not wanted.rules:
            raise Invalid("--no-rules", "is for a stopped city", "stop the city, or let its rules judge")
        source = read_city(wanted.folder)
        zone = source.head.zone if source.head else "Asia/Shanghai"
        notes = wanted.files[0].parent / NOTES
        yield Served(wanted.server, wanted.login, wanted.password, zone, notes)
        return
    if not (wanted.folder / "city.yaml").is_file():
        raise NotFound("--city", f"{wanted.folder} holds no city.yaml", "name a city's folder")
    running = open_city(wanted.folder, SystemClock(), database=wanted.database)
    try:
        yield Opened(running, rules=wanted.rules)
    finally:
        running.close()


def import_files(wanted: Wanted, tell: Callable[[Path], Tell]) -> list[Done]:
    """Imports the files one after another; `tell(file)` gives what is told of its progress (share, rows)."""
    needed()
    layout = read_layout(wanted.map)
    for file in wanted.files:
        if not file.is_file():
            raise NotFound("file", f"there is no file {file}")
    with keeper(wanted) as kept:
        targets = Targets(kept.targets())
        zone = zone_of(layout, kept.zone)
        shape = _shape(layout, targets, zone, wanted.stream)
        return [_file(one, layout, shape, kept, wanted, tell(one)) for one in wanted.files]


def _shape(layout: Layout, targets: Targets, zone: str, stream: str) -> Long | Wide:
    if layout.wide():
        if stream:
            raise Invalid("--stream", "is for tables with one value a row", "take `columns` out of the map")
        return Wide(layout, targets, zone)
    return Long(layout, targets, zone, _only(targets, stream) if stream else None)


def _only(targets: Targets, text: str) -> Target:
    """`17`, or `W1/drainage.ponding`."""
    if text.isdigit():
        return targets.numbered(text)
    thing, _, name = text.partition("/")
    return targets.named(thing, name)


def cursor_of(file: Path, layout: Layout, stream: str) -> str:
    """Names an import: the same file with the same map goes on where it stopped, another begins anew."""
    digest = hashlib.sha256(f"{file.stat().st_size} {stream}\n".encode())
    digest.update(msgspec.json.encode(layout))
    with file.open("rb") as content:
        digest.update(content.read(HEAD))
        content.seek(max(0, file.stat().st_size - HEAD))
        digest.update(content.read(HEAD))
    return f"import.{digest.hexdigest()[:32]}"


def _file(file: Path, layout: Layout, shape: Any, kept: Keeper, wanted: Wanted, tell: Tell) -> Done:
    name = cursor_of(file, layout, wanted.stream)
    done = Done(file, skipped=kept.place(name))
    _forget_refusals(done.refusals, done.skipped)
    read = 0
    waiting: deque[tuple[Future[Outcome], Block, int]] = deque()
    for rows, share in blocks(file, layout, layout.needed(one_stream=bool(wanted.stream))):
        first, read = read, read + rows.num_rows
        if read <= done.skipped:
            continue
        fresh = rows.slice(max(0, done.skipped - first))
        block: Block = shape.block(fresh, read - fresh.num_rows + 1)
        _note(done, block.refused)
        waiting.append((kept.keep(block.batch, name, read), block, fresh.num_rows))
        while len(waiting) > UNDER_WAY:
            _taken(done, *waiting.popleft())
        tell(share, read)
    while waiting:
        _taken(done, *waiting.popleft())
    tell(1.0, read)
    return done


def _taken(done: Done, answer: Future[Outcome], block: Block, rows: int) -> None:
    outcome = answer.result()
    done.rows += rows
    done.kept += outcome.taken
    told = [
        Refused(int(block.rows[one.row]), str(block.columns[one.row]), f"{one.field}: {one.reason}")
        for one in outcome.refused
    ]
    _note(done, told)


def _note(done: Done, refused: list[Refused]) -> None:
    """Refusals are in the file before the import goes on."""
    if not refused:
        return
    fresh = not done.refusals.is_file()
    with done.refusals.open("a", encoding="utf-8-sig" if fresh else "utf-8", newline="") as file:
        writer = csv.writer(file)
        if fresh:
            writer.writerow(("row", "column", "reason"))
        writer.writerows((one.row, one.column, one.reason) for one in refused)
    done.refused += len(refused)


def _forget_refusals(path: Path, done: int) -> None:
    """Those of rows that are read again will be told again."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if row and row[0].isdigit() and int(row[0]) <= done]
    path.unlink()
    if rows:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([("row", "column", "reason"), *rows])
