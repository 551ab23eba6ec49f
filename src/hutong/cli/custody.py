"""hutong account | journal | backup | restore | erase: what is kept, and who may reach it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hutong.cli.root import CityFolder, Database, account, app, journal, screen

Login = Annotated[str, typer.Argument(help="Login of the account.")]
Password = Annotated[
    str,
    typer.Option(
        envvar="HUTONG_FIRST_PASSWORD", prompt=True, confirmation_prompt=True, hide_input=True,
        help="The new password, at least 10 characters; asked for if neither given here nor in the environment.",
    ),
]  # fmt: skip


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
