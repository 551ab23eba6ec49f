"""Restores a backup into a new store of either kind, and checks it."""

from __future__ import annotations

import shutil
from pathlib import Path

from hutong.kernel.clock import Clock
from hutong.kernel.errors import Corrupt, Invalid
from hutong.store.archive.files import named_files
from hutong.store.backup import MANIFEST, fill, read_manifest
from hutong.store.city_store import CityStore
from hutong.store.erase import erase_again
from hutong.store.migrations import latest
from hutong.store.opening import ARCHIVE, Settings, open_store
from hutong.store.transaction import Tx


def restore(
    source: str | Path,
    place: str | Path,
    *,
    clock: Clock,
    folder: str | Path | None = None,
    keys_folder: str | Path | None = None,
) -> CityStore:
    """Opens a store with the backup's rows, files and checkpoints; Corrupt if it does not verify.

    `place` must be empty. Give the city's `keys_folder` (kept apart from backups): without it checkpoints cannot be
    checked and personal fields stay unreadable.
    """
    origin = Path(source)
    manifest = read_manifest(origin)
    city = Path(folder) if folder is not None else Path(place)
    _copy_folders(origin, city)
    settings = Settings(hash="sm3" if manifest.hash == "sm3" else "sha256")
    store = open_store(place, clock=clock, folder=folder, keys_folder=keys_folder, settings=settings)
    try:
        if manifest.layout != latest(store.database.dialect):
            raise Invalid(
                "backup", f"has layout {manifest.layout}", "restore it with its version, then upgrade"
            )
        with store.database.write() as tx:
            _refuse_used(tx)
            fill(tx, origin, manifest)
        _check_archive(store)
        erase_again(store.database, store.codec.vault)
        store.lanes = store.known_lanes()
        report = store.verify()
        if not report.sound:
            raise Corrupt("backup", f"does not verify: {report.faults[0].reason}", "use another backup")
    except BaseException:
        store.abandon()
        raise
    return store


def _copy_folders(origin: Path, city: Path) -> None:
    for part in ("files", "checkpoints"):
        if (city / part).exists() and any((city / part).iterdir()):
            raise Invalid("folder", f"{city / part} is not empty", f"restore {MANIFEST} into a new folder")
        shutil.copytree(origin / part, city / part, dirs_exist_ok=True)
    if (origin / "archive").is_dir():
        shutil.copytree(origin / "archive", city / ARCHIVE, dirs_exist_ok=True)


def _check_archive(store: CityStore) -> None:
    """Corrupt if a file of a sealed day is missing or changed."""
    with store.database.read() as tx:
        for kept in named_files(tx):
            store.archive.check(kept)


def _refuse_used(tx: Tx) -> None:
    if tx.row("SELECT 1 FROM journal LIMIT 1") is not None:
        raise Invalid("place", "the database is not empty", "restore into a new one")
