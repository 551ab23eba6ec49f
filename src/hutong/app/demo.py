"""`hutong demo`: prepares the demo city, then plays its storm night, live on the console or headless."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from hutong.app.building import Builder, copy_city
from hutong.app.city import RunningCity, open_city
from hutong.app.night import Night, Summary, night_start, play_headless
from hutong.kernel.base import Instant, Label
from hutong.kernel.clock import FixedClock
from hutong.kernel.definition.pack import City
from hutong.kernel.errors import NotFound, Refused
from hutong.loader.city import load_city
from hutong.store.opening import hold, open_store
from hutong.store.sessions import FILES as SESSION_FILES

PASSWORD = "hutong-demo"
PACKAGED = Path(__file__).resolve().parents[1] / "cities"
CHECKED_OUT = Path(__file__).resolve().parents[3] / "cities"
DATABASE_FILES = ("city.db", "city.db-wal", "city.db-shm", "files", "keys", "checkpoints", *SESSION_FILES)
Tell = Callable[[Label, float], None]


def shipped_city(name: str = "shanghai_center") -> Path:
    """The folder of a city that ships with Hutong."""
    for home in (PACKAGED, CHECKED_OUT):
        if (home / name / "city.yaml").is_file():
            return home / name
    raise NotFound(
        "city", f"{name} does not ship with this installation", "install Hutong from its wheel or repository"
    )


@contextmanager
def progress_bar(screen: Console) -> Iterator[Tell]:
    """A bar that says what is being done; where there is no terminal, a line for each thing that begins."""
    if not screen.is_terminal:
        yield _lines(screen)
        return
    columns = (
        TextColumn("{task.percentage:>3.0f}%", table_column=Column(min_width=4)),
        TimeElapsedColumn(table_column=Column(min_width=7)),
        BarColumn(bar_width=12, table_column=Column(min_width=12)),
        TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
    )
    with Progress(*columns, console=screen) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda label, share: bar.update(task, description=f"{label.zh} · {label.en}", completed=share)


def _lines(screen: Console) -> Tell:
    """What only counts on is said once."""
    said: set[str] = set()

    def tell(label: Label, _: float) -> None:
        what = label.en.strip("0123456789, ")
        if what not in said:
            said.add(what)
            screen.print(f"→ {label.zh} · {label.en}")
            screen.file.flush()

    return tell


def prepare(folder: Path, tell: Tell, *, fresh: bool = False, database: str | None = None) -> City:
    """Everything up to the first minute of the night; steps that are done are not done again."""
    extract = copy_city(shipped_city(), folder)
    city, _ = load_city(folder)
    night = city.head.night
    if night is None:
        raise NotFound("night", "the demo city declares no night", "add one to city.yaml")
    if fresh and database is not None:
        raise Refused(
            "--fresh", "clears the folder, not the database", "give a new folder and an empty database"
        )
    builder = Builder(folder, city, tell)
    builder.map(extract)
    start = night_start(night, city.head.zone)
    if fresh or "rows" not in builder.done:
        if database is not None:
            refuse_used(database, folder, start)
        forget_rows(folder, builder)
    if "rows" not in builder.done:
        store = open_store(database or folder, clock=FixedClock(start), folder=folder)
        try:
            builder.seed(store, start, PASSWORD)
        finally:
            store.close()
    builder.feed()
    return city


def refuse_used(database: str, folder: Path, at: Instant) -> None:
    """Preparation that was broken off begins anew with an empty database; a server's is not ours to clear."""
    store = open_store(database, clock=FixedClock(at), folder=folder)
    try:
        with store.reader() as reader:
            used = reader.head() > 0
    finally:
        store.close()
    if used:
        raise Refused(
            "--database", "holds rows of a preparation that was broken off", "give an empty database"
        )


def forget_rows(folder: Path, builder: Builder) -> None:
    """A new night begins with new rows; the map stays. What is no longer ready is said before it goes."""
    with hold(folder):
        builder.forget_all_but("map")
        for name in DATABASE_FILES:
            path = folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def headless(folder: Path, screen: Console, *, fresh: bool, database: str | None) -> int:
    """0 if every flooding case ended after a check or is in 挂账 with reason, approver and review date."""
    with progress_bar(screen) as tell:
        city = prepare(folder, tell, fresh=fresh, database=database)
        running, night, clock = _opened(folder, city, database)
        try:
            label = Label("暴雨之夜", "The storm night")
            summary = play_headless(running, night, clock.move_to, lambda share: tell(label, share))
        finally:
            running.close()
    show(summary, screen)
    return 1 if summary.open_flooding else 0


def _opened(folder: Path, city: City, database: str | None) -> tuple[RunningCity, Night, FixedClock]:
    assert city.head.night is not None
    start = night_start(city.head.night, city.head.zone)
    clock = FixedClock(start)
    running = open_city(folder, clock, database=database)
    night = Night(running, start)
    clock.move_to(night.resumes_at)
    return running, night, clock


def show(summary: Summary, screen: Console) -> None:
    table = Table(title="暴雨之夜 · The storm night (simulated)")
    table.add_column("项目 · what")
    table.add_column("数 · figure", justify="right")
    for label, figure in summary.rows():
        table.add_row(f"{label.zh} · {label.en}", figure)
    screen.print(table)
    if summary.open_flooding:
        screen.print("未了 · left open: " + ", ".join(summary.open_flooding))
