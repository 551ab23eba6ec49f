"""Text → class: the words written beforehand, and a linear model that learns from decided cases on top of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hutong.engine.triage.features import Cut, prepared, rarity_of, rows, scaled
from hutong.engine.triage.lexicon import Lexicon, unit

Matrix = NDArray[np.float32]
COLD = 60.0
"""Decided cases at which what was learnt weighs as much as the words written beforehand."""
SHARPNESS = 4.0
"""How much the words' scores (length one) are sharpened before they become probabilities; log(classes) comes on top, as
each score is the smaller the more classes share the length."""
STRENGTH = 10.0
"""Inverse of the penalty on weights (C of scikit-learn)."""
SMALL = 2000
"""Decided cases up to which the model is solved by rows."""
LEAST = 2
"""Classes of fewer cases are left to the words."""


class Learnt(msgspec.Struct, frozen=True):
    """The linear model: weights of the columns it has seen, then of the words' scores, for each class it knows."""

    classes: tuple[str, ...]
    columns: NDArray[np.int32]
    weights: Matrix
    """Classes × (columns + lexicon classes)."""
    intercepts: Matrix
    rarity: Matrix
    """Of the columns."""
    lexicon_classes: tuple[str, ...]
    cases: int
    heat: float = 1.0
    """Scores are divided by it, so that a probability means how often it is right (temperature)."""


class Classifier:
    """Texts as probabilities over all classes of the lexicon. Without `learnt` it goes by the words alone."""

    def __init__(self, lexicon: Lexicon, cut: Cut | None, learnt: Learnt | None = None) -> None:
        self.lexicon = lexicon
        self.cut = cut
        self.learnt = learnt if learnt and cut else None
        self.classes = lexicon.classes
        self.sharpness = SHARPNESS + math.log(max(1, len(self.classes)))

    def probabilities(self, texts: Sequence[str]) -> Matrix:
        """Texts × classes. Rows sum to one; a text without any known word gives the same for all."""
        plain = [prepared(text) for text in texts]
        words = unit(self.lexicon.scores(plain))
        cold = softmax(self.sharpness * words)
        if self.learnt is None or not texts:
            return cold
        share = self.learnt.cases / (self.learnt.cases + COLD)
        warm = self._known(softmax(self._scores(plain, words) / self.learnt.heat))
        mixed: Matrix = ((1 - share) * cold + share * warm).astype(np.float32)
        return mixed

    def _known(self, warm: Matrix) -> Matrix:
        """The learnt classes at their places among all."""
        assert self.learnt is not None
        spread = np.zeros((len(warm), len(self.classes)), np.float32)
        for place, name in enumerate(self.learnt.classes):
            if name in self.lexicon.index:
                spread[:, self.lexicon.index[name]] = warm[:, place]
        return spread

    def _scores(self, plain: Sequence[str], words: Matrix) -> Matrix:
        learnt = self.learnt
        assert learnt is not None
        counts = rows(plain, self.cut)
        rarity = np.zeros(counts.shape[1], np.float32)
        rarity[learnt.columns] = learnt.rarity
        seen = scaled(counts, rarity)[:, learnt.columns]
        scores = seen @ learnt.weights[:, : len(learnt.columns)].T
        scores = scores + self._placed(words) @ learnt.weights[:, len(learnt.columns) :].T + learnt.intercepts
        result: Matrix = np.asarray(scores, np.float32)
        return result

    def _placed(self, words: Matrix) -> Matrix:
        """The words' scores in the order of the lexicon the model learnt with; classes may have come and gone."""
        assert self.learnt is not None
        if self.learnt.lexicon_classes == self.classes:
            return words
        places = [self.lexicon.index.get(name, -1) for name in self.learnt.lexicon_classes]
        padded = np.hstack((words, np.zeros((len(words), 1), np.float32)))
        placed: Matrix = padded[:, places]
        return placed


def learn(
    texts: Sequence[str], labels: Sequence[str], lexicon: Lexicon, cut: Cut, heat: float = 1.0
) -> Learnt | None:
    """A linear model of the decided cases; None while fewer than two classes have enough of them."""
    names, times = np.unique(np.asarray(labels), return_counts=True)
    known = set(names[times >= LEAST]) & set(lexicon.classes)
    kept = [place for place, label in enumerate(labels) if label in known]
    if len(known) < 2:
        return None
    plain = [prepared(texts[place]) for place in kept]
    counts = rows(plain, cut)
    rarity = rarity_of(counts)
    columns = np.unique(counts.indices).astype(np.int32)
    words = unit(lexicon.scores(plain))
    given = sparse.hstack((scaled(counts, rarity)[:, columns], sparse.csr_matrix(words))).tocsr()
    classes, weights, intercepts = _fitted(given, [labels[place] for place in kept])
    return Learnt(
        classes=classes,
        columns=columns,
        weights=weights,
        intercepts=intercepts,
        rarity=rarity[columns],
        lexicon_classes=lexicon.classes,
        cases=len(kept),
        heat=heat,
    )


def _fitted(given: sparse.csr_matrix, labels: list[str]) -> tuple[tuple[str, ...], Matrix, Matrix]:
    """Multinomial logistic regression. With fewer rows than columns its weights are a sum of rows (representer theorem), so
    it is solved in as many dimensions as there are rows, and gives the same. A class counts by the root of its rarity: between
    every case alike, which forgets small classes, and every class alike, which believes in them too much."""
    from sklearn.linear_model import LogisticRegression

    names, times = np.unique(labels, return_counts=True)
    weight = {
        name: math.sqrt(len(labels) / (len(names) * count)) for name, count in zip(names, times, strict=True)
    }
    model: Any = LogisticRegression(C=STRENGTH, max_iter=200, class_weight=weight)
    if given.shape[0] > SMALL:
        model.fit(given, labels)
        return tuple(map(str, model.classes_)), *_one_row_each(model)
    inner = (given @ given.T).toarray().astype(np.float64)
    values, vectors = np.linalg.eigh(inner)
    held = values > values.max() * 1e-9
    roots = np.sqrt(values[held])
    model.fit(vectors[:, held] * roots, labels)
    weights, intercepts = _one_row_each(model)
    back = given.T @ (vectors[:, held] / roots)
    return tuple(map(str, model.classes_)), (weights @ back.T).astype(np.float32), intercepts


def _one_row_each(model: Any) -> tuple[Matrix, Matrix]:
    """scikit-learn gives one row for two classes: the second's."""
    weights, intercepts = model.coef_.astype(np.float32), model.intercept_.astype(np.float32)
    if len(weights) == 1:
        return np.vstack((-weights / 2, weights / 2)), np.array([-intercepts[0] / 2, intercepts[0] / 2])
    return weights, intercepts


def softmax(scores: Matrix) -> Matrix:
    """Rows as probabilities."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Matrix = (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares
