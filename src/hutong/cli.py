"""hutong demo | run | check | new | journal | backup | …"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hutong.kernel.errors import HutongError

app = typer.Typer(
    help="Hutong 胡同: the operating platform of a city.", no_args_is_help=True, add_completion=False
)
screen = Console()
Folder = Annotated[Path, typer.Option(help="The city's folder.")]


@app.callback()
def hutong() -> None:
    """Hutong 胡同: the operating platform of a city."""


@app.command()
def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Run the night as fast as it can and print a table.")
    ] = False,
    folder: Folder = Path(".demo/shanghai_center"),
    port: Annotated[int, typer.Option(help="Where the console is served, on 127.0.0.1.")] = 8000,
    rate: Annotated[
        float | None, typer.Option(help="City seconds a second (default: the night's own, 60).")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin the night anew.")] = False,
    database: Annotated[str | None, typer.Option(help="A postgresql:// address instead of SQLite.")] = None,
) -> None:
    """The storm night in central Shanghai."""
    if headless:
        from hutong.app.demo import headless as play

        raise typer.Exit(play(folder, screen, fresh=fresh, database=database))
    from hutong.app.live import live

    live(folder, screen, port=port, rate=rate, fresh=fresh, database=database)


def main() -> None:
    """The entry point: errors of ours are told in words, without a trace."""
    try:
        app()
    except HutongError as error:
        screen.print(f"[bold]{error.field}[/]: {error.reason}", markup=True)
        if error.remedy:
            screen.print(f"→ {error.remedy}")
        sys.exit(1)
