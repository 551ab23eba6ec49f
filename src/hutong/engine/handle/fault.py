"""A mistake in a procedure."""

from __future__ import annotations

import msgspec


class Fault(msgspec.Struct, frozen=True):
    """Where (`actions.dispatch.to`, below the procedure), what is wrong, and how to mend it."""

    path: str
    reason: str
    remedy: str
