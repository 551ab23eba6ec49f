"""hutong upper take | tell: orders of an upper platform by file, for a city that is stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hutong.cli.root import CityFolder, Database, app, screen

upper = typer.Typer(help="Orders of an upper platform by file.", no_args_is_help=True)
app.add_typer(upper, name="upper")

Platform = Annotated[str, typer.Option(help="Name of the platform in upper.yaml.")]


@upper.command("take")
def upper_take(
    folder: CityFolder,
    file: Annotated[Path, typer.Argument(help="CSV, or JSON with orders and words.")],
    platform: Platform,
    database: Database = None,
) -> None:
    """Take in orders with their numbers and deadlines; those that were taken before are left as they are."""
    from hutong.app.upper_files import take_file

    answers = take_file(folder, platform, file, database)
    for one in answers:
        shown = {
            "taken": f"→ {one.case}",
            "repeated": f"= {one.case}",
            "refused": f"! {one.field}: {one.reason}",
        }
        screen.print(f"{one.number} {shown[one.state]}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1 if any(one.state == "refused" for one in answers) else 0)


@upper.command("tell")
def upper_tell(
    folder: CityFolder,
    out: Annotated[Path, typer.Argument(help="CSV to write: what the platform has not been told yet.")],
    platform: Platform,
    database: Database = None,
) -> None:
    """Write what became of the orders since the last time; each thing is told once."""
    from hutong.app.upper_files import tell_file

    screen.print(f"{tell_file(folder, platform, out, database)} → {out}", markup=False, soft_wrap=True)
