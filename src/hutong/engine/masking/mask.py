"""A text with its personal details hidden."""

from __future__ import annotations

from collections import Counter

import msgspec

from hutong.engine.masking.find import WORDS, Span, find

MARKS = {kind: f"〔{word}〕" for kind, word in WORDS.items()}
"""Kind → what stands in its place. The mark says what was there, so that a reader knows what to ask for."""


class Masked(msgspec.Struct, frozen=True):
    """The text with marks for details; `spans` are places of the original."""

    text: str
    spans: tuple[Span, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind, which is all that may be told about them."""
        return dict(Counter(span.kind for span in self.spans))


def mask(text: str) -> Masked:
    """Hides every detail. A masked text stays as it is when it is masked again."""
    spans = find(text)
    parts: list[str] = []
    at = 0
    for span in spans:
        parts += [text[at : span.start], MARKS[span.kind]]
        at = span.end
    return Masked("".join((*parts, text[at:])), spans)
