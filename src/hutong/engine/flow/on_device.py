"""Deeds done offline: what the device told stays in the record beside the server's time."""

from __future__ import annotations

from msgspec.structs import replace

from hutong.kernel.base import Facts
from hutong.kernel.changes import Record

DEVICE = "device"
"""The fact under which a record, and a case that began on a device, keep what it told: `done_at` by its own clock, and
`position` with its `accuracy` in metres."""


def told_by_device(records: tuple[Record, ...], device: Facts) -> tuple[Record, ...]:
    """The first record, that of the deed itself, with what the device told of it."""
    if not device or not records:
        return records
    return (replace(records[0], facts={**records[0].facts, DEVICE: device}), *records[1:])
