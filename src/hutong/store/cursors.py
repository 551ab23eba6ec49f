"""Cursors of keyset pages: the sort values and id of the last row, opaque to those who carry them."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec

from hutong.kernel.errors import Invalid


def write_cursor(values: list[Any]) -> str:
    """Sort values then id."""
    plain = [
        {"b": base64.b64encode(value).decode()} if isinstance(value, bytes) else value for value in values
    ]
    return base64.urlsafe_b64encode(msgspec.json.encode(plain)).decode().rstrip("=")


def read_cursor(text: str, length: int) -> list[Any]:
    """The values; Invalid if the cursor is not of a page ordered like this one."""
    try:
        padded = text + "=" * (-len(text) % 4)
        values = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=list[Any])
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise Invalid("after", "is not a cursor of this store", "start from the first page") from None
    if len(values) != length or not isinstance(values[-1], int):
        raise Invalid("after", "belongs to a list with another order", "start from the first page")
    return values
