"""Backup while running, and restore: the same form for both databases, so a city may also change its database.

A backup folder holds `manifest.json`, `tables/NAME.rows` (zstd-compressed MessagePack lists of rows), `files/`, `archive/` and
`checkpoints/`, all at one journal position. It never holds keys: keep those apart, or erasure would mean nothing.
"""

from __future__ import annotations

import hashlib
import shutil
import struct
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec
import zstandard

from hutong.kernel.errors import Corrupt, Invalid
from hutong.store.archive.files import ArchiveFiles, Written, named_files
from hutong.store.beside import write_beside
from hutong.store.checkpoints import Head, read_heads
from hutong.store.city_store import CityStore
from hutong.store.codec import Stored
from hutong.store.durable import keep, sync_folder
from hutong.store.layout import nouns
from hutong.store.migrations import latest
from hutong.store.sql import quoted
from hutong.store.transaction import Row, Tx

MANIFEST = "manifest.json"
BATCH = 2000
_SIZE = struct.Struct("<I")


class TableFile(msgspec.Struct, frozen=True):
    """One table of a backup."""

    name: str
    columns: tuple[str, ...]
    rows: int
    digest: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds, and at which journal positions."""

    layout: int
    hash: str
    recorded_at: int
    heads: tuple[Head, ...]
    tables: tuple[TableFile, ...]


def backup(store: CityStore, target: str | Path) -> Manifest:
    """Writes a backup into an empty or new folder while the store goes on working."""
    folder = Path(target)
    if folder.exists() and any(folder.iterdir()):
        raise Invalid("folder", f"{folder} is not empty", "name a new folder for each backup")
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    with store.database.read() as tx:
        heads = read_heads(tx)
        hash_name = str((tx.row("SELECT value FROM meta WHERE name = 'hash'") or ("",))[0])
        tables = tuple(_write_table(tx, name, columns, folder) for name, columns in table_columns(tx).items())
        copy_archive(store.archive, named_files(tx), folder / "archive")
    store.checkpoints.copy(folder / "checkpoints", heads)
    _copy_files(store.files.folder, folder / "files")
    number = latest(store.database.dialect)
    manifest = Manifest(number, hash_name, store.clock.recorded_at(), heads, tables)
    keep(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def table_columns(tx: Tx) -> dict[str, tuple[str, ...]]:
    """The tables that hold what cannot be made again, with their columns."""
    if tx.dialect == "sqlite":
        sql = (
            "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c "
            "WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY m.name, c.cid"
        )
    else:
        sql = (
            "SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c "
            "JOIN information_schema.tables t USING (table_schema, table_name) "
            "WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' "
            "ORDER BY c.table_name, c.ordinal_position"
        )
    found: dict[str, tuple[str, ...]] = {}
    for table, column in tx.rows(sql):
        if (
            table != "meta"
            and "_words" not in table
            and "_box" not in table
            and not table.startswith("sqlite_")
        ):
            found[table] = (*found.get(table, ()), column)
    return found


def _write_table(tx: Tx, name: str, columns: tuple[str, ...], folder: Path) -> TableFile:
    rows, digest = 0, hashlib.sha256()
    path = folder / "tables" / f"{name}.rows"
    compressor = zstandard.ZstdCompressor(level=3)
    stream = tx.stream(f'SELECT {quoted(columns)} FROM "{name}"')
    with path.open("wb") as file:
        while part := list(islice(stream, BATCH)):
            block = compressor.compress(msgspec.msgpack.encode(part))
            file.write(_SIZE.pack(len(block)) + block)
            digest.update(block)
            rows += len(part)
    return TableFile(name, columns, rows, digest.hexdigest())


def _copy_files(source: Path, target: Path) -> None:
    """Files never change, so what is there need not be read twice."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.glob("??/*"):
        copy = target / path.parent.name / path.name
        if not copy.exists() and "." not in path.name:
            copy.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, copy)
    sync_folder(target)


def copy_archive(source: ArchiveFiles, named: list[Written], folder: Path) -> None:
    """The files of sealed days that the database names, each checked as it is copied."""
    for kept in named:
        source.check(kept)
        copy = folder / kept.file
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source.folder / kept.file, copy)
        sync_folder(copy.parent)


def read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    if not path.exists():
        raise Invalid("folder", f"{folder} holds no finished backup", "look for manifest.json")
    return msgspec.json.decode(path.read_bytes(), type=Manifest)


def fill(tx: Tx, folder: Path, manifest: Manifest) -> None:
    """Puts the rows of a backup into a database that has the layout and nothing else."""
    tx.execute("DELETE FROM lane")
    tx.execute("DELETE FROM id_block")
    for table in manifest.tables:
        _read_table(tx, table, folder)
    for noun in nouns().values():
        if noun.words or noun.geometry:
            _index_again(tx, noun.name)


def _read_table(tx: Tx, table: TableFile, folder: Path) -> None:
    digest = hashlib.sha256()
    rows = 0
    with (folder / "tables" / f"{table.name}.rows").open("rb") as file:
        for block in _blocks(file):
            digest.update(block)
            part: list[Any] = msgspec.msgpack.decode(zstandard.decompress(block))
            tx.insert(f'"{table.name}"', [f'"{name}"' for name in table.columns], part)
            rows += len(part)
    if rows != table.rows or digest.hexdigest() != table.digest:
        raise Corrupt(table.name, "this part of the backup is not what was written", "use another backup")


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while head := file.read(_SIZE.size):
        size = _SIZE.unpack(head)[0]
        block = file.read(size)
        if len(block) < size:
            raise Corrupt("backup", "a table ends in the middle", "use another backup")
        yield block


def _index_again(tx: Tx, name: str) -> None:
    """Words and boxes are made from the rows, the way the database likes them."""
    noun = nouns()[name]
    sql = f"SELECT lane, id, version, {quoted(noun.stored)} FROM {noun.table} ORDER BY lane"
    rows: Iterable[Row] = list(tx.stream(sql))
    by_lane: dict[int, list[Stored]] = {}
    for row in rows:
        by_lane.setdefault(row[0], []).append(Stored(row[1], row[2], row[3:]))
    for lane, stored in by_lane.items():
        write_beside(tx, lane, noun, [(None, one) for one in stored], scopes=False)
