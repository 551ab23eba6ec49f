"""The layout: lanes in every key, migrations that lead to it, older and newer databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hutong.kernel.clock import FixedClock
from hutong.kernel.errors import Unavailable
from hutong.store import migrations, open_store
from hutong.store.layout import nouns
from hutong.store.opening import DATABASE
from hutong.store.postgresql import PostgresDatabase
from hutong.store.schema import REFERENCE, statements
from hutong.store.sqlite import SQLiteDatabase
from hutong.store.transaction import Database, Tx


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    database: Database
    if request.param == "sqlite":
        database = SQLiteDatabase(tmp_path / DATABASE)
    else:
        database = PostgresDatabase(request.getfixturevalue("empty_postgres_url"))
    yield database
    database.close()


def keys(tx: Tx) -> dict[str, list[str]]:
    """The primary key of every ordinary table."""
    if tx.dialect == "sqlite":
        sql = (
            "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' "
            "AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND m.name NOT LIKE '%\\_words\\_%' ESCAPE '\\' "
            "AND m.name NOT LIKE '%\\_box\\_%' ESCAPE '\\' AND c.pk > 0 ORDER BY m.name, c.pk"
        )
    else:
        sql = (
            "SELECT t.relname::text, a.attname::text FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid "
            "JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = current_schema() "
            "CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k (n, place) "
            "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.n "
            "WHERE i.indisprimary ORDER BY t.relname, k.place"
        )
    found: dict[str, list[str]] = {}
    for table, column in tx.rows(sql):
        found.setdefault(table, []).append(column)
    return found


def test_the_lane_is_in_every_key(empty: Database) -> None:
    migrations.prepare(empty, "sha256")
    with empty.read() as tx:
        found = keys(tx)
    assert set(REFERENCE) <= set(found)
    assert set(nouns()) <= set(found)
    assert [table for table, key in found.items() if key[0] != "lane" and table not in REFERENCE] == []
    assert found["thing"] == ["lane", "id"]
    assert found["thing_versions"] == ["lane", "id", "version"]


def catalogue(tx: Tx) -> set[tuple[object, ...]]:
    """Everything the database knows of its tables, indexes, views and triggers."""
    if tx.dialect == "sqlite":
        return set(tx.rows("SELECT type, name, tbl_name, sql FROM sqlite_schema"))
    columns = (
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text, collation_name::text "
        "FROM information_schema.columns WHERE table_schema = current_schema()"
    )
    indexes = "SELECT indexname::text, indexdef::text FROM pg_indexes WHERE schemaname = current_schema()"
    views = "SELECT viewname::text, definition::text FROM pg_views WHERE schemaname = current_schema()"
    triggers = "SELECT tgname::text, pg_get_triggerdef(oid)::text FROM pg_trigger WHERE NOT tgisinternal"
    return {row for sql in (columns, indexes, views, triggers) for row in tx.rows(sql)}


def test_all_migrations_lead_to_the_layout_of_the_structs(empty: Database) -> None:
    """If this fails after a change of a struct: write the next numbered step (before the first release run
    `python -m hutong.store.migrations`, which writes step 1 anew).
    """

    with empty.write() as tx:
        tx.execute("SAVEPOINT derived")
        for statement in statements(tx.dialect):
            tx.execute(statement)
        derived = catalogue(tx)
        tx.execute("ROLLBACK TO SAVEPOINT derived")
        for _, step in sorted(migrations.steps(tx.dialect).items()):
            for statement in step:
                tx.execute(statement)
    with empty.read() as tx:
        assert catalogue(tx) == derived


def test_an_older_database_is_brought_up(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(tmp_path, clock=clock).close()
    today = migrations.steps("sqlite")
    step = ["CREATE TABLE later (lane INTEGER NOT NULL PRIMARY KEY) STRICT", "INSERT INTO later VALUES (1)"]
    monkeypatch.setattr(migrations, "steps", lambda dialect: {**today, 2: step})
    store = open_store(tmp_path, clock=clock)
    with store.database.read() as tx:
        assert tx.row("SELECT lane FROM later") == (1,)
    store.close()
    open_store(tmp_path, clock=clock).close()


def test_a_failed_migration_changes_nothing(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(tmp_path, clock=clock).close()
    today = migrations.steps("sqlite")
    step = ["CREATE TABLE later (lane INTEGER NOT NULL PRIMARY KEY) STRICT", "CREATE TABLE later (x)"]
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "steps", lambda dialect: {**today, 2: step})
        with pytest.raises(Exception, match="already exists"):
            open_store(tmp_path, clock=clock)
    store = open_store(tmp_path, clock=clock)
    with store.database.read() as tx:
        assert tx.row("SELECT 1 FROM sqlite_schema WHERE name = 'later'") is None
    store.close()


@pytest.mark.parametrize(
    ("name", "value", "words"), [("layout", "99", "newer version"), ("layout_digest", "x", "another build")]
)
def test_a_database_of_another_version(
    tmp_path: Path, clock: FixedClock, name: str, value: str, words: str
) -> None:
    store = open_store(tmp_path, clock=clock)
    with store.database.write() as tx:
        tx.execute("UPDATE meta SET value = ? WHERE name = ?", (value, name))
    store.close()
    with pytest.raises(Unavailable, match=words):
        open_store(tmp_path, clock=clock)
