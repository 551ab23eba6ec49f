"""Chinese text as devices write it."""

from __future__ import annotations

import unicodedata


def gbk(data: bytes) -> str:
    """GBK (GB 18030) padded with zeros or blanks. What is none becomes U+FFFD; control characters, which no database and no
    console wants, are left out."""
    text = data.decode("gb18030", "replace")
    if not text.isprintable():
        text = "".join(letter for letter in text if unicodedata.category(letter)[0] != "C")
    return text.strip()
