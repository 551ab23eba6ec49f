"""hutong import: tables become observations."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer

from hutong.cli.root import CityFolder, Database, app, screen

importing = typer.Typer(help="Take in data from files.", no_args_is_help=True)
app.add_typer(importing, name="import")


@importing.command("observations")
def observations(
    files: Annotated[list[Path], typer.Argument(help="CSV (.csv, .csv.gz) or Parquet files.")],
    city: Annotated[Path, typer.Option(help="The city's folder.")],
    map: Annotated[
        Path | None, typer.Option(help="map.yaml: which columns hold what, units, time zone; long or wide.")
    ] = None,
    stream: Annotated[
        str, typer.Option(help="All rows are of this datastream: its id, or THING/PROPERTY.")
    ] = "",
    rules: Annotated[
        bool,
        typer.Option("--rules/--no-rules", help="Let rules judge the rows, or only check and keep them."),
    ] = True,
    server: Annotated[
        str, typer.Option(help="Address of the running city, http://127.0.0.1:8000 (default: open the city).")
    ] = "",
    login: Annotated[str, typer.Option(help="Account at the running city.")] = "",
    password: Annotated[
        str, typer.Option(envvar="HUTONG_PASSWORD", help="Its password; better in the environment.")
    ] = "",
    database: Database = None,
) -> None:
    """Import observations from CSV or Parquet; run again after a break, it goes on where it stopped."""
    from hutong.app.importing.progress import bars
    from hutong.app.importing.run import Wanted, import_files

    wanted = Wanted(tuple(files), city, map, stream, rules, server, login, password, database)
    with bars(screen) as tell:
        done = import_files(wanted, tell)
    for one in done:
        before = f", {one.skipped:,} rows had been done before" if one.skipped else ""
        screen.print(f"{one.file}: {one.rows:,} rows read, {one.kept:,} values kept{before}", soft_wrap=True)
        if one.refused:
            screen.print(f"  {one.refused:,} refused, see {one.refusals}", soft_wrap=True)
    raise typer.Exit(1 if any(one.refused for one in done) else 0)


@importing.command("responsibilities")
def responsibilities(
    city: CityFolder,
    file: Annotated[Path, typer.Argument(help="CSV: kind, code, place, organisation, basis.")],
    apply: Annotated[
        bool, typer.Option("--apply", help="Take it in; without it, only say what changes.")
    ] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="It is the complete list: rows that are not in it end.")
    ] = False,
    database: Database = None,
) -> None:
    """Take the list of responsibilities (权责清单) in from a table, after showing what it changes."""
    from hutong.app.importing.duties import import_duties

    found = import_duties(city, file, apply=apply, whole=whole, database=database)
    for one in found:
        where = f"{one.kind} {one.code or '*'} × {one.place}"
        if one.change == "refused":
            screen.print(
                f"line {one.line}: {one.field}: {one.reason}. {one.remedy}", soft_wrap=True, markup=False
            )
        elif one.change != "same":
            unit = " → ".join(part for part in (one.before, one.organisation) if part)
            screen.print(f"{one.change}: {where}: {unit}", soft_wrap=True, markup=False)
    counts = Counter(one.change for one in found)
    told = ", ".join(f"{count:,} {change}" for change, count in sorted(counts.items())) or "nothing"
    screen.print(f"{'taken in' if apply else 'would be'}: {told}")
    raise typer.Exit(1 if counts["refused"] else 0)


@importing.command("components")
def components(
    city: CityFolder,
    file: Annotated[Path, typer.Argument(help="CSV or GeoJSON of the exchange table, with X and Y.")],
    apply: Annotated[
        bool, typer.Option("--apply", help="Take it in; without it, only say what changes.")
    ] = False,
    datum: Annotated[
        str, typer.Option(help="Of the positions: cgcs2000, wgs84, gcj02 or bd09; converted once.")
    ] = "cgcs2000",
    type: Annotated[str, typer.Option(help="Type of the things, where several have an exchange table.")] = "",
    database: Database = None,
) -> None:
    """Take a census of components (部件普查) in; begun again after a break, it goes on where it stopped."""
    from hutong.app.importing.census import Survey, import_components
    from hutong.kernel.datums import GeographicDatum
    from hutong.kernel.errors import Invalid

    known = get_args(GeographicDatum)
    if datum not in known:
        raise Invalid("--datum", f"{datum!r} is no datum", "choose one of " + ", ".join(known))
    taken = import_components(Survey(city, file, type, cast(Any, datum), apply, database))
    told = ", ".join(f"{count:,} {fate}" for fate, count in sorted(taken.counts.items())) or "nothing"
    screen.print(f"{'taken in' if apply else 'would be'}: {told}")
    if taken.elsewhere:
        screen.print(f"{taken.elsewhere:,} stand in another unit grid than their row says", soft_wrap=True)
    if taken.refusals:
        screen.print(f"refused rows with their reasons: {taken.refusals}", soft_wrap=True)
    raise typer.Exit(1 if taken.counts.get("refused") else 0)
