"""What all commands share: the application, its groups, the screen and common options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    help="Hutong 胡同: the operating platform of a city.", no_args_is_help=True, add_completion=False
)
new = typer.Typer(help="Make a new city or pack.", no_args_is_help=True)
journal = typer.Typer(help="Read and verify the journal.", no_args_is_help=True)
account = typer.Typer(help="Accounts of a stopped city.", no_args_is_help=True)
device = typer.Typer(help="Devices of a stopped city.", no_args_is_help=True)
archive = typer.Typer(help="Sealed days of observations as Parquet.", no_args_is_help=True)
app.add_typer(archive, name="archive")
app.add_typer(new, name="new")
app.add_typer(account, name="account")
app.add_typer(device, name="device")
app.add_typer(journal, name="journal")
screen = Console()

Database = Annotated[
    str | None, typer.Option(help="A postgresql:// address instead of SQLite in the folder.")
]
CityFolder = Annotated[Path, typer.Argument(help="The city's folder.")]
