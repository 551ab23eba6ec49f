"""The tables of observations, for both databases. `lane` is in every key (Citus distributes by it)."""

from __future__ import annotations

from hutong.store.transaction import Dialect, Tx

_TABLES = """
CREATE TABLE observation_lane (
    lane BIGINT NOT NULL PRIMARY KEY,
    first_chunk BIGINT NOT NULL,
    next_chunk BIGINT NOT NULL,
    next_run BIGINT NOT NULL,
    tail_rows BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    folds BIGINT NOT NULL,
    amendments BIGINT NOT NULL,
    stamp BIGINT NOT NULL,
    lease_owner BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);
CREATE TABLE observation_chunk (
    lane BIGINT NOT NULL,
    chunk BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (lane, chunk)
);
CREATE TABLE observation_run (
    lane BIGINT NOT NULL,
    run BIGINT NOT NULL,
    level BIGINT NOT NULL,
    first_chunk BIGINT NOT NULL,
    last_chunk BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    stream_min BIGINT NOT NULL,
    stream_max BIGINT NOT NULL,
    time_min BIGINT NOT NULL,
    time_max BIGINT NOT NULL,
    catalog BYTEA NOT NULL,
    PRIMARY KEY (lane, run)
);
CREATE TABLE observation_segment (
    lane BIGINT NOT NULL,
    run BIGINT NOT NULL,
    part BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (lane, run, part)
);
CREATE TABLE observation_archive (
    lane BIGINT NOT NULL,
    run BIGINT NOT NULL,
    day TEXT NOT NULL,
    file TEXT NOT NULL,
    digest TEXT NOT NULL,
    size BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    time_min BIGINT NOT NULL,
    time_max BIGINT NOT NULL,
    PRIMARY KEY (lane, run)
);
CREATE TABLE observation_page (
    lane BIGINT NOT NULL,
    page BIGINT NOT NULL,
    version BIGINT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (lane, page)
);
CREATE TABLE observation_amend (
    lane BIGINT NOT NULL,
    stream BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    was_time BIGINT NOT NULL,
    time BIGINT NOT NULL,
    dead BIGINT NOT NULL,
    number_bits BIGINT NOT NULL,
    quality BIGINT NOT NULL,
    extra BYTEA,
    PRIMARY KEY (lane, stream, sequence)
)
"""

_BLOBS = {
    "observation_chunk": "data",
    "observation_run": "catalog",
    "observation_segment": "data",
    "observation_page": "data",
}


def statements(dialect: Dialect) -> list[str]:
    """The statements that make the tables, one by one, for the migration."""
    tables = [text.strip() for text in _TABLES.split(";")]
    if dialect == "sqlite":
        types = {"BIGINT": "INTEGER", "BYTEA": "BLOB"}
        for common, own in types.items():
            tables = [text.replace(common, own) for text in tables]
        return [f"{text} STRICT" for text in tables]
    # Blobs are compressed already: PostgreSQL must not try again.
    external = [
        f"ALTER TABLE {table} ALTER COLUMN {name} SET STORAGE EXTERNAL" for table, name in _BLOBS.items()
    ]
    return tables + external


def create_tables(tx: Tx) -> None:
    for statement in statements(tx.dialect):
        tx.execute(statement)
