"""Leases of work that one process at a time does (the outbox): by name, kept in the database, beside no city data."""

from __future__ import annotations

import msgspec

from hutong.kernel.base import Instant
from hutong.kernel.clock import Clock
from hutong.store.observations.lease import LEASE, held, new_token
from hutong.store.sql import upsert
from hutong.store.transaction import Database, Tx

LANE = 1


class _Row(msgspec.Struct, frozen=True):
    lease_owner: int
    lease_until: Instant


class StoredLease:
    """One name's lease. `hold` takes or prolongs it; whoever is killed is followed at once on the same machine."""

    def __init__(self, database: Database, clock: Clock, name: str) -> None:
        self._database = database
        self._clock = clock
        self._name = name
        self._token = new_token()

    def hold(self) -> bool:
        """False while somebody else holds it."""
        now = self._clock.recorded_at()
        with self._database.read() as tx:
            row = self._row(tx)
        if row and row.lease_owner == self._token and row.lease_until - now > LEASE // 2:
            return True
        if row and row.lease_owner != self._token and held(row, now):
            return False
        with self._database.write() as tx:
            row = self._row(tx, lock=True)
            if row and row.lease_owner != self._token and held(row, now):
                return False
            sql = upsert('"lease"', ("lane", "name", "owner", "until"), ("lane", "name"))
            tx.execute(sql, (LANE, self._name, self._token, now + LEASE))
        return True

    def give_up(self) -> None:
        """Lets another take it at once."""
        with self._database.write() as tx:
            tx.execute(
                'UPDATE "lease" SET "until" = 0 WHERE lane = ? AND name = ? AND owner = ?',
                (LANE, self._name, self._token),
            )

    def _row(self, tx: Tx, *, lock: bool = False) -> _Row | None:
        suffix = " FOR UPDATE" if lock and tx.dialect == "postgresql" else ""
        found = tx.row(
            f'SELECT owner, "until" FROM "lease" WHERE lane = ? AND name = ?{suffix}', (LANE, self._name)
        )
        return _Row(*found) if found else None
