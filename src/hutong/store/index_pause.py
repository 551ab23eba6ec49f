"""Indexes that stand aside while the first rows of a noun come in by bulk: built once over all rows, each costs a fraction.

They are away only while the noun has no other rows to find. `meta` says what is away, and `mend_indexes` builds it again when
a store is opened whose load was broken off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from hutong.kernel.errors import Conflict
from hutong.store.layout import Noun, nouns
from hutong.store.schema import statements
from hutong.store.transaction import Database, Tx

AWAY = "indexes_away"
_INDEX = re.compile(r'CREATE INDEX (?:IF NOT EXISTS )?"(\w+)" ON "(\w+)"')
BUILDING = "512MB"
"""Memory that PostgreSQL may take to build one of them."""


def indexes_of(tx: Tx, noun: Noun) -> dict[str, str]:
    """Name → statement of the indexes of a noun's rows and of what is kept beside them; keys and what is unique stay."""
    tables = {noun.name, f"{noun.name}_words", noun.scope_table}
    found = ((_INDEX.match(one), one) for one in statements(tx.dialect))
    wanted = ((match, one[match.end() :]) for match, one in found if match and match[2] in tables)
    return {
        match[1]: f'CREATE INDEX IF NOT EXISTS "{match[1]}" ON "{match[2]}"{rest}' for match, rest in wanted
    }


@contextmanager
def without_indexes(database: Database, noun: Noun) -> Iterator[None]:
    """Conflict if the noun has rows. The indexes come back at the end, also of a load that failed."""
    with database.write() as tx:
        if tx.row(f"SELECT 1 FROM {noun.table} LIMIT 1") is not None:
            reason = f"there are rows of {noun.name} already, which others may be looking for"
            raise Conflict(noun.name, reason, "load them with their indexes in place")
        for name in indexes_of(tx, noun):
            tx.execute(f'DROP INDEX IF EXISTS "{name}"')
        tx.execute(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (AWAY, noun.name),
        )
    try:
        yield
    finally:
        with database.write() as tx:
            mend_indexes(tx)


def mend_indexes(tx: Tx) -> None:
    """Builds what a load put aside; nothing if nothing is away."""
    away = tx.row("SELECT value FROM meta WHERE name = ?", (AWAY,))
    if away is None:
        return
    if tx.dialect == "postgresql":
        tx.execute(f"SET LOCAL maintenance_work_mem = '{BUILDING}'")
    for statement in indexes_of(tx, nouns()[away[0]]).values():
        tx.execute(statement)
    tx.execute("DELETE FROM meta WHERE name = ?", (AWAY,))
