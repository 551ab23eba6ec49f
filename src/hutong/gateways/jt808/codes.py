"""The authentication code of JT/T 808, given at registration and shown at every log-in."""

from __future__ import annotations

import hashlib
import hmac

_DIGITS = 16


class Codes:
    """Codes derived from the city's key, so that none is stored: `<terminal id>.<16 hex digits>`.

    The digits are HMAC-SHA-256 over phone number and terminal id. The terminal id stands in the code because log-in does
    not carry it, and the registry may ask for it as the device's secret.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def issue(self, phone: str, terminal: str) -> str:
        return f"{terminal}.{self._digits(phone, terminal)}"

    def terminal(self, phone: str, code: str) -> str | None:
        """The terminal id of a code this city gave to `phone`; None if it gave no such code."""
        terminal, _, shown = code.rpartition(".")
        right = hmac.compare_digest(shown.encode(), self._digits(phone, terminal).encode())
        return terminal if right else None

    def _digits(self, phone: str, terminal: str) -> str:
        text = f"jt808\0{phone}\0{terminal}".encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:_DIGITS]
