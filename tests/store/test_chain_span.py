"""A stretch of the journal can be checked by itself."""

from __future__ import annotations

import pytest

from hutong.kernel.changes import Changes, Record
from hutong.store import CityStore
from hutong.store.verify import chain_holds


@pytest.fixture
def written(store: CityStore) -> CityStore:
    for number in range(1, 8):
        store.apply(Changes(records=(Record(kind="test.note", actor=0, at=number, facts={"n": number}),)))
    return store


def _forge(store: CityStore, sql: str) -> None:
    """As somebody who may write the database past the store."""
    with store.database.write() as tx:
        if tx.dialect == "sqlite":
            tx.execute("DROP TRIGGER journal_no_update")
            tx.execute("DROP TRIGGER journal_no_delete")
        else:
            tx.execute("DROP TRIGGER journal_no_change ON journal")
        tx.execute(sql)


def test_an_honest_stretch_holds(written: CityStore) -> None:
    assert chain_holds(written.database, written.digest, 2, 6)
    assert chain_holds(written.database, written.digest, 1, 7)
    assert not chain_holds(written.database, written.digest, 5, 9), "records that are not there"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE journal SET kind = 'test.lie' WHERE position = 4",
        "UPDATE journal SET actor = 7 WHERE position = 4",
        "DELETE FROM journal WHERE position = 4",
        "DELETE FROM journal WHERE position = 6",
    ],
)
def test_a_forged_one_does_not(written: CityStore, sql: str) -> None:
    _forge(written, sql)
    assert not chain_holds(written.database, written.digest, 2, 6)
    assert chain_holds(written.database, written.digest, 1, 3)
