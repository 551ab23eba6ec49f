"""Open cases that say much the same: cosine of rarity-weighted words and characters."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hutong.engine.triage.features import Cut, prepared, rarity_of, rows, scaled

ALIKE = 0.45
"""Cosine from which two texts are told to be alike."""


class Like(msgspec.Struct, frozen=True):
    """A case and how alike its text is, 0 to 1."""

    case: int
    likeness: float


class Texts:
    """Texts of cases as rows of length one, for comparing."""

    def __init__(self, ids: Sequence[int], texts: Sequence[str], cut: Cut | None) -> None:
        self.ids = np.asarray(ids, np.int64)
        self.cut = cut
        counts = rows([prepared(text) for text in texts], cut)
        self.rarity = rarity_of(counts)
        self.matrix: sparse.csr_matrix = scaled(counts, self.rarity)

    def likenesses(self, text: str) -> NDArray[np.float32]:
        """Of one text to each."""
        row = scaled(rows([prepared(text)], self.cut), self.rarity)
        found: NDArray[np.float32] = (self.matrix @ row.T).toarray().ravel()
        return found

    def like(self, text: str, most: int = 5) -> list[Like]:
        """The most alike, the most first."""
        if not len(self.ids) or not text.strip():
            return []
        likeness = self.likenesses(text)
        order = np.argsort(-likeness, kind="stable")[:most]
        return [
            Like(int(self.ids[at]), round(float(likeness[at]), 3)) for at in order if likeness[at] >= ALIKE
        ]
