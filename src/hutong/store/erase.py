"""Erasure: the intent is in the journal's transaction; here the keys are destroyed, also after a crash in between."""

from __future__ import annotations

from hutong.store.sql import one_of
from hutong.store.transaction import Database
from hutong.store.vault import Vault


def finish_erasures(database: Database, vault: Vault) -> list[int]:
    """Destroys the keys of all parties whose erasure is recorded and not done; returns them."""
    with database.read() as tx:
        waiting = [row[0] for row in tx.rows("SELECT party FROM erasure WHERE done = 0")]
    if not waiting:
        return []
    for party in waiting:
        vault.destroy(party)
    with database.write() as tx:
        matched, parties = one_of(tx.dialect, "party", waiting)
        tx.execute(f"UPDATE erasure SET done = 1 WHERE {matched}", (parties,))
    return waiting


def erase_again(database: Database, vault: Vault) -> None:
    """After a restore: the keys that were given may be older than the erasures that the rows tell of."""
    with database.write() as tx:
        tx.execute("UPDATE erasure SET done = 0")
    finish_erasures(database, vault)
