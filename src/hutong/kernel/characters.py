"""Text that both databases and every reader of JSON can hold."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_json = msgspec.json.Encoder(enc_hook=lambda value: value.item())
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""U+0000 as JSON writes it; an escaped backslash before `u0000` is none."""
NUL = "must not hold the character U+0000; leave it out"
HALF = "holds half of a surrogate pair; send valid Unicode"


def text_fault(text: str) -> str:
    """Why the text cannot be kept; empty if it can."""
    if "\0" in text:
        return NUL
    if text.isascii():
        return ""
    try:
        text.encode()
    except UnicodeEncodeError:
        return HALF
    return ""


def as_json(value: Any) -> tuple[bytes, str]:
    """The value as JSON; and why it cannot be kept, empty if it can."""
    try:
        content = _json.encode(value)
    except UnicodeEncodeError:
        return b"", HALF
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        return b"", f"cannot be kept as JSON: {error}"
    return content, NUL if b"u0000" in content and _NUL.search(content) else ""
