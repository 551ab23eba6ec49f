"""A new city's first start: its places, things, organisations and accounts become rows, once."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from rich.console import Console

from hutong.app.building import Builder
from hutong.app.clocks import SystemClock
from hutong.app.demo import progress_bar
from hutong.kernel.definition.pack import City
from hutong.kernel.errors import Invalid, NotFound
from hutong.loader.city import load_city
from hutong.store.opening import open_store

PASSWORD_VARIABLE = "HUTONG_FIRST_PASSWORD"
SHORTEST = 10
"""Characters of a first password."""


def first_start(folder: Path, screen: Console, *, packs: tuple[Path, ...], database: str | None) -> None:
    """Does nothing for a city that has its rows. The first password of all accounts is told once."""
    city, _ = load_city(folder, packs)
    builder = Builder(folder, city, lambda label, share: None)
    if "rows" in builder.done:
        return
    _refuse_unready(folder, city)
    password, given = _password()
    clock = SystemClock()
    with progress_bar(screen) as builder.tell:
        store = open_store(database or folder, clock=clock, folder=folder)
        try:
            builder.seed(store, clock.city_time(), password)
        finally:
            store.close()
    if not given:
        screen.print(
            f"first password of all {len(city.accounts)} accounts, told once: {password}", markup=False
        )
    screen.print("accounts.yaml holds names in clear and is not read again: delete it", markup=False)


def _refuse_unready(folder: Path, city: City) -> None:
    if not (folder / "map.yaml").is_file():
        raise NotFound("map.yaml", f"{folder} has no map", "make the city with `hutong new city`")
    if not city.organisations:
        raise NotFound("organisations.yaml", "names no organisation", "write it; see docs/how-to/operator.md")
    if not city.accounts:
        raise NotFound("accounts.yaml", "nobody could sign in", "write it; see docs/how-to/operator.md")


def _password() -> tuple[str, bool]:
    """(password, whether the operator gave it)."""
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is None:
        return secrets.token_urlsafe(12), False
    return checked_password(given), True


def checked_password(given: str) -> str:
    """The password, if it is long enough."""
    if len(given) < SHORTEST:
        raise Invalid("password", f"is shorter than {SHORTEST} characters", "give a longer one")
    return given
