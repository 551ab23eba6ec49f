"""The store: SQLite or PostgreSQL behind the kernel's Store port. `open_store` is the way in."""

from hutong.store.backup import backup
from hutong.store.city_store import CityStore
from hutong.store.opening import Settings, is_server, open_store
from hutong.store.restore import restore

__all__ = ["CityStore", "Settings", "backup", "is_server", "open_store", "restore"]
