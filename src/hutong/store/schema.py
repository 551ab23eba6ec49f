"""DDL of the layout in both dialects. The layout is the same; only types and special indexes differ."""

from __future__ import annotations

from collections.abc import Iterator

from hutong.store import observations
from hutong.store.json_index import json_index
from hutong.store.layout import BOX, STAMPS, Column, Kind, Noun, nouns
from hutong.store.transaction import Dialect

_SQLITE: dict[Kind, str] = {
    "int": "INTEGER",
    "float": "REAL",
    "text": "TEXT",
    "bool": "INTEGER",
    "json": "TEXT",
    "wkb": "BLOB",
    "cipher": "BLOB",
}
_POSTGRESQL: dict[Kind, str] = {
    "int": "BIGINT",
    "float": "DOUBLE PRECISION",
    "text": 'TEXT COLLATE "C"',
    "bool": "BIGINT",
    "json": 'TEXT COLLATE "C"',
    "wkb": "BYTEA",
    "cipher": "BYTEA",
}
_TYPES: dict[Dialect, dict[Kind, str]] = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}

_Spec = tuple[str, tuple[tuple[str, Kind, bool], ...], tuple[str, ...]]
"""A table's name, its columns (name, kind, nullable) and its primary key."""

REFERENCE = ("meta", "lane", "definition", "id_block")
"""Tables without a lane: the same in every lane."""

INFRASTRUCTURE: tuple[_Spec, ...] = (
    ("meta", (("name", "text", False), ("value", "text", False)), ("name",)),
    (
        "lane",
        (
            ("lane", "int", False),
            ("position", "int", False),
            ("head", "wkb", False),
            ("state_version", "int", False),
            ("recorded", "int", False),
            ("streams", "int", False),
        ),
        ("lane",),
    ),
    ("id_block", (("name", "text", False), ("next", "int", False)), ("name",)),
    ("definition", (("digest", "text", False), ("content", "wkb", False)), ("digest",)),
    (
        "journal",
        (
            ("lane", "int", False),
            ("position", "int", False),
            ("kind", "text", False),
            ("actor", "int", False),
            ("at", "int", False),
            ("recorded_at", "int", False),
            ("cause", "text", False),
            ("body", "wkb", False),
            ("previous", "wkb", False),
            ("hash", "wkb", False),
        ),
        ("lane", "position"),
    ),
    (
        "journal_subject",
        (
            ("lane", "int", False),
            ("noun", "text", False),
            ("id", "int", False),
            ("position", "int", False),
            ("version", "int", False),
        ),
        ("lane", "noun", "id", "position"),
    ),
    (
        "journal_range",
        (
            ("lane", "int", False),
            ("noun", "text", False),
            ("last", "int", False),
            ("first", "int", False),
            ("position", "int", False),
        ),
        ("lane", "noun", "last", "position"),
    ),
    (
        "idempotency",
        (
            ("lane", "int", False),
            ("key", "text", False),
            ("digest", "text", False),
            ("position", "int", False),
            ("response", "wkb", False),
            ("recorded_at", "int", False),
        ),
        ("lane", "key"),
    ),
    (
        "subscriber",
        (("lane", "int", False), ("name", "text", False), ("value", "text", False)),
        ("lane", "name"),
    ),
    (
        "rule_mark",
        (
            ("lane", "int", False),
            ("rule", "text", False),
            ("thing", "int", False),
            ("holding_since", "int", True),
            ("clear_since", "int", True),
            ("warning", "int", True),
            ("memory", "text", False),
        ),
        ("lane", "rule", "thing"),
    ),
    (
        "numbering",
        (("lane", "int", False), ("counter", "text", False), ("last", "int", False)),
        ("lane", "counter"),
    ),
    (
        "counter",
        (("lane", "int", False), ("name", "text", False), ("key", "text", False), ("value", "int", False)),
        ("lane", "name", "key"),
    ),
    (
        "lease",
        (("lane", "int", False), ("name", "text", False), ("owner", "int", False), ("until", "int", False)),
        ("lane", "name"),
    ),
    (
        "erasure",
        (("lane", "int", False), ("party", "int", False), ("position", "int", False), ("done", "int", False)),
        ("lane", "party"),
    ),
    (
        "case_scope",
        (
            ("lane", "int", False),
            ("scope", "int", False),
            ("id", "int", False),
            ("procedure", "text", False),
            ("state", "text", False),
            ("opened", "int", False),
        ),
        ("lane", "scope", "id"),
    ),
    (
        "warning_scope",
        (
            ("lane", "int", False),
            ("scope", "int", False),
            ("state", "text", False),
            ("raised", "int", False),
            ("id", "int", False),
        ),
        ("lane", "scope", "id"),
    ),
)

INFRASTRUCTURE_INDEXES = (
    ("case_scope", ("lane", "scope", "state", "opened", "id")),
    ("case_scope", ("lane", "scope", "opened", "id")),
    ("warning_scope", ("lane", "scope", "state", "raised", "id")),
    ("warning_scope", ("lane", "scope", "raised", "id")),
    ("erasure", ("done",)),
)


