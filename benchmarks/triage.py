"""Triage beside character TF-IDF with a linear SVM, on labelled messages of citizens.

    python -m benchmarks.triage LABELLED.csv

The file has the columns subject, text and category, with the seven top categories of CATEGORIES; it is not part of the project.
Both see the same texts and the same folds: 20 times five, stratified. The interval of the difference is Student's t with the
variance corrected for overlapping training sets (Nadeau and Bengio 2003). The peer is the best of six character settings,
chosen on the same folds, which favours the peer.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit
from sklearn.svm import LinearSVC

from hutong.engine.triage.classifier import Classifier, learn
from hutong.engine.triage.features import prepared, words_cut
from hutong.engine.triage.lexicon import Lexicon
from hutong.engine.triage.measure import wilson
from hutong.loader.find import load_packs

CATEGORIES: dict[str, tuple[str, ...]] = {
    "城乡建设": ("01", "02", "0401", "0402", "0403"),
    "交通运输": ("03", "040404"),
    "环境保护": ("05",),
    "教育文体": ("06", "1401"),
    "卫生计生": ("07", "1002"),
    "劳动和社会保障": ("0801", "09"),
    "商贸旅游": ("10", "1402"),
}
"""Which classes of the hotline fall into each category; the longest code decides. Classes in none are not used."""
PEERS = [(low, high, scaled) for low, high in ((1, 2), (1, 3), (2, 3)) for scaled in (False, True)]
CURVE = (0, 10, 20, 40, 80, 160)


def category_of(code: str) -> str | None:
    fits = [(len(one), name) for name, codes in CATEGORIES.items() for one in codes if code.startswith(one)]
    return max(fits)[1] if fits else None


def lexicon_of_hotline(cut: Any) -> Lexicon:
    """The hotline pack's words, each class's under its category."""
    pack = load_packs(("base", "urban", "hotline"))[-1].pack
    assert pack is not None
    words: dict[str, dict[str, float]] = {name: {} for name in CATEGORIES}
    for seed in pack.seeds:
        name = category_of(seed.code) if seed.target == "hotline" else None
        if name:
            words[name].update(dict.fromkeys(seed.words, 1.0))
    for one in pack.categories:
        name = category_of(one.code) if one.kind == "hotline" else None
        if name:
            words[name].update({word: 1.0 for word in cut(one.label.zh) if len(word) > 1})
    return Lexicon(words)


class Ours:
    """Triage as the engine has it."""

    def __init__(self, texts: Sequence[str], labels: np.ndarray[Any, Any]) -> None:
        self.texts, self.labels = texts, labels
        self.cut = words_cut()
        assert self.cut is not None, "install the extra: hutong[triage]"
        self.lexicon = lexicon_of_hotline(self.cut)
        self.bare = Lexicon({name: {name: 1.0} for name in CATEGORIES})

    def chances(self, train: Sequence[int], test: Sequence[int], *, words: bool = True) -> Any:
        lexicon = self.lexicon if words else self.bare
        learnt = (
            learn([self.texts[i] for i in train], [self.labels[i] for i in train], lexicon, self.cut)  # type: ignore[arg-type]
            if len(train)
            else None
        )
        return Classifier(lexicon, self.cut, learnt).probabilities([self.texts[i] for i in test])

    def named(self, chances: Any) -> Any:
        return np.array(self.lexicon.classes)[chances.argmax(axis=1)]


def read(path: Path) -> tuple[list[str], np.ndarray[Any, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [f"{row['subject']} {row['text']}" for row in rows], np.array([row["category"] for row in rows])


def folds(labels: Any, repeats: int) -> list[tuple[Any, Any]]:
    return [
        pair
        for seed in range(repeats)
        for pair in StratifiedKFold(5, shuffle=True, random_state=seed).split(labels, labels)
    ]


def macro(labels: Any, said: Any) -> float:
    return float(f1_score(labels, said, average="macro", zero_division=0))


def peer_scores(texts: Sequence[str], labels: Any, pairs: list[tuple[Any, Any]]) -> dict[str, list[float]]:
    """Counts are made once; what a fold's training texts do not hold is left out, as a vectoriser fitted on them would."""
    scores: dict[str, list[float]] = {}
    for low, high, scaled in PEERS:
        counts = CountVectorizer(analyzer="char", ngram_range=(low, high)).fit_transform(texts).tocsr()
        rows = []
        for train, test in pairs:
            known = np.unique(counts[train].indices)
            rarity = TfidfTransformer(sublinear_tf=scaled)
            model = LinearSVC().fit(rarity.fit_transform(counts[train][:, known]), labels[train])
            rows.append(macro(labels[test], model.predict(rarity.transform(counts[test][:, known]))))
        scores[f"characters {low}-{high}{', sublinear' if scaled else ''}"] = rows
    return scores


