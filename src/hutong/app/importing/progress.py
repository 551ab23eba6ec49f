"""Progress bars of an import, one for each file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from hutong.app.importing.run import Tell


@contextmanager
def bars(screen: Console) -> Iterator[Callable[[Path], Tell]]:
    """Share of the file, rows read, time spent and time left."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%  {task.fields[rows]:,} 行 rows"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen) as bar:

        def tell(file: Path) -> Tell:
            task = bar.add_task(file.name, total=1.0, rows=0)
            return lambda share, rows: bar.update(task, completed=share, rows=rows)

        yield tell
