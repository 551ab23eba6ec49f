"""hutong demo | run | check | new | schemas: from nothing to a running city."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.markup import escape

from hutong.cli.root import CityFolder, Database, app, new, screen

DEMO = Path(".demo/shanghai_center")


@app.command()
def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Run the night as fast as it can, print a table.")
    ] = False,
    folder: Annotated[Path, typer.Option(help="Where the demo city lives.")] = DEMO,
    port: Annotated[int, typer.Option(help="Where the console is served, on 127.0.0.1.")] = 8000,
    rate: Annotated[
        float | None, typer.Option(help="City seconds a second (default: the night's own, 60).")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin the night anew.")] = False,
    database: Database = None,
) -> None:
    """The storm night in central Shanghai."""
    if headless:
        from hutong.app.demo import headless as play

        raise typer.Exit(play(folder, screen, fresh=fresh, database=database))
    from hutong.app.live import live

    live(folder, screen, port=port, rate=rate, fresh=fresh, database=database)


@app.command()
def run(
    folder: CityFolder,
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 8000,
    host: Annotated[
        str, typer.Option(help="Address to serve on; put a TLS proxy before any but loopback.")
    ] = "127.0.0.1",
    packs: Annotated[list[Path] | None, typer.Option("--packs", help="Folders of further packs.")] = None,
    database: Database = None,
    workers: Annotated[
        int,
        typer.Option(
            min=1, max=64, help="Processes that answer HTTP: as many as processors are free for it (Linux)."
        ),
    ] = 1,
) -> None:
    """Serve a city in real time."""
    from hutong.app.running import serve_city

    serve_city(
        folder, screen, host=host, port=port, packs=tuple(packs or ()), database=database, workers=workers
    )


@app.command()
def check(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Packs or cities (default: all that ship).")
    ] = None,
    scenarios: Annotated[
        bool, typer.Option("--scenarios", help="Play the packs' scenarios too, if there is no mistake.")
    ] = False,
    changed: Annotated[
        Path | None,
        typer.Option(
            "--with", help="Changed procedures (a cases.yaml): what would they do to running cases?"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as JSON.")] = False,
) -> None:
    """Say every mistake of packs and cities: file, line, key, what is wrong and how to mend it; and of cities with a store
    what changed procedures do to running cases, which keep the version they began with."""
    from hutong.app.checking import check_folders, check_running, play_folders
    from hutong.app.running_cases import told

    problems = check_folders(tuple(folders or ()))
    running = {} if problems else check_running(tuple(folders or ()), changed)
    if as_json:
        answer = msgspec.json.encode({"problems": problems, "running": running})
        typer.echo(msgspec.json.format(answer, indent=2).decode())
        raise typer.Exit(1 if problems else 0)
    for problem in problems:
        screen.print(escape(str(problem)), soft_wrap=True)
    screen.print(f"{len(problems)} mistake(s)" if problems else "packs and cities: no mistakes")
    for line in told(running):
        screen.print(line, markup=False, soft_wrap=True)
    played = play_folders(tuple(folders or ())) if scenarios and not problems else {}
    for name, differences in played.items():
        screen.print(f"{name}: {'otherwise' if differences else 'as expected'}", markup=False)
        for difference in differences:
            screen.print(f"  {difference}", markup=False, soft_wrap=True)
    raise typer.Exit(1 if problems or any(played.values()) else 0)


@new.command("city")
def new_city(
    name: Annotated[str, typer.Argument(help="Name of the city; its folder is cities/NAME.")],
    osm: Annotated[Path, typer.Option(help="An OpenStreetMap extract: .osm, .osm.gz or .pbf.")],
    division: Annotated[str, typer.Option(help="Division code of 6 digits (GB/T 2260).")],
    boundary: Annotated[
        Path | None, typer.Option(help="GeoJSON of the boundary (default: the extract's box).")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where city folders are made.")] = Path("cities"),
) -> None:
    """Turn an OpenStreetMap extract into a city folder."""
    from hutong.app.demo import progress_bar
    from hutong.kernel.base import Label
    from hutong.loader.osm import build_city

    with progress_bar(screen) as tell:
        report = build_city(
            name,
            osm,
            division,
            out / name,
            boundary,
            progress=lambda what, share: tell(Label(what, what), share),
        )
    things = ", ".join(f"{count:,} {kind}" for kind, count in report.things.items())
    screen.print(f"{report.folder}: {report.grids:,} unit grids, {things}, {report.tiles:,} tiles")


@new.command("pack")
def new_pack_command(
    name: Annotated[str, typer.Argument(help="Name of the pack, in lower case.")],
    folder: Annotated[Path, typer.Option(help="Where the pack's folder is made.")] = Path("packs"),
) -> None:
    """Make a small complete pack that passes `hutong check`."""
    from hutong.loader.scaffold import new_pack

    made = new_pack(name, folder)
    screen.print(
        f"{made}: a pack with one type, one rule and one scenario; `hutong check {made}` finds nothing"
    )


@app.command()
def schemas(
    out: Annotated[Path, typer.Argument(help="Folder for the JSON Schemas.")] = Path(
        "docs/reference/schemas"
    ),
) -> None:
    """Write the JSON Schemas of pack and city files, for editors."""
    from hutong.loader.schemas import write_schemas

    for path in write_schemas(out):
        screen.print(str(path))
