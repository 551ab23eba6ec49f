"""Requests between platforms, signed with a shared secret: HMAC-SHA256 over time, method, target and the body's digest."""

from __future__ import annotations

import hashlib
import hmac
import re

from hutong.kernel.base import MINUTE, SECOND, Instant

HEADER = "X-Hutong-Signature"
TOLERANCE = 5 * MINUTE
"""How far the clocks of the two may lie apart."""
_FORM = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")


def signature(secret: bytes, at: Instant, method: str, target: str, body: bytes) -> str:
    """The header of a request made `at` (recorded time); `target` is the path with its query."""
    seconds = at // SECOND
    return f"t={seconds},v1={_mark(secret, seconds, method, target, body)}"


def signed(header: str, secret: bytes, now: Instant, method: str, target: str, body: bytes) -> bool:
    """Whether the header was made with the secret for just this request, about now."""
    found = _FORM.fullmatch(header)
    if found is None or abs(int(found[1]) * SECOND - now) > TOLERANCE:
        return False
    return hmac.compare_digest(found[2], _mark(secret, int(found[1]), method, target, body))


def _mark(secret: bytes, seconds: int, method: str, target: str, body: bytes) -> str:
    text = "\n".join((str(seconds), method.upper(), target, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
