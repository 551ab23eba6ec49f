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


def holds_all(words: list[str], texts: list[str]) -> bool:
    """Whether every word is among the tokens of the texts."""
    if all(
        len(word) == 2 and word[0] >= "\u3400" for word in words
    ):  # a bigram is a token wherever it stands
        whole = [unicodedata.normalize("NFKC", text).lower() for text in texts]
        return all(any(word in text for text in whole) for word in words)
    found = {token for text in texts for token in tokens(text)}
    return found.issuperset(words)
