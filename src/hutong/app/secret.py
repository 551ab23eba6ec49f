"""The secret of a city that signs cookies and codes; kept between starts beside the other keys."""

from __future__ import annotations

import secrets
from pathlib import Path

from hutong.store.files import keep

FILE = "session.key"


def secret_of(folder: Path) -> bytes:
    """32 random bytes, made at the first use. `folder`: the city's."""
    path = folder / "keys" / FILE
    if not path.is_file():
        keep(path, secrets.token_bytes(32))
    return path.read_bytes()
