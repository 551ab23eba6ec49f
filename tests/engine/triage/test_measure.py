"""Learning, measuring on later cases, and what is allowed by itself."""

from __future__ import annotations

import random

import numpy as np
import pytest

from hutong.engine.triage.classifier import Classifier, learn
from hutong.engine.triage.deciding import deciding
from hutong.engine.triage.features import words_cut
from hutong.engine.triage.keeping import Kept, from_bytes, to_bytes
from hutong.engine.triage.lexicon import Lexicon
from hutong.engine.triage.measure import Measured, Precision, Step, automatic, by_time, wilson
from hutong.kernel.definition.triage import Automatic, TriageSetting

LEXICON = Lexicon(
    {
        "matter:lamp": {"路灯": 1.0, "不亮": 1.0},
        "matter:rubbish": {"垃圾": 1.0, "清运": 1.0},
        "matter:noise": {"噪音": 1.0, "扰民": 1.0},
    }
)
SAYINGS = {
    "matter:lamp": ("灯杆歪了晚上一片漆黑", "路灯坏了看不见", "小区门口黑灯瞎火"),
    "matter:rubbish": ("垃圾堆成山发臭", "没人打扫一地纸屑", "清运车好几天没来"),
    "matter:noise": ("半夜打桩睡不着", "音响太吵影响休息", "喇叭声噪音很大"),
}


def cases(n: int, seed: int = 1) -> tuple[list[str], list[str]]:
    """Texts that mostly use words nobody wrote down beforehand."""
    draw = random.Random(seed)
    labels = [draw.choice(list(SAYINGS)) for _ in range(n)]
    return [f"{draw.choice(SAYINGS[one])}{draw.randint(1, 99)}号" for one in labels], labels


def test_it_learns_words_that_nobody_wrote() -> None:
    cut = words_cut()
    assert cut is not None
    texts, labels = cases(120)
    unseen = ["今晚又在打桩，孩子睡不着"]
    cold = Classifier(LEXICON, cut)
    assert np.ptp(cold.probabilities(unseen)[0]) < 1e-6
    warm = Classifier(LEXICON, cut, learn(texts, labels, LEXICON, cut))
    chances = warm.probabilities(unseen)[0]
    assert warm.classes[int(chances.argmax())] == "matter:noise"
    assert chances.max() > 0.6
    assert chances.sum() == pytest.approx(1, abs=1e-4)
    words = [word.text for word in deciding(warm, unseen[0], "matter:noise")]
    assert {"打桩", "睡不着"} & set(words)


def test_a_model_is_the_same_after_it_was_kept() -> None:
    cut = words_cut()
    assert cut is not None
    texts, labels = cases(80)
    measured, heat = by_time(texts, labels, LEXICON, cut, 0.35)
    kept = Kept(learn(texts, labels, LEXICON, cut, heat), measured, 5, 80)
    content = to_bytes(kept)
    again = from_bytes(content)
    assert to_bytes(again) == content
    assert (again.measured, again.until, again.cases) == (measured, 5, 80)
    first = Classifier(LEXICON, cut, kept.learnt).probabilities(texts[:5])
    assert np.allclose(Classifier(LEXICON, cut, again.learnt).probabilities(texts[:5]), first, atol=0.01)


def test_it_is_measured_on_later_cases_only() -> None:
    cut = words_cut()
    assert cut is not None
    texts, labels = cases(200)
    turned = [*labels[:160], *("matter:lamp" for _ in range(40))]
    measured, _ = by_time(texts, turned, LEXICON, cut, 0.0)
    assert measured.cases == 40
    assert measured.right < 0.6
    honest, _ = by_time(texts, labels, LEXICON, cut, 0.0)
    assert honest.right > 0.9
    assert by_time(texts[:20], labels[:20], LEXICON, cut, 0.0)[0].cases == 0


def test_without_segmentation_the_written_words_still_serve() -> None:
    model = Classifier(LEXICON, None)
    chances = model.probabilities(["路灯三天不亮"])[0]
    assert model.classes[int(chances.argmax())] == "matter:lamp"


def test_the_interval_of_a_share() -> None:
    low, high = wilson(90, 100)
    assert (low, high) == pytest.approx((0.8256, 0.9448), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("n", "right", "wanted", "allowed"),
    [(100, 99, 0.9, True), (100, 91, 0.9, False), (49, 49, 0.9, False), (100, 99, None, False)],
)
def test_nothing_is_automatic_unless_asked_for_and_measured(
    n: int, right: int, wanted: float | None, allowed: bool
) -> None:
    low, high = wilson(right, n)
    steps = (Step(0.35, n, right, low, high),)
    measured = Measured(n, 1, 1, 1, (Precision("matter:06010", n, right, right / n, low, high, steps),))
    asked = (Automatic(kind="matter", code="06010", precision=wanted),) if wanted else ()
    found = automatic("matter", "06010", measured, TriageSetting(automatic=asked))
    assert found.allowed is allowed
    assert found.reason_zh
    assert found.reason_en


def test_the_lowest_confidence_that_is_good_enough_is_the_threshold() -> None:
    def step(confidence: float, n: int, right: int) -> Step:
        return Step(confidence, n, right, *wilson(right, n))

    steps = (step(0.35, 200, 170), step(0.7, 150, 142), step(0.9, 100, 99), step(0.95, 40, 40))
    measured = Measured(200, 1, 1, 1, (Precision("matter:06010", 200, 170, 0.85, *wilson(170, 200), steps),))

    def threshold(wanted: float) -> float | None:
        asked = (Automatic(kind="matter", code="06010", precision=wanted),)
        found = automatic("matter", "06010", measured, TriageSetting(automatic=asked)).step
        return found.confidence if found else None

    assert [threshold(wanted) for wanted in (0.7, 0.89, 0.94, 0.97)] == [0.35, 0.7, 0.9, None]


def test_precision_is_measured_at_rising_confidence() -> None:
    cut = words_cut()
    assert cut is not None
    texts, labels = cases(200)
    measured, _ = by_time(texts, labels, LEXICON, cut, 0.35)
    for one in measured.classes:
        assert one.steps[0].n == one.n
        assert [step.n for step in one.steps] == sorted((step.n for step in one.steps), reverse=True)
        assert all(step.low < step.share < step.high + 1e-9 for step in one.steps)
