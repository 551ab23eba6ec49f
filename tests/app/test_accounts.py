"""Accounts of a stopped city: added, given a new password, disabled; each is in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from tests.app.test_custody import ACCOUNTS, folder

from hutong.app.accounts import add_accounts, disable, set_password
from hutong.app.city import RunningCity, open_city
from hutong.app.clocks import SystemClock
from hutong.kernel.errors import Invalid, NotFound, Refused
from hutong.kernel.party import Account
from hutong.kernel.ports import Session

__all__ = ["folder"]
LATER = ACCOUNTS + "  - {login: wang, name: 王一, organisation: district, roles: [duty_chief]}\n"
PASSWORD = "correct horse battery"


@contextmanager
def opened(folder: Path) -> Iterator[RunningCity]:
    running = open_city(folder, SystemClock())
    try:
        yield running
    finally:
        running.close()


def account(running: RunningCity, login: str) -> Account:
    with running.store.reader() as reader:
        (found,) = reader.search_hash(Account, "login", login)
        return found


def sign_in(folder: Path, login: str) -> None:
    """A session that stays when the city is stopped."""
    with opened(folder) as running:
        now = running.clock.recorded_at()
        running.sessions.put(Session("one", account(running, login).id, now, now))
    with opened(folder) as running:
        assert running.sessions.get("one") is not None


def test_only_new_accounts_are_added(folder: Path) -> None:
    (folder / "accounts.yaml").write_text(LATER, "utf-8")
    with opened(folder) as running:
        before = account(running, "ouyang")
    assert add_accounts(folder, PASSWORD, None) == ["wang"]
    assert add_accounts(folder, PASSWORD, None) == []
    with opened(folder) as running:
        added = account(running, "wang")
        assert PasswordHasher().verify(added.password_hash, PASSWORD)
        assert account(running, "ouyang") == before
        actor = running.directory().actor(added.id, running.clock.city_time())
        assert (actor.roles, actor.side) == (("duty_chief",), "leadership")
        with running.store.reader() as reader:
            kinds = [one.kind for one in reader.journal(subject=("account", added.id))]
    assert kinds == ["account.add"]


def test_an_account_of_an_unknown_organisation_is_refused_and_none_added(folder: Path) -> None:
    with (folder / "organisations.yaml").open("a", encoding="utf-8") as file:
        file.write("  - {code: new, label: {zh: 新科, en: New}, side: handling}\n")
    (folder / "accounts.yaml").write_text(
        LATER.replace("[duty_chief]", "[handler]").replace(
            "王一, organisation: district", "王一, organisation: new"
        ),
        "utf-8",
    )
    with pytest.raises(NotFound, match="new of wang"):
        add_accounts(folder, PASSWORD, None)
    with opened(folder) as running, pytest.raises(ValueError, match="unpack"):
        account(running, "wang")


def test_a_new_password_replaces_the_old(folder: Path) -> None:
    with pytest.raises(Invalid, match="shorter"):
        set_password(folder, "ouyang", "short", None)
    with pytest.raises(NotFound, match="no account"):
        set_password(folder, "nobody", PASSWORD, None)
    sign_in(folder, "ouyang")
    set_password(folder, "ouyang", PASSWORD, None)
    with opened(folder) as running:
        assert running.sessions.get("one") is None
        assert PasswordHasher().verify(account(running, "ouyang").password_hash, PASSWORD)


def test_a_disabled_account_is_disabled_once(folder: Path) -> None:
    sign_in(folder, "ouyang")
    disable(folder, "ouyang", None)
    with opened(folder) as running:
        assert running.sessions.get("one") is None
        assert account(running, "ouyang").disabled is not None
    with pytest.raises(Refused, match="already"):
        disable(folder, "ouyang", None)
