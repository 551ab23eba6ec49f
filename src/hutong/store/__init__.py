"""The store: SQLite or PostgreSQL behind the kernel's Store port. `open_store` is the way in."""

from hutong.store.city_store import CityStore
from hutong.store.opening import Settings, is_server, open_store

__all__ = ["CityStore", "Settings", "is_server", "open_store"]
