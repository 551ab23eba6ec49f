"""hutong archive run | list | verify | retain: sealed days of observations as Parquet."""

from __future__ import annotations

from typing import Annotated

import typer

from hutong.cli.root import CityFolder, Database, archive, screen


@archive.command("run")
def archive_run(
    folder: CityFolder,
    days: Annotated[
        int | None, typer.Option(help="Seal days that ended so many days ago (default: city.yaml).")
    ] = None,
    database: Database = None,
) -> None:
    """Write sealed days as Parquet now, in a stopped city (a running one does it by itself, and is left alone)."""
    from hutong.app.archiving import archive_now
    from hutong.app.demo import progress_bar

    with progress_bar(screen) as tell:
        files = archive_now(folder, days, database, tell)
    for one in files:
        screen.print(f"{one.file}: {one.rows:,} rows, {one.size:,} bytes", markup=False, soft_wrap=True)
    screen.print(f"{sum(one.rows for one in files):,} rows archived in {len(files)} files")


@archive.command("list")
def archive_list(folder: CityFolder, database: Database = None) -> None:
    """The files of sealed days: rows, bytes, SHA-256."""
    from hutong.app.archiving import archived

    for one in archived(folder, database):
        screen.print(
            f"{one.file}  {one.rows:,} rows  {one.size:,} bytes  {one.digest}", markup=False, soft_wrap=True
        )


@archive.command("verify")
def archive_verify(folder: CityFolder, database: Database = None) -> None:
    """Compare every file of the archive with the digest that the database keeps of it."""
    from hutong.app.archiving import verify_archive

    files, faults = verify_archive(folder, database)
    for fault in faults:
        screen.print(fault, markup=False, soft_wrap=True)
    screen.print(f"{files} files: {'sound' if not faults else f'{len(faults)} fault(s)'}")
    raise typer.Exit(1 if faults else 0)


@archive.command("retain")
def archive_retain(folder: CityFolder, database: Database = None) -> None:
    """Delete observations of a stopped city whose time to be kept (city.yaml, retention) is over (a running city does it by
    itself, once a day)."""
    from hutong.app.retention import retain_now

    for one in retain_now(folder, database):
        what = " ".join(part for part in (one.property, one.type) if part)
        screen.print(
            f"{what}: {one.rows:,} rows and {one.hourly:,} hourly values of {one.streams} datastreams deleted",
            markup=False,
        )
