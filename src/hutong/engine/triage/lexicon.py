"""Words that speak for a class, written beforehand: what triage goes by before it has learnt anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hutong.engine.triage.features import prepared

Hit = tuple[int, str]
"""Where a word stands, and the word."""

_ASCII = re.compile(r"[a-z0-9]+")


class Lexicon:
    """Weights of words for classes. `words`: class → word → weight, 1 for a word of the class itself, less for one it shares
    with its neighbours. A word weighs log(1 + classes / classes it speaks for), so that what all share says little."""

    def __init__(self, words: Mapping[str, Mapping[str, float]]) -> None:
        self.classes: tuple[str, ...] = tuple(words)
        self.index = {name: place for place, name in enumerate(self.classes)}
        self._rows: dict[str, int] = {}
        entries: list[tuple[int, int, float]] = []
        for column, name in enumerate(self.classes):
            for word, weight in words[name].items():
                row = self._rows.setdefault(prepared(word), len(self._rows))
                entries.append((row, column, weight))
        self._weights = self._matrix(entries)
        self._singles = {word for word in self._rows if len(word) == 1}
        self._lengths: dict[str, tuple[int, ...]] = {}
        for word in sorted(self._rows, key=len, reverse=True):
            if len(word) > 1:
                known = self._lengths.get(word[:2], ())
                self._lengths[word[:2]] = known if len(word) in known else (*known, len(word))

    def _matrix(self, entries: list[tuple[int, int, float]]) -> sparse.csr_matrix:
        shape = (len(self._rows), len(self.classes))
        rows, columns, weights = zip(*entries, strict=True) if entries else ((), (), ())
        matrix = sparse.csr_matrix((np.array(weights, np.float32), (rows, columns)), shape=shape)
        spoken_for = np.maximum(np.diff(matrix.indptr), 1)
        says = np.log1p(len(self.classes) / spoken_for).astype(np.float32)
        matrix.data = matrix.data * np.repeat(says, np.diff(matrix.indptr))
        return matrix

    @property
    def size(self) -> int:
        """How many words it knows."""
        return len(self._rows)

    def hits(self, text: str) -> list[Hit]:
        """Every known word of a prepared text; one within another counts too, as it says something of its own."""
        found: list[Hit] = []
        rows, singles, lengths = self._rows, self._singles, self._lengths
        for at, character in enumerate(text):
            if character in singles and self._whole(text, at, 1):
                found.append((at, character))
            for length in lengths.get(text[at : at + 2], ()):
                word = text[at : at + length]
                if word in rows and len(word) == length and self._whole(text, at, length):
                    found.append((at, word))
        return found

    @staticmethod
    def _whole(text: str, at: int, length: int) -> bool:
        """Latin letters are not cut out of a longer word."""
        first, last = text[at], text[at + length - 1]
        if first > "z" and last > "z":
            return True
        begins = at == 0 or not (_ASCII.fullmatch(first) and _ASCII.fullmatch(text[at - 1]))
        end = at + length
        return begins and (end >= len(text) or not (_ASCII.fullmatch(last) and _ASCII.fullmatch(text[end])))

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts × classes: the sum over words of log(1 + times) × weight."""
        counts = self._counts(texts)
        scores: NDArray[np.float32] = (counts @ self._weights).toarray()
        return scores

    def _counts(self, texts: Sequence[str]) -> sparse.csr_matrix:
        words: list[int] = []
        places: list[int] = []
        ends = [0]
        for text in texts:
            seen: dict[int, int] = {}
            for _, word in self.hits(text):
                row = self._rows[word]
                seen[row] = seen.get(row, 0) + 1
            words.extend(seen.keys())
            places.extend(seen.values())
            ends.append(len(words))
        data = np.log1p(np.array(places, np.float32))
        return sparse.csr_matrix((data, np.array(words, np.int32), ends), shape=(len(texts), len(self._rows)))

    def weight(self, word: str, name: str) -> float:
        """What one word says for a class."""
        row = self._rows.get(word)
        return 0.0 if row is None else float(self._weights[row, self.index[name]])


def unit(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row of length one; a row without any word stays zero."""
    lengths = np.linalg.norm(scores, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = (scores / np.maximum(lengths, 1e-9)).astype(np.float32)
    return scaled


def gathered(
    seeds: Iterable[tuple[str, str, Sequence[str]]], classes: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, float]]:
    """class → word → weight. `seeds`: (kind, code or prefix of it, words); `classes`: `kind:code` → words of its own name.

    A word of a prefix weighs less the shorter the prefix is of the code."""
    found: dict[str, dict[str, float]] = {
        name: dict.fromkeys(words, NAMED) for name, words in classes.items()
    }
    for kind, code, words in seeds:
        for name, own in found.items():
            own_kind, _, own_code = name.partition(":")
            if own_kind == kind and own_code.startswith(code):
                share = len(code) / max(1, len(own_code))
                for word in words:
                    own[word] = max(own.get(word, 0.0), share)
    return found


NAMED = 0.8
"""Weight of the words of a class's own name."""
