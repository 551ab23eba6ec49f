"""All devices by protocol and address, as the store has them: what others change is read from the journal."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from hutong.engine.directory import everything
from hutong.kernel.ports import Reader, Store
from hutong.kernel.thing import Device

CHUNK = 1000
FAR_BEHIND = 20_000
"""Records after which all devices are read again instead."""

Key = tuple[str, str]


class DeviceTable:
    """Devices that are not retired. `follow` takes in what other processes did."""

    def __init__(self, store: Store, lane: int) -> None:
        self._store = store
        self._lane = lane
        self._by_key: dict[Key, Device] = {}
        self._by_id: dict[int, Device] = {}
        self._lock = threading.Lock()
        self._following = threading.Lock()
        self._position = 0
        with store.reader() as reader:
            self._load(reader)

    def __len__(self) -> int:
        return len(self._by_id)

    def find(self, protocol: str, address: str) -> Device | None:
        return self._by_key.get((protocol, address))

    def get(self, id: int) -> Device | None:
        return self._by_id.get(id)

    def all(self) -> list[Device]:
        with self._lock:
            return list(self._by_id.values())

    def take(self, devices: Iterable[Device]) -> None:
        """Rows as they are stored now; an older version than the known one is passed over."""
        with self._lock:
            for device in devices:
                known = self._by_id.get(device.id)
                if known is not None and known.version >= device.version:
                    continue
                if known is not None:
                    self._forget(known)
                if device.retired is None:
                    self._by_id[device.id] = device
                    self._by_key[device.protocol, device.address] = device

    def _forget(self, device: Device) -> None:
        self._by_id.pop(device.id, None)
        key = (device.protocol, device.address)
        if self._by_key.get(key) is device:
            del self._by_key[key]

    def _load(self, reader: Reader) -> None:
        self._position = reader.head(self._lane)
        rows = everything(reader, Device)
        with self._lock:
            self._by_id = {one.id: one for one in rows}
            self._by_key = {(one.protocol, one.address): one for one in rows}

    def follow(self) -> list[Device]:
        """Reads the journal from where it was read to; the devices that its records name, as they are now."""
        with self._following, self._store.reader() as reader:
            head = reader.head(self._lane)
            if head - self._position > FAR_BEHIND:
                self._load(reader)
                return self.all()
            changed: set[int] = set()
            while self._position < head:
                records = reader.journal(lane=self._lane, after=self._position, limit=CHUNK)
                if not records:
                    break
                changed.update(
                    id for record in records for noun, id, _ in record.subjects if noun == "device"
                )
                self._position = records[-1].position
            found = list(reader.many(Device, sorted(changed)).values())
        self.take(found)
        return found
