"""Numbered migrations. A new database gets today's layout at once; an older one is brought up step by step.

`NNNN_name.sqlite.sql` and `NNNN_name.postgresql.sql` hold the statements of a step, separated by lines `--;`. Number 1
is the first published layout. A test proves that all steps together give the layout of the kernel's structs.
"""

from __future__ import annotations

import hashlib
from importlib import resources

from hutong.kernel.errors import Unavailable
from hutong.store.chain import GENESIS, HashName
from hutong.store.index_pause import mend_indexes
from hutong.store.schema import statements
from hutong.store.transaction import Database, Dialect, Tx

SEPARATOR = "\n--;\n"


def steps(dialect: Dialect) -> dict[int, list[str]]:
    """The statements of every step, by number."""
    found: dict[int, list[str]] = {}
    for entry in sorted(resources.files(__name__).iterdir(), key=lambda one: one.name):
        if entry.name.endswith(f".{dialect}.sql"):
            number = int(entry.name.split("_")[0])
            found[number] = [
                text.strip() for text in entry.read_text("utf-8").split(SEPARATOR) if text.strip()
            ]
    return found


def layout_digest(dialect: Dialect) -> str:
    """Names today's layout, so that a database made by another build of the same number is not misread."""
    return hashlib.sha256(SEPARATOR.join(statements(dialect)).encode()).hexdigest()


def prepare(database: Database, hash_name: HashName) -> HashName:
    """Makes or migrates the tables, in one transaction; returns the journal's hash."""
    with database.write() as tx:
        if tx.dialect == "postgresql":
            tx.execute("SELECT pg_advisory_xact_lock(4862453)")
        known = _meta(tx)
        if not known:
            _create(tx, hash_name)
            return hash_name
        _migrate(tx, int(known["layout"]))
        if known.get("layout_digest") != layout_digest(tx.dialect) and int(known["layout"]) == latest(
            tx.dialect
        ):
            raise Unavailable(
                "database",
                "was made by another build of this version",
                "export it with that build, or start with an empty folder",
            )
        mend_indexes(tx)
        return "sm3" if known["hash"] == "sm3" else "sha256"


def latest(dialect: Dialect) -> int:
    """The number of the newest step."""
    return max(steps(dialect))


def _meta(tx: Tx) -> dict[str, str]:
    exists = (
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'"
        if tx.dialect == "sqlite"
        else "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'meta'"
    )
    if tx.row(exists) is None:
        return {}
    return dict(tx.rows("SELECT name, value FROM meta"))


def _create(tx: Tx, hash_name: HashName) -> None:
    for statement in statements(tx.dialect):
        tx.execute(statement)
    tx.execute(
        "INSERT INTO lane (lane, position, head, state_version, recorded, streams) VALUES (1, 0, ?, 0, 0, 0)",
        (GENESIS,),
    )
    tx.execute("INSERT INTO id_block (name, next) VALUES ('row', 1), ('stream', 1)")
    _set_meta(tx, {"layout": str(latest(tx.dialect)), "hash": hash_name})


def _set_meta(tx: Tx, values: dict[str, str]) -> None:
    for name, value in {**values, "layout_digest": layout_digest(tx.dialect)}.items():
        tx.execute(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )


def _migrate(tx: Tx, number: int) -> None:
    newest = latest(tx.dialect)
    if number > newest:
        raise Unavailable(
            "database",
            f"has layout {number}; this version knows layouts up to {newest}",
            "install a newer version of hutong",
        )
    if number == newest:
        return
    for step in range(number + 1, newest + 1):
        for statement in steps(tx.dialect)[step]:
            tx.execute(statement)
    _set_meta(tx, {"layout": str(newest)})
