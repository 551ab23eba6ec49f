"""Who and where: places, organisations, accounts and roles held in memory, as scopes, actors and names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
import shapely
from msgspec.structs import replace

from hutong.engine.handle.responsibility import Duties
from hutong.kernel.access import Actor, Grant, Permission
from hutong.kernel.base import DataClass, Entity, Instant, Label
from hutong.kernel.definition.plan import ModeDefinition
from hutong.kernel.definition.procedure import RoleDefinition
from hutong.kernel.errors import NotFound, Unauthenticated
from hutong.kernel.locate import OUTSIDE, Locator
from hutong.kernel.party import Account, Party, Responsibility, Role
from hutong.kernel.place import Place
from hutong.kernel.plan import Mode
from hutong.kernel.ports import Reader
from hutong.kernel.query import EVERYTHING, Expr, In, IsNull, field

E = TypeVar("E", bound=Entity)
PAGE = 5000
NEVER, EVER = -(1 << 63), 1 << 63


def everything(reader: Reader, noun: type[E], where: Expr = EVERYTHING) -> list[E]:
    """All rows of a small noun, or of a small part of it."""
    rows: list[E] = []
    after: str | None = None
    while True:
        page = reader.find(noun, where, limit=PAGE, after=after)
        rows.extend(page.rows)
        after = page.after
        if after is None:
            return rows


class Directory:
    """A view of the city's places and parties, loaded once and again when they change."""

    def __init__(
        self, reader: Reader, roles: Iterable[RoleDefinition], modes: Iterable[ModeDefinition] = ()
    ) -> None:
        self.roles = {role.name: role for role in roles}
        self._grants_of = {mode.name: mode.grants for mode in modes}
        self.modes = sorted(
            reader.find(Mode, IsNull(field("until")), limit=100).rows, key=lambda one: (one.since, one.id)
        )
        """平战 modes that are on, the first to be switched on first."""
        self.places = {place.id: place for place in everything(reader, Place)}
        units = In(field("kind"), ("organisation", "post"))
        self.organisations = {party.id: party for party in everything(reader, Party, units)}
        self.accounts = {account.id: account for account in everything(reader, Account)}
        self.persons = reader.many(Party, [account.subject for account in self.accounts.values()])
        """Those who hold accounts; callers are many, and none of its business."""
        self.held: dict[int, list[Role]] = {}
        for role in everything(reader, Role):
            self.held.setdefault(role.account, []).append(role)
        self.organisation_codes = {self.unit_code(one): one for one in self.organisations}
        self.duties = Duties(everything(reader, Responsibility), self.unit_code)
        self.place_codes = {
            place.code: place.id for place in self.places.values() if place.tree != "duty_grid"
        }
        self._ancestors: dict[int, tuple[int, ...]] = {}
        self._actors: dict[int, tuple[Instant, Instant, Actor]] = {}
        """What an account may do, with the first moment and the end of it."""
        self._locator: Locator | None = None
        self._grid_ids = np.zeros(0, np.int64)

    def ancestors(self, id: int) -> tuple[int, ...]:
        """The place or organisation itself and all wider ones, nearest first."""
        known = self._ancestors.get(id)
        if known is None:
            known = self._ancestors[id] = self._climb(id)
        return known

    def _climb(self, id: int) -> tuple[int, ...]:
        found: dict[int, None] = {}
        waiting = [id]
        while waiting:
            one = waiting.pop(0)
            if one in found:
                continue
            found[one] = None
            place = self.places.get(one)
            if place is not None:
                waiting.extend((*([place.parent] if place.parent else []), *place.members_of))
            organisation = self.organisations.get(one)
            if organisation is not None and organisation.parent:
                waiting.append(organisation.parent)
        return tuple(found)

    def scope(self, *ids: int | None) -> tuple[int, ...]:
        """Every place and organisation whose people may see something at these."""
        found: dict[int, None] = {}
        for one in ids:
            if one is not None:
                found.update(dict.fromkeys(self.ancestors(one)))
        return tuple(found)

    def locate(self, lon: float, lat: float) -> int | None:
        """The unit grid at a point; None outside the city."""
        if self._locator is None:
            grids = sorted(
                (one for one in self.places.values() if one.tree == "unit_grid"), key=lambda one: one.code
            )
            self._grid_ids = np.array([grid.id for grid in grids], np.int64)
            shapes = shapely.from_wkb([grid.geometry for grid in grids])
            self._locator = Locator(np.asarray(shapes, dtype=object))
        index = int(self._locator.locate(np.array([[lon, lat]]))[0])
        return None if index == OUTSIDE else int(self._grid_ids[index])

    def unit_code(self, id: int) -> str:
        """The code of an organisation; `#ID` for one without."""
        party = self.organisations.get(id)
        return party.code if party and party.code else f"#{id}"

    def organisation(self, code: str) -> int:
        """The id of an organisation by its code."""
        if code not in self.organisation_codes:
            raise NotFound("organisation", f"there is no organisation {code!r}", "see organisations.yaml")
        return self.organisation_codes[code]

    def actor(self, account_id: int, at: Instant) -> Actor:
        """What an account may do at a time. Unauthenticated if it is gone or disabled."""
        known = self._actors.get(account_id)
        if known is not None and known[0] <= at < known[1]:
            return known[2]
        moments = [one.since for one in self.modes]
        for one in self.held.get(account_id, []):
            moments += [one.since] if one.until is None else [one.since, one.until]
        actor = self._actor(account_id, at)
        since = max((one for one in moments if one <= at), default=NEVER)
        self._actors[account_id] = since, min((one for one in moments if one > at), default=EVER), actor
        return actor

    def _actor(self, account_id: int, at: Instant) -> Actor:
        account = self.accounts.get(account_id)
        if account is None or account.disabled is not None:
            raise Unauthenticated(
                "account", "the account is gone or disabled", "sign in with another account"
            )
        held = [
            one for one in self.held.get(account_id, []) if one.since <= at and (one.until or at + 1) > at
        ]
        roles = [(one, self.roles[one.role]) for one in held if one.role in self.roles]
        organisation = self.organisations.get(account.organisation or 0)
        return Actor(
            account=account_id,
            party=account.subject,
            organisation=account.organisation,
            roles=tuple(one.role for one, _ in roles),
            grants=tuple(
                grant
                for one, role in roles
                for grant in _grants(one, self._under_modes(role, at), account.organisation)
            ),
            side=organisation.side if organisation else "public",
            simulated=account.simulated,
            name=self.account_name(account_id).zh,
        )

    def modes_at(self, at: Instant) -> tuple[str, ...]:
        """Names of the 平战 modes that are on at a time."""
        return tuple(dict.fromkeys(one.name for one in self.modes if one.since <= at))

    def _under_modes(self, role: RoleDefinition, at: Instant) -> RoleDefinition:
        """The role with what modes that are on let it do besides."""
        further = [self._grants_of.get(name, {}).get(role.name) for name in self.modes_at(at)]
        if not any(further):
            return role
        may = dict(role.may)
        for granted in filter(None, further):
            for verb, nouns in granted.items():
                may[verb] = tuple(dict.fromkeys((*may.get(verb, ()), *nouns)))
        return replace(role, may=may)

    def account_name(self, account_id: int) -> Label:
        """The name people read; staff names are known to staff."""
        if account_id == 0:
            return Label("平台", "Hutong")
        account = self.accounts.get(account_id)
        person = self.persons.get(account.subject) if account else None
        name = (person.person_name or "") if person else ""
        return Label(name or f"{account_id} 号", name or f"no. {account_id}")

    def organisation_name(self, id: int) -> Label:
        party = self.organisations.get(id)
        return party.label if party and party.label else Label(f"{id} 号", f"no. {id}")

    def place_name(self, id: int | None) -> Label:
        place = self.places.get(id or 0)
        return place.name if place else Label("", "")


def _grants(held: Role, role: RoleDefinition, unit: int | None) -> list[Grant]:
    """People of a handling unit see and work on the cases dispatched to it; the map and its gauges are everybody's."""

    def organisation(noun: str) -> int | None:
        own_cases = role.side == "handling" and "." in noun
        return held.organisation or (unit if own_cases else None)

    return [
        Grant(role.name, Permission(verb, noun, DataClass(role.data_class)), held.place, organisation(noun))
        for verb, nouns in role.may.items()
        for noun in nouns
    ]
