"""Opens a city's store: a folder means SQLite, a postgresql:// address PostgreSQL."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.kernel.clock import Clock
from hutong.kernel.errors import Invalid, Unavailable
from hutong.store.archive import ArchiveFiles
from hutong.store.chain import HashName, hash_function
from hutong.store.checkpoints import EVERY, Checkpoints
from hutong.store.city_store import CityStore
from hutong.store.codec import Codec
from hutong.store.files import FolderFiles
from hutong.store.migrations import prepare
from hutong.store.observations import Observations, Packer
from hutong.store.postgresql import PostgresDatabase
from hutong.store.sqlite import SQLiteDatabase
from hutong.store.transaction import Database, Tx
from hutong.store.vault import CipherName, Vault

DATABASE = "city.db"
ARCHIVE = Path("archive") / "observations"


class Settings(msgspec.Struct, frozen=True):
    """What is chosen when a city is made. The hash of a journal cannot change later; the cipher may."""

    hash: HashName = "sha256"
    cipher: CipherName = "aes-256-gcm"
    checkpoint_every: int = EVERY


def is_server(place: str | Path) -> bool:
    """Does the place name a PostgreSQL server rather than a folder?"""
    return str(place).startswith(("postgresql://", "postgres://"))


def open_store(
    place: str | Path,
    *,
    clock: Clock,
    folder: str | Path | None = None,
    keys_folder: str | Path | None = None,
    settings: Settings | None = None,
    beside: bool = False,
) -> CityStore:
    """Opens (and makes or migrates) the store at `place`.

    `folder` holds files, keys and checkpoints; for SQLite it is `place` itself. `keys_folder` may lie on another disk.
    `beside` another process that holds the city: it alone signs checkpoints. Who wrote ends with `close`, who only read or
    backed up with `abandon`.
    """
    if folder is None and is_server(place):
        raise Invalid("folder", "is needed with PostgreSQL", "name the city's folder for files and keys")
    city = Path(folder) if folder is not None else Path(place)
    city.mkdir(parents=True, exist_ok=True)
    keys = Path(keys_folder) if keys_folder is not None else city / "keys"
    chosen = settings or Settings()
    database = _open_database(place, beside)
    try:
        hash_name = prepare(database, chosen.hash)
        vault = Vault(keys, chosen.cipher)
        checkpoints = Checkpoints(city / "checkpoints", keys, clock, chosen.checkpoint_every)
        files = FolderFiles(city / "files", vault)
        archive = ArchiveFiles(city / ARCHIVE)
        digest = hash_function(hash_name)
        return CityStore(database, Codec(vault), files, clock, digest, checkpoints, archive, signs=not beside)
    except BaseException:
        database.close()
        raise


PACKER_PAUSE = 0.005
"""A packer that waits for the writer lets the commits of the city pass first (seconds between two looks)."""


def open_packing(place: str | Path, folder: Path, clock: Clock) -> tuple[Database, list[Packer]]:
    """The database of a city that another process serves, opened for packing alone, and a packer for each lane.

    The tables must be there already. Close the database when the packers have ended.
    """
    database: Database
    if is_server(place):
        database = PostgresDatabase(str(place), readers=2, writers=2)
    else:
        database = SQLiteDatabase(Path(place) / DATABASE, pause=PACKER_PAUSE, synced=False)
    observations = Observations(_nothing_repeats, ArchiveFiles(folder / ARCHIVE))
    with database.read() as tx:
        lanes = [int(row[0]) for row in tx.rows("SELECT lane FROM lane ORDER BY lane")]
    return database, [Packer(database, lane, clock, observations) for lane in lanes]


def _nothing_repeats(tx: Tx, lane: int, streams: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Packers append nothing, so nobody asks what repeats a time."""
    return np.zeros(len(streams), np.uint8)


def _open_database(place: str | Path, beside: bool) -> Database:
    if is_server(place):
        return PostgresDatabase(str(place))
    return SQLiteDatabase(Path(place) / DATABASE) if beside else LockedSQLite(Path(place))


def hold(folder: Path) -> IO[str]:
    """Holds a city's folder for this process until the file is closed; Unavailable if another holds it."""
    held = (folder / "city.lock").open("a+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.seek(0)
        holder = held.read().strip() or "another process"
        held.close()
        raise Unavailable(
            "city.lock", f"the city is open in {holder}", "stop it, or let it do the work"
        ) from None
    held.truncate(0)
    held.write(f"process {os.getpid()}")
    held.flush()
    return held


class LockedSQLite(SQLiteDatabase):
    """A city's SQLite file, held by one process: `city.lock` says by which."""

    def __init__(self, folder: Path) -> None:
        self._held = hold(folder)
        super().__init__(folder / DATABASE)

    def close(self) -> None:
        super().close()
        self._held.close()
