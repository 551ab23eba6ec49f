"""The packers of an open city: one thread a lane, until the city closes."""

from __future__ import annotations

import logging
import threading

from hutong.store.city_store import CityStore
from hutong.store.observations.packer import Packer

PATIENCE_SECONDS = 30.0
"""How long closing waits for a step that is under way; a step broken off does no harm."""
_log = logging.getLogger(__name__)


class Packing:
    """Packs observations beside the work of the city. `close` it before the store."""

    def __init__(self, store: CityStore) -> None:
        self._packers = store.packers()
        self._threads = [
            threading.Thread(target=_packed, args=(packer,), name=f"packer-{number}", daemon=True)
            for number, packer in enumerate(self._packers, 1)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Ends after the step under way."""
        for packer in self._packers:
            packer.stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)


def _packed(packer: Packer) -> None:
    try:
        packer.run()
    except Exception:
        _log.exception("a packer could not give up its lease; it ends by itself")
