"""Search tokens: Chinese text as bigrams, other text as words. Both databases index the same tokens."""

from __future__ import annotations

import re
import unicodedata

_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[0-9a-z_]+")


def tokens(text: str) -> list[str]:
    """Lower-case NFKC tokens in order: runs of Han characters as overlapping bigrams (a lone one as itself)."""
    found: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        if run[0] >= "\u3400" and len(run) > 1:
            found.extend(run[i : i + 2] for i in range(len(run) - 1))
        else:
            found.append(run)
    return found
