"""How often triage is right, on decided cases it had not seen; and what that allows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.engine.triage.classifier import Classifier, Learnt, learn
from hutong.engine.triage.features import Cut
from hutong.engine.triage.lexicon import Lexicon
from hutong.kernel.definition.triage import TriageSetting

LEARNS_FROM = 0.8
"""Share of the cases, the earliest, that a measured model learns from; the later ones are foretold."""
HEATS = (0.25, 0.35, 0.5, 0.7, 0.85, 1.0, 1.25, 1.6, 2.0, 3.0)
FEWEST = 30
"""Decided cases from which anything is measured."""


THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Confidences at which the precision of a class is measured too, besides that from which a class is suggested."""


class Step(msgspec.Struct, frozen=True):
    """Suggestions of a class with at least this confidence: how many, how many right, and the interval."""

    confidence: float
    n: int
    right: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.right / self.n if self.n else 0.0


class Precision(msgspec.Struct, frozen=True):
    """Of `n` suggestions of a class, `right` were right; `low` and `high` are the 95 % interval (Wilson 1927). `steps`: the
    same at rising confidence."""

    name: str
    n: int
    right: int
    share: float
    low: float
    high: float
    steps: tuple[Step, ...] = ()


class Measured(msgspec.Struct, frozen=True):
    """On the later cases: how many there were, how often the first suggestion was right, the share that was not abstained
    from and how often those were right; `classes` by what was suggested."""

    cases: int = 0
    right: float = 0.0
    coverage: float = 0.0
    right_covered: float = 0.0
    classes: tuple[Precision, ...] = ()


class Allowed(msgspec.Struct, frozen=True):
    """Whether a class may be dispatched without a person, and why. `step`: from which confidence, as measured there."""

    allowed: bool
    reason_zh: str
    reason_en: str
    step: Step | None = None


def wilson(right: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The score interval of a share."""
    if not n:
        return 0.0, 1.0
    share = right / n
    middle = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    bottom = 1 + z * z / n
    return max(0.0, (middle - spread) / bottom), min(1.0, (middle + spread) / bottom)


def by_time(
    texts: Sequence[str], labels: Sequence[str], lexicon: Lexicon, cut: Cut, abstain_below: float
) -> tuple[Measured, float]:
    """Learns from the earlier cases (texts in order of time) and foretells the later; with the temperature for a model of
    all. Nothing is measured on fewer than FEWEST."""
    if len(texts) < FEWEST:
        return Measured(), 1.0
    edge = int(len(texts) * LEARNS_FROM)
    heat = fitted_heat(texts[:edge], labels[:edge], lexicon, cut)
    model = Classifier(lexicon, cut, learn(texts[:edge], labels[:edge], lexicon, cut, heat))
    chances = model.probabilities(texts[edge:])
    return compared(chances, labels[edge:], model.classes, abstain_below), heat


def compared(
    chances: NDArray[np.float32], labels: Sequence[str], classes: Sequence[str], abstain_below: float
) -> Measured:
    """What was foretold beside what was decided."""
    first = chances.argmax(axis=1)
    right = np.array([classes[place] == label for place, label in zip(first, labels, strict=True)])
    sure = chances.max(axis=1) >= abstain_below
    rows = []
    for place in np.unique(first[sure]):
        here = sure & (first == place)
        ladder = (abstain_below, *(one for one in THRESHOLDS if one > abstain_below))
        first_step, *further = (_step(here & (chances.max(axis=1) >= one), right, one) for one in ladder)
        n, good = first_step.n, first_step.right
        steps = (first_step, *(one for one in further if one.n))
        rows.append(Precision(classes[place], n, good, good / n, first_step.low, first_step.high, steps))
    return Measured(
        cases=len(labels),
        right=float(right.mean()),
        coverage=float(sure.mean()),
        right_covered=float(right[sure].mean()) if sure.any() else 0.0,
        classes=tuple(sorted(rows, key=lambda one: (-one.n, one.name))),
    )


def _step(here: NDArray[np.bool_], right: NDArray[np.bool_], confidence: float) -> Step:
    n, good = int(here.sum()), int(right[here].sum())
    return Step(confidence, n, good, *wilson(good, n))


def fitted_heat(texts: Sequence[str], labels: Sequence[str], lexicon: Lexicon, cut: Cut) -> float:
    """The temperature under which the last quarter is least surprising to a model of the first three (Guo et al. 2017)."""
    edge = len(texts) * 3 // 4
    learnt = learn(texts[:edge], labels[:edge], lexicon, cut)
    places = [lexicon.index.get(label, -1) for label in labels[edge:]]
    if learnt is None or not places:
        return 1.0
    return min(HEATS, key=lambda heat: _surprise(_heated(learnt, heat), texts[edge:], places, lexicon, cut))


def _heated(learnt: Learnt, heat: float) -> Learnt:
    return msgspec.structs.replace(learnt, heat=heat)


def _surprise(learnt: Learnt, texts: Sequence[str], places: list[int], lexicon: Lexicon, cut: Cut) -> float:
    chances = Classifier(lexicon, cut, learnt).probabilities(texts)
    of_truth = [float(row[place]) if place >= 0 else 0.0 for row, place in zip(chances, places, strict=True)]
    return -float(np.mean(np.log(np.maximum(of_truth, 1e-6))))


def automatic(kind: str, code: str, measured: Measured, setting: TriageSetting) -> Allowed:
    """Whether the class may be dispatched by itself: the city asked for it, and there is a confidence from which it was
    foretold often enough with the lower end of the interval where the city wants it. The lowest such confidence is taken;
    looking at several makes that a little too hopeful, which the two-sided interval (2.5 % below it) more than pays for."""
    wanted = next((one for one in setting.automatic if (one.kind, one.code) == (kind, code)), None)
    if wanted is None:
        return Allowed(False, "本市未对该类别启用自动派遣", "the city has not turned it on for this class")
    known = next((one for one in measured.classes if one.name == f"{kind}:{code}"), None)
    n, least = known.n if known else 0, setting.least_cases
    if known is None or n < least:
        few = f"measured on {n} closed cases, {least} are needed"
        return Allowed(False, f"仅有 {n} 件已结案卷可检验，至少需要 {least} 件", few)
    fitting = (one for one in known.steps if one.n >= least and one.low >= wanted.precision)
    step = next(fitting, None)
    if step is None:
        said, goal = _said(known.share, known.low, known.high, n), f"{wanted.precision:.1%}"
        return Allowed(False, f"准确率 {said} 的下限低于 {goal}", f"the lower end of {said} is below {goal}")
    said, sure = _said(step.share, step.low, step.high, step.n), f"{step.confidence:.0%}"
    zh, en = f"置信度不低于 {sure} 时准确率 {said}", f"from a confidence of {sure}, precision {said}"
    return Allowed(True, zh, en, step)


def _said(share: float, low: float, high: float, n: int) -> str:
    return f"{share:.1%} ({low:.1%}–{high:.1%}, n = {n})"
