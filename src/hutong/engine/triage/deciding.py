"""The words that decided: what each character of a text said for a class against the others, gathered into words."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.engine.triage.classifier import COLD, Classifier
from hutong.engine.triage.features import characters, column_of, prepared, spans

MOST = 6
LEAST_SHARE = 0.12
"""Words that said less than this share of the strongest are not told."""


class Word(msgspec.Struct, frozen=True):
    """A word of the text and its share in the decision."""

    text: str
    weight: float


def deciding(model: Classifier, text: str, name: str) -> tuple[Word, ...]:
    """The strongest words for the class, the strongest first."""
    plain = prepared(text)
    if not plain:
        return ()
    said = _by_lexicon(model, plain, name) + _by_model(model, plain, name)
    found: dict[str, float] = {}
    for start, word in _segments(model, plain):
        weight = float(said[start : start + len(word)].sum())
        found[word] = max(found.get(word, 0.0), weight)
    top = max(found.values(), default=0.0)
    ranked = sorted(((weight, word) for word, weight in found.items() if weight > 0), reverse=True)[:MOST]
    total = sum(weight for weight, _ in ranked)
    return tuple(
        Word(word, round(weight / total, 3)) for weight, word in ranked if weight >= LEAST_SHARE * top
    )


def _segments(model: Classifier, plain: str) -> list[tuple[int, str]]:
    """Words of the text: those written beforehand as they stand, the others as they are cut."""
    taken = np.zeros(len(plain), bool)
    found: list[tuple[int, str]] = []
    for at, word in sorted(model.lexicon.hits(plain), key=lambda hit: -len(hit[1])):
        if not taken[at : at + len(word)].any():
            taken[at : at + len(word)] = True
            found.append((at, word))
    found.extend((at, word) for at, word in spans(plain, model.cut) if not taken[at : at + len(word)].any())
    return found


def _by_lexicon(model: Classifier, plain: str, name: str) -> NDArray[np.float64]:
    said = np.zeros(len(plain))
    scores = model.lexicon.scores([plain])
    length = float(np.linalg.norm(scores)) or 1.0
    share = 1.0 if model.learnt is None else COLD / (model.learnt.cases + COLD)
    times: dict[str, int] = {}
    hits = model.lexicon.hits(plain)
    for _, word in hits:
        times[word] = times.get(word, 0) + 1
    for at, word in hits:
        weight = model.lexicon.weight(word, name) * float(np.log1p(times[word])) / times[word]
        said[at : at + len(word)] += max(share, 0.3) * model.sharpness * weight / length / len(word)
    return said


def _by_model(model: Classifier, plain: str, name: str) -> NDArray[np.float64]:
    said = np.zeros(len(plain))
    learnt = model.learnt
    if learnt is None or name not in learnt.classes:
        return said
    own = learnt.weights[learnt.classes.index(name), : len(learnt.columns)]
    against = own - learnt.weights[:, : len(learnt.columns)].mean(axis=0)
    singles, pairs = characters(plain)
    values = against * learnt.rarity

    def weight(column: int) -> float:
        place = int(np.searchsorted(learnt.columns, column))
        known = place < len(learnt.columns) and learnt.columns[place] == column
        return float(values[place]) if known else 0.0

    said += [weight(int(one)) for one in singles]
    shared = np.array([weight(int(one)) / 2 for one in pairs])
    said[:-1] += shared
    said[1:] += shared
    for at, word in spans(plain, model.cut):
        said[at : at + len(word)] += weight(column_of(word)) / len(word)
    share = learnt.cases / (learnt.cases + COLD)
    return share * said / max(1.0, float(np.sqrt(len(plain))))
