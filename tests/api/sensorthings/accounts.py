"""Accounts that hold a role in one place."""

from __future__ import annotations

from tests.api.town import Town

from hutong.kernel.base import Entity
from hutong.kernel.changes import Changes, Record
from hutong.kernel.party import Account, Party, Role
from hutong.kernel.thing import Thing


def place_of(town: Town, code: str) -> int | None:
    """The unit grid a thing stands in."""
    with town.store.reader() as reader:
        return reader.get(Thing, town.thing(code)).place


def add_account(town: Town, login: str, role: str, place: int | None) -> None:
    """An account with one role in a place, and everybody's password."""
    with town.store.reader() as reader:
        known = reader.search_hash(Account, "login", "xitong")[0]
    person, account, grant = town.store.new_ids(3)
    rows: tuple[Entity, ...] = (
        Party(id=person, subject=person, kind="person", person_name="一号井水位计"),
        Account(
            id=account, subject=person, login=login, password_hash=known.password_hash,
            organisation=known.organisation,
        ),
        Role(id=grant, account=account, role=role, place=place, since=town.clock.city_time()),
    )  # fmt: skip
    subjects = (("party", person), ("account", account), ("role", grant))
    record = Record(kind="account.create", actor=0, at=town.clock.city_time(), subjects=subjects)
    town.store.apply(Changes(puts=rows, records=(record,)))
    town.reread()
