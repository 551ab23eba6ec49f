"""Texts as sparse rows: single characters, pairs of characters and words, hashed; no vocabulary is kept."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

BITS = 18
WIDTH = 1 << BITS
"""Columns of a row."""
_PAIR = np.uint64(0x9E3779B97F4A7C15)
_SINGLE = np.uint64(0xC2B2AE3D27D4EB4F)
_SHIFT = np.uint64(64 - BITS)
_BLANK = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")
LONGEST = 2000
"""Characters of a text that are looked at."""

Cut = Callable[[str], list[str]]


def words_cut() -> Cut | None:
    """The segmentation of Chinese by rjieba; None where the extra `triage` is not installed."""
    try:
        import rjieba
    except ImportError:
        return None
    cut: Callable[[str, bool], list[str]] = rjieba.cut
    return lambda text: cut(text, False)


def prepared(text: str) -> str:
    """As it is counted: lower case, blanks only between Latin words, no longer than is looked at."""
    return _BLANK.sub("", " ".join(text.lower().split()))[:LONGEST]


def rows(texts: Sequence[str], cut: Cut | None) -> sparse.csr_matrix:
    """Counts of the features of prepared texts, one row each."""
    found = [_columns(text, cut) for text in texts]
    ends = np.cumsum([0, *(len(one) for one in found)])
    columns = np.concatenate(found) if found else np.zeros(0, np.int32)
    counts = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(texts), WIDTH))
    counts.sum_duplicates()
    return counts


def _columns(text: str, cut: Cut | None) -> NDArray[np.int32]:
    singles, pairs = characters(text)
    words = np.array([column_of(word) for _, word in spans(text, cut)], np.int32)
    return np.concatenate((singles, pairs, words))


def characters(text: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Columns of each character, and of each with the one after it."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    with np.errstate(over="ignore"):
        singles = (codes * _SINGLE) >> _SHIFT
        pairs = ((codes[:-1] * _SINGLE + codes[1:]) * _PAIR) >> _SHIFT
    return singles.astype(np.int32), pairs.astype(np.int32)


def spans(text: str, cut: Cut | None) -> Iterator[tuple[int, str]]:
    """Where each word of two characters or more begins."""
    at = 0
    for word in cut(text) if cut else ():
        if len(word) > 1:
            yield at, word
        at += len(word)


def column_of(word: str) -> int:
    """Column of a word."""
    return (zlib.crc32(word.encode()) * 0x9E3779B1 & 0xFFFFFFFF) >> (32 - BITS)


def scaled(counts: sparse.csr_matrix, rarity: NDArray[np.float32]) -> sparse.csr_matrix:
    """Counts × rarity, each row of length one (tf-idf)."""
    weighted = counts.copy()
    weighted.data = weighted.data * rarity[weighted.indices]
    squares: Any = weighted.multiply(weighted).sum(axis=1)
    lengths = np.sqrt(np.asarray(squares)).ravel()
    weighted.data /= np.repeat(np.maximum(lengths, 1e-9), np.diff(weighted.indptr)).astype(np.float32)
    return weighted


def rarity_of(counts: sparse.csr_matrix) -> NDArray[np.float32]:
    """log((1 + texts) / (1 + texts with it)) + 1, of every column."""
    texts: int = counts.shape[0]
    having = np.bincount(counts.indices, minlength=WIDTH)
    rarity: NDArray[np.float32] = (np.log((1 + texts) / (1 + having)) + 1).astype(np.float32)
    return rarity