def _table(dialect: Dialect, spec: _Spec, *, wide: bool = False) -> str:
    """`wide`: rows of a kilobyte and more, which SQLite packs well only into tables with row numbers."""
    name, columns, key = spec
    types = _TYPES[dialect]
    lines = [
        f'"{column}" {types[kind]}{"" if nullable else " NOT NULL"}' for column, kind, nullable in columns
    ]
    lines.append(f"PRIMARY KEY ({', '.join(_quoted(key))})")
    options = "" if dialect == "postgresql" else " STRICT" if wide else " STRICT, WITHOUT ROWID"
    return f'CREATE TABLE "{name}" ({", ".join(lines)}){options}'


def _quoted(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f'"{name}"' for name in names)


def _index(table: str, columns: tuple[str, ...]) -> str:
    name = "_".join((table, "by", *(column for column in columns if column != "lane")))
    return f'CREATE INDEX "{name}" ON "{table}" ({", ".join(_quoted(columns))})'


def _columns(noun: Noun) -> list[tuple[str, Kind, bool]]:
    found: list[tuple[str, Kind, bool]] = [
        ("lane", "int", False),
        ("id", "int", False),
        ("version", "int", False),
    ]
    found += [(name, "int", False) for name in STAMPS]
    found += [(column.name, column.kind, _nullable(column)) for column in noun.columns]
    return found + ([(name, "float", True) for name in BOX] if noun.geometry else [])


def _nullable(column: Column) -> bool:
    return column.nullable or column.kind == "cipher"


def _noun_tables(dialect: Dialect, noun: Noun) -> Iterator[str]:
    shared = _columns(noun)
    hashes: list[tuple[str, Kind, bool]] = [(name, "wkb", True) for name in noun.hashes]
    yield _table(dialect, (noun.name, tuple(shared + hashes), ("lane", "id")), wide=True)
    past: list[tuple[str, Kind, bool]] = [*shared, ("row_until", "int", False)]
    yield _table(dialect, (f"{noun.name}_versions", tuple(past), ("lane", "id", "version")), wide=True)
    names = ", ".join(f'"{name}"' for name, _, _ in shared)
    until = "NULL" if dialect == "sqlite" else "NULL::bigint"
    yield (
        f"CREATE VIEW {noun.history} AS SELECT {names}, {until} AS row_until FROM {noun.table} "
        f"UNION ALL SELECT {names}, row_until FROM {noun.versions}"
    )
    for columns in noun.indexes:
        sparse = f' WHERE "{columns[0]}" IS NOT NULL' if columns[0] in noun.sparse else ""
        yield _index(noun.name, ("lane", *columns, "id")) + sparse
    for path in noun.json_indexes:
        yield json_index(dialect, noun, path, "text")
    for columns in noun.unique:
        name = "_".join((noun.name, "of", *columns))
        yield (
            f'CREATE UNIQUE INDEX "{name}" ON {noun.table} ({", ".join(_quoted(("lane", *columns)))}) '
            "WHERE retired IS NULL"
        )
    yield from _special(dialect, noun)


def _special(dialect: Dialect, noun: Noun) -> Iterator[str]:
    """Bounding boxes and words: the parts that each database indexes its own way."""
    if dialect == "sqlite":
        if noun.geometry:
            yield f'CREATE VIRTUAL TABLE "{noun.name}_box" USING rtree (id, west, east, south, north)'
        if noun.words:
            yield (
                f"CREATE VIRTUAL TABLE \"{noun.name}_words\" USING fts5 (words, content = '', "
                "contentless_delete = 1, tokenize = \"unicode61 remove_diacritics 0 tokenchars '_'\")"
            )
        return
    if noun.geometry:
        box = "box(point(west, south), point(east, north))"
        yield f'CREATE INDEX "{noun.name}_box" ON {noun.table} USING gist (({box}))'
    if noun.words:
        yield (
            f'CREATE TABLE "{noun.name}_words" (lane BIGINT NOT NULL, id BIGINT NOT NULL, '
            "words TEXT[] NOT NULL, PRIMARY KEY (lane, id))"
        )
        yield f'CREATE INDEX "{noun.name}_words_by_word" ON "{noun.name}_words" USING gin (words)'


def _guards(dialect: Dialect) -> Iterator[str]:
    """The journal takes new records only."""
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            yield (
                f'CREATE TRIGGER "journal_no_{verb.lower()}" BEFORE {verb} ON "journal" '
                "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
            )
        return
    yield (
        "CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$"
    )
    yield (
        'CREATE TRIGGER "journal_no_change" BEFORE UPDATE OR DELETE OR TRUNCATE ON "journal" '
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()"
    )


def statements(dialect: Dialect) -> Iterator[str]:
    """Everything a new database needs, in order."""
    for spec in INFRASTRUCTURE:
        yield _table(dialect, spec, wide=spec[0] == "journal")
    for table, columns in INFRASTRUCTURE_INDEXES:
        yield _index(table, columns)
    for noun in nouns().values():
        yield from _noun_tables(dialect, noun)
    yield from _guards(dialect)
    yield from observations.statements(dialect)