def interval(differences: Any) -> tuple[float, float, float]:
    """Mean and 95 % interval with the corrected variance: 1/k + test/train instead of 1/k."""
    k = len(differences)
    spread = np.sqrt(np.var(differences, ddof=1) * (1 / k + 1 / 4))
    half = float(stats.t.ppf(0.975, k - 1) * spread)
    mean = float(np.mean(differences))
    return mean, mean - half, mean + half


def compare(ours: Ours, pairs: list[tuple[Any, Any]]) -> None:
    labels = ours.labels
    peers = peer_scores(ours.texts, labels, pairs)
    for name, rows in peers.items():
        print(f"  peer {name}: macro-F1 {np.mean(rows):.4f}")
    best = max(peers, key=lambda name: float(np.mean(peers[name])))
    for words in (True, False):
        rows, sure, right = [], [], []
        for train, test in pairs:
            chances = ours.chances(train, test, words=words)
            said = ours.named(chances)
            rows.append(macro(labels[test], said))
            sure.extend(chances.max(axis=1))
            right.extend(said == labels[test])
        mean, low, high = interval(np.array(rows) - np.array(peers[best]))
        print(f"  ours {'with' if words else 'without'} the packs' words: macro-F1 {np.mean(rows):.4f}")
        print(f"    difference to {best}: {mean:+.4f} ({low:+.4f} … {high:+.4f}), goal +0.02")
        covered(np.array(sure), np.array(right))


def covered(sure: Any, right: Any) -> None:
    """Accuracy where the least sure tenth is left to a person; each text counts once a repetition."""
    kept = right[sure >= np.quantile(sure, 0.1)]
    low, high = wilson(round(float(kept.mean()) * 180), 180)
    print(
        f"    accuracy {right.mean():.4f}; at 90 % coverage {kept.mean():.4f} ({low:.3f} … {high:.3f} for 180 texts)"
    )


def curve(ours: Ours, repeats: int) -> None:
    """From cold: macro-F1 on the 40 texts left over, by how many labelled texts it learnt from."""
    labels = ours.labels
    split = StratifiedShuffleSplit(repeats, test_size=40, random_state=1)
    pairs = list(split.split(labels, labels))
    draw = np.random.default_rng(1)
    for n in CURVE:
        scores = []
        for train, test in pairs:
            some = draw.permutation(train)[:n]
            scores.append(macro(labels[test], ours.named(ours.chances(some, test))))
        print(f"  {n:4d} labelled: macro-F1 {np.mean(scores):.4f} (standard deviation {np.std(scores):.4f})")


def speed(ours: Ours, rounds: int = 5) -> None:
    """Whole suggestions of the class, from text to probabilities, one thread."""
    learnt = learn(ours.texts, list(ours.labels), ours.lexicon, ours.cut)  # type: ignore[arg-type]
    model = Classifier(ours.lexicon, ours.cut, learnt)
    many = [*ours.texts] * 5
    rates, of_processor = [], []
    for _ in range(rounds):
        since, used = time.perf_counter(), time.process_time()
        model.probabilities(many)
        rates.append(len(many) / (time.perf_counter() - since))
        of_processor.append(len(many) / (time.process_time() - used))
    size = np.mean([len(prepared(text)) for text in ours.texts])
    rates.sort()
    print(
        f"  {rates[rounds // 2]:,.0f} texts/s ({rates[0]:,.0f} … {rates[-1]:,.0f}), {size:.0f} characters each"
    )
    print(f"  {sorted(of_processor)[rounds // 2]:,.0f} texts a second of processor time")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labelled", type=Path, help="CSV with subject, text, category")
    parser.add_argument("--repeats", type=int, default=20)
    given = parser.parse_args()
    ours = Ours(*read(given.labelled))
    print(f"{len(ours.texts)} texts, {len(set(ours.labels))} categories, {given.repeats} × 5 folds")
    compare(ours, folds(ours.labels, given.repeats))
    print("learning curve")
    curve(ours, given.repeats)
    print("throughput")
    speed(ours)


if __name__ == "__main__":
    main()
