"""The command line: hutong demo | run | check | new | account | journal | backup | restore | erase | schemas."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from hutong.kernel.errors import HutongError, Invalid

app = typer.Typer(
    help="Hutong 胡同: the operating platform of a city.", no_args_is_help=True, add_completion=False
)
new = typer.Typer(help="Make a new city or pack.", no_args_is_help=True)
journal = typer.Typer(help="Read and verify the journal.", no_args_is_help=True)
account = typer.Typer(help="Accounts of a stopped city.", no_args_is_help=True)
app.add_typer(new, name="new")
app.add_typer(account, name="account")
app.add_typer(journal, name="journal")
screen = Console()

Database = Annotated[
    str | None, typer.Option(help="A postgresql:// address instead of SQLite in the folder.")
]
Login = Annotated[str, typer.Argument(help="Login of the account.")]
Password = Annotated[
    str,
    typer.Option(
        envvar="HUTONG_FIRST_PASSWORD", prompt=True, confirmation_prompt=True, hide_input=True,
        help="The new password, at least 10 characters; asked for if neither given here nor in the environment.",
    ),
]  # fmt: skip
CityFolder = Annotated[Path, typer.Argument(help="The city's folder.")]
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
) -> None:
    """Serve a city in real time."""
    from hutong.app.running import serve_city

    serve_city(folder, screen, host=host, port=port, packs=tuple(packs or ()), database=database)


@app.command()
def check(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Packs or cities (default: all that ship).")
    ] = None,
    scenarios: Annotated[
        bool, typer.Option("--scenarios", help="Play the packs' scenarios too, if there is no mistake.")
    ] = False,
) -> None:
    """Say every mistake of packs and cities: file, line, key, what is wrong and how to mend it."""
    from hutong.app.checking import check_folders, play_folders

    problems = check_folders(tuple(folders or ()))
    for problem in problems:
        screen.print(escape(str(problem)), soft_wrap=True)
    screen.print(f"{len(problems)} mistake(s)" if problems else "packs and cities: no mistakes")
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


@account.command("add")
def account_add(folder: CityFolder, password: Password, database: Database = None) -> None:
    """Take in the accounts of accounts.yaml that are not there yet, with this first password."""
    from hutong.app.accounts import add_accounts

    added = add_accounts(folder, password, database)
    screen.print(
        f"added: {', '.join(added) or 'none'}; accounts.yaml is not read again: delete it", markup=False
    )


@account.command("password")
def account_password(folder: CityFolder, login: Login, password: Password, database: Database = None) -> None:
    """Give an account a new password."""
    from hutong.app.accounts import set_password

    set_password(folder, login, password, database)
    screen.print(f"{login} has a new password", markup=False)


@account.command("disable")
def account_disable(folder: CityFolder, login: Login, database: Database = None) -> None:
    """Let nobody sign in with an account any more; what was done with it stays recorded."""
    from hutong.app.accounts import disable

    disable(folder, login, database)
    screen.print(f"{login} is disabled", markup=False)


@journal.command("verify")
def journal_verify(folder: CityFolder, database: Database = None) -> None:
    """Find any altered, missing, reordered or cut record, and any rewritten chain."""
    from hutong.app.custody import verify_city

    report = verify_city(folder, database)
    for fault in report.faults:
        screen.print(
            f"lane {fault.lane} position {fault.position}: {fault.kind}: {fault.reason}", markup=False
        )
    words = "sound" if report.sound else f"{len(report.faults)} fault(s)"
    screen.print(
        f"{report.records:,} records, {report.rows:,} rows, {report.checkpoints} signed checkpoints: {words}"
    )
    raise typer.Exit(0 if report.sound else 1)


@journal.command("show")
def journal_show(
    folder: CityFolder,
    case: Annotated[
        str | None, typer.Argument(help="Number of the case (default: list the newest 30).")
    ] = None,
    english: Annotated[bool, typer.Option("--english", help="In English.")] = False,
    database: Database = None,
) -> None:
    """Explain a case from the journal: who, what, when, which definition, which observations and photos."""
    from hutong.app.custody import explain_case, newest_cases

    language = "en" if english else "zh"
    if case is None:
        text = "\n".join(newest_cases(folder, language, database)) or "there is no case"
    else:
        text = explain_case(folder, case, language, database)
    screen.print(text, markup=False, highlight=False, soft_wrap=True)


@app.command()
def backup(
    folder: CityFolder,
    target: Annotated[Path, typer.Argument(help="A new folder.")],
    database: Database = None,
) -> None:
    """Back up a city, also while it runs: database, files, checkpoints, definition (keys are kept apart)."""
    from hutong.app.custody import backup_city

    manifest = backup_city(folder, target, database)
    rows = sum(table.rows for table in manifest.tables)
    heads = ", ".join(f"lane {head.lane} at position {head.position:,}" for head in manifest.heads)
    screen.print(f"{target}: {rows:,} rows of {len(manifest.tables)} tables, {heads}", soft_wrap=True)
    screen.print(f"keys are not in it: keep a copy of {folder / 'keys'} on another disk", soft_wrap=True)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A backup.")],
    folder: CityFolder,
    keys: Annotated[Path, typer.Option(help="The city's keys folder, kept apart from backups.")],
    database: Database = None,
) -> None:
    """Restore a backup into a new city folder with its keys, and verify it."""
    from hutong.app.custody import restore_city

    restore_city(source, folder, keys, database)
    screen.print(f"{folder}: restored and verified")


@app.command()
def erase(
    folder: CityFolder,
    person: Annotated[str, typer.Argument(help="Login, phone or identity number of the person, or the id.")],
    basis: Annotated[str, typer.Option(help="The request or clause that asks for it.")],
    database: Database = None,
) -> None:
    """Erase a person: everything about them becomes unreadable everywhere, and the journal still verifies."""
    from hutong.app.custody import erase_party

    party = erase_party(folder, person, basis, database)
    screen.print(f"person {party} is erased")


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


def main() -> None:
    """The entry point: errors of ours are told in words, without a trace."""
    try:
        app()
    except HutongError as error:
        _say(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _say(error: HutongError) -> None:
    screen.print(f"[bold]{escape(error.field)}[/]: {escape(error.reason)}", soft_wrap=True)
    if error.remedy:
        screen.print(f"→ {escape(error.remedy)}", soft_wrap=True)
    if isinstance(error, Invalid) and error.facts:
        screen.print(escape(str(error.facts)), soft_wrap=True)
