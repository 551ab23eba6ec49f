"""Answers kept for a moment, so that many screens cost as much as one."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from hutong.kernel.base import SECOND, Instant

T = TypeVar("T")
KEPT = 2000


class _Slot:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.value: Any = None
        self.until: Instant = -1


class Recent:
    """Values by key. `now` is recorded time."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()

    def get(self, key: Hashable, for_seconds: float, make: Callable[[], T]) -> T:
        """The value, made anew when it is older than `for_seconds`; others who ask meanwhile wait for it."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            if len(self._slots) > KEPT:
                self._slots.popitem(last=False)
        with slot.lock:
            if self._now() >= slot.until:
                slot.value = make()
                slot.until = self._now() + round(for_seconds * SECOND)
            value: T = slot.value
            return value

    def known(self, key: Hashable) -> Any:
        """The value if it is there and not too old; None otherwise."""
        slot = self._slots.get(key)
        return slot.value if slot is not None and self._now() < slot.until else None

    def drop(self, key: Hashable) -> None:
        with self._lock:
            self._slots.pop(key, None)
