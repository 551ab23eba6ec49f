"""What a device tells of a deed that was done before it could be sent: its own clock then, and where it was."""

from __future__ import annotations

from typing import Annotated

import msgspec

from hutong.api.shapes import Position, instant_of, wkb_of
from hutong.kernel.base import Facts
from hutong.kernel.clock import iso


class OnDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A deed done offline. Clocks go by the server's time alone; what the device said is kept beside it.

    `done_at`: the device's clock when the person pressed the button; `accuracy`: metres within which `position` lies.
    """

    done_at: Annotated[str, msgspec.Meta(max_length=40)]
    position: Position | None = None
    accuracy: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] | None = None


def device_facts(told: OnDevice | None) -> Facts:
    """As it is kept in the journal and, for the report itself, with the case; nothing where nothing was told."""
    if told is None:
        return {}
    wkb_of(told.position, "device.position")
    at = instant_of(told.done_at, "device.done_at")
    facts: Facts = {"done_at": None if at is None else iso(at)}
    if told.position is not None:
        facts["position"] = list(told.position)
        facts["accuracy"] = told.accuracy
    return facts
