"""Accounts of a stopped city: added from accounts.yaml, given a new password, disabled."""

from __future__ import annotations

from pathlib import Path

from argon2 import PasswordHasher
from msgspec.structs import replace

from hutong.app.city import RunningCity
from hutong.app.custody import opened
from hutong.app.first import checked_password
from hutong.app.seeding import Seeder
from hutong.kernel.base import Entity, noun_name
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import NotFound, Refused
from hutong.kernel.party import Account


def add_accounts(folder: Path, password: str, database: str | None) -> list[str]:
    """Accounts of accounts.yaml that are not there yet; returns their logins. Those that are there stay as they are."""
    digest = PasswordHasher().hash(checked_password(password))
    with opened(folder, database) as running:
        known = running.directory()
        seeder = Seeder(running.store, running.city, running.clock.city_time())
        seeder.organisations = dict(known.organisation_codes)
        seeder.places = {(one.tree, one.code): one.id for one in known.places.values()}
        added = [one for one in running.city.accounts if _found(running, one.login) is None]
        for entry in added:
            if entry.organisation not in seeder.organisations:
                raise NotFound(
                    "organisation",
                    f"{entry.organisation} of {entry.login} is not in the city",
                    "organisations are taken in at the first start only; name one of those",
                )
        for entry in added:
            rows = seeder.account(entry, digest)
            account = next(row for row in rows if isinstance(row, Account))
            _write(running, "account.add", account, *(row for row in rows if row is not account))
    return [one.login for one in added]


def set_password(folder: Path, login: str, password: str, database: str | None) -> None:
    """A new password; the old one no longer opens anything, and who was signed in with it is not any more."""
    digest = PasswordHasher().hash(checked_password(password))
    with opened(folder, database) as running:
        account = _account(running, login)
        _write(running, "account.set_password", replace(account, password_hash=digest))
        running.sessions.remove_account(account.id)


def disable(folder: Path, login: str, database: str | None) -> None:
    """Nobody can sign in with it any more; what was done with it stays recorded."""
    with opened(folder, database) as running:
        account = _account(running, login)
        if account.disabled is not None:
            raise Refused("login", f"{login} is disabled already", "there is nothing to do")
        _write(running, "account.disable", replace(account, disabled=running.clock.city_time()))
        running.sessions.remove_account(account.id)


def _found(running: RunningCity, login: str) -> Account | None:
    with running.store.reader() as reader:
        return next(iter(reader.search_hash(Account, "login", login)), None)


def _account(running: RunningCity, login: str) -> Account:
    account = _found(running, login)
    if account is None:
        raise NotFound("login", f"there is no account {login}", "give the login as accounts.yaml had it")
    return account


def _write(running: RunningCity, kind: str, account: Account, *others: Entity) -> None:
    rows = (account, *others)
    subjects = tuple((noun_name(type(row)), row.id) for row in rows)
    record = Record(kind=kind, actor=0, at=running.clock.city_time(), subjects=subjects, facts={})
    running.store.apply(Changes(puts=rows, records=(record,)))
    running.directory_changed()
