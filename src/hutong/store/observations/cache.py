"""A cache bounded in bytes: the entry not used for longest goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class BoundedCache(Generic[V]):
    """Only for values that never change under their key. Safe to use from many threads."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, tuple[V, int]] = OrderedDict()

    def find(self, key: Hashable) -> V | None:
        """The value kept under `key`."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def get(self, key: Hashable, load: Callable[[], V], size: Callable[[V], int]) -> V:
        """The value kept under `key`, or loaded and then kept."""
        kept = self.find(key)
        if kept is not None:
            return kept
        value = load()
        self.put(key, value, size(value))
        return value

    def put(self, key: Hashable, value: V, size: int) -> None:
        with self._lock:
            if key in self._entries:
                self._held -= self._entries.pop(key)[1]
            self._entries[key] = (value, size)
            self._held += size
            while self._held > self._limit and self._entries:
                self._held -= self._entries.popitem(last=False)[1][1]

    @property
    def held(self) -> int:
        """Bytes kept now."""
        return self._held
