"""Our `unusual` word and its peers on series of the Numenta Anomaly Benchmark, by that benchmark's own rules.

    python -m benchmarks.nab FOLDER [--without-river]

FOLDER holds `combined_windows.json` and the series by path (`realTraffic/speed_6005.csv`: timestamp, value). The data is not
part of this project (Numenta NAB, MIT licence). `river` is a peer if it is installed; nothing of the city needs it.

Rules of the benchmark (Lavin and Ahmad 2015, 1510.03336, section on scoring): a detector gives every row a score in [0, 1]
seeing nothing later; the first 15 % of the rows of a series, 750 at most, count for nothing; in a labelled window the best
detection counts, the earlier the better; any other detection is false and costs the more the farther it lies behind the last
window; a window without a detection costs 1 (2 if misses are weighted). One threshold for all series, the best for each
profile. 0 is a detector that says nothing, 100 one that speaks at the first row of every window.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hutong.engine.judge.unusual import Season, Unusual, Usual
from hutong.engine.judge.words import lowest_within
from hutong.kernel.base import DAY, SECOND

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PROBATION = 0.15
PROBATION_ROWS = 5000
FAR_BEHIND = 3.0
"""Widths behind a window at which a false detection costs its whole weight; so does one before any window."""

PUBLISHED = (
    ("ARTime", 74.9, 65.1, 80.4),
    ("Numenta HTM", 70.5, 62.6, 75.2),
    ("CAD OSE", 69.9, 67.0, 73.2),
    ("earthgecko Skyline", 58.2, 46.2, 63.9),
    ("KNN-CAD", 58.0, 43.4, 64.8),
    ("Relative entropy", 54.6, 47.6, 58.8),
    ("Random cut forest", 51.7, 38.4, 59.7),
    ("Twitter ADVec", 47.1, 33.6, 53.5),
    ("Windowed Gaussian", 39.6, 20.9, 47.4),
    ("Etsy Skyline", 35.7, 27.1, 44.5),
    ("Bayesian changepoint", 17.7, 3.2, 32.2),
    ("EXPoSE", 16.4, 3.2, 26.9),
    ("Random", 11.0, 1.2, 19.5),
)
"""The benchmark's own leaderboard: 58 series of the full corpus, so not comparable number by number with a part of it."""


@dataclass(frozen=True)
class Profile:
    """What a false detection and a missed window cost; a window found counts 1."""

    name: str
    false: float
    missed: float


PROFILES = (
    Profile("standard", 0.11, 1.0),
    Profile("reward_low_FP_rate", 0.22, 1.0),
    Profile("reward_low_FN_rate", 0.11, 2.0),
)


@dataclass(frozen=True, eq=False)
class Series:
    """One series: µs, values, and its windows as first and last row."""

    name: str
    time: Ints
    value: Floats
    windows: tuple[tuple[int, int], ...]

    @property
    def probation(self) -> int:
        return int(PROBATION * min(len(self.time), PROBATION_ROWS))


STANDING = DAY
"""A warning stands until a day has passed without cause for it; a rule says so with `clear_for: 1 d`."""

Detector = Callable[[Series], Floats]


def read(folder: Path) -> list[Series]:
    """The series of the folder that have an entry among the windows."""
    windows = json.loads((folder / "combined_windows.json").read_text("utf-8"))
    return [_series(folder, name, windows[name]) for name in sorted(windows) if (folder / name).is_file()]


def _series(folder: Path, name: str, windows: list[list[str]]) -> Series:
    with (folder / name).open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    time = np.array([_instant(row["timestamp"]) for row in rows], np.int64)
    value = np.array([float(row["value"]) for row in rows])
    spans = tuple(
        (int(np.searchsorted(time, _instant(a))), int(np.searchsorted(time, _instant(b), "right")) - 1)
        for a, b in windows
    )
    return Series(name, time, value, spans)


def _instant(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


# ---- the benchmark's scoring ---------------------------------------------------------------------------------


def worth(position: Floats | float) -> Floats:
    """What a detection is worth by its place: −1 is the window's first row, 0 its end, more than that behind it."""
    place = np.asarray(position, float)
    return np.where(place > FAR_BEHIND, -1.0, 2 / (1 + np.exp(5 * np.minimum(place, FAR_BEHIND))) - 1)


def placed(series: Series) -> tuple[Floats, Ints]:
    """Per row what a detection there is worth before weights, and the number of its window (−1: false)."""
    rows = np.arange(len(series.time))
    value, window = np.full(len(rows), -1.0), np.full(len(rows), -1)
    for number, (first, last) in enumerate(series.windows):
        width = last - first + 1
        behind = rows > last
        value[behind] = worth((rows[behind] - last) / max(width - 1, 1))
        inside = slice(first, last + 1)
        value[inside] = worth(-(last - rows[inside] + 1) / width) / worth(-1.0)
        window[inside] = number
    return value, window


@dataclass(frozen=True, eq=False)
class Rows:
    """All rows that count, of all series, the highest score first."""

    score: Floats
    value: Floats
    window: Ints
    windows: int


def gathered(corpus: Sequence[Series], scores: Sequence[Floats]) -> Rows:
    """Windows are numbered through the corpus."""
    parts, offset = [], 0
    for series, score in zip(corpus, scores, strict=True):
        value, window = placed(series)
        shifted = np.where(window >= 0, window + offset, -1)
        counted = slice(series.probation, None)
        parts.append((score[counted], value[counted], shifted[counted]))
        offset += len(series.windows)
    score, value, window = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(-score, kind="stable")
    return Rows(score[order], value[order], window[order], offset)


def best(rows: Rows, profile: Profile) -> tuple[float, float]:
    """(score of 100, threshold): the best single threshold over all series."""
    found = np.full(rows.windows, -profile.missed)
    lost, total, highest = 0.0, found.sum(), (found.sum(), np.inf)
    ends = np.append(rows.score[1:] != rows.score[:-1], True)
    for at in range(len(rows.score)):
        window = rows.window[at]
        if window < 0:
            lost += rows.value[at] * profile.false
        elif rows.value[at] > found[window]:
            total += rows.value[at] - found[window]
            found[window] = rows.value[at]
        if ends[at] and total + lost > highest[0]:
            highest = (total + lost, float(rows.score[at]))
    silent = -profile.missed * rows.windows
    return float(100 * (highest[0] - silent) / (rows.windows - silent)), highest[1]


# ---- detectors ----------------------------------------------------------------------------------------------


def ours(season: Season) -> Detector:
    """The rule word as it is where a pack says nothing else, but that it may speak from the benchmark's own probation on."""

    def score(series: Series) -> Floats:
        usual = Usual(1, Unusual(season=season, silent=0))
        return _bounded(usual.judged(np.zeros(len(series.time), np.int64), series.time, series.value))

    return score


def standing(detector: Detector) -> Detector:
    """A detector whose warning stands while there is cause: it speaks again only when it exceeds all it said in the day
    before."""

    def score(series: Series) -> Floats:
        found = detector(series)
        highest = -lowest_within(np.zeros(len(found), np.int64), series.time, -found, STANDING)
        first = np.flatnonzero(np.diff(highest, prepend=-np.inf) > 0)
        kept = np.zeros(len(found))
        kept[first] = found[first]
        return np.asarray(np.where(found >= highest, kept, 0.0))

    return score


def noise(series: Series) -> Floats:
    chance = random.Random(series.name)
    return np.array([chance.random() for _ in series.time])


def fixed_levels(series: Series) -> Floats:
    """A level above and below, set once from the probation: what a rule without statistics has."""
    known = series.value[: series.probation]
    return _bounded(np.abs(series.value - known.mean()) / max(float(known.std()), 1e-9))


def windowed_gaussian(series: Series) -> Floats:
    """Deviation from mean and spread of the 1,000 rows before."""
    total = np.concatenate(([0.0], np.cumsum(series.value)))
    square = np.concatenate(([0.0], np.cumsum(series.value**2)))
    row = np.arange(len(series.value))
    first = np.maximum(0, row - 1000)
    count = np.maximum(row - first, 1)
    mean = (total[row] - total[first]) / count
    spread = np.sqrt(np.maximum((square[row] - square[first]) / count - mean**2, 1e-12))
    return np.where(row < 10, 0.0, _bounded(np.abs(series.value - mean) / spread))


def moving_average(series: Series) -> Floats:
    """EWMA of level and spread, a hundredth of each new row."""
    level, spread, found = float(series.value[0]), 0.0, np.zeros(len(series.value))
    for at, value in enumerate(series.value.tolist()):
        off = abs(value - level)
        found[at] = off / max(spread, 1e-9) if at > 50 else 0.0
        level, spread = level + 0.01 * (value - level), spread + 0.01 * (off - spread)
    return _bounded(found)


def half_space_trees(series: Series) -> Floats:
    """river's HalfSpaceTrees as its documentation has it, after scaling to what was seen so far."""
    from river import anomaly, compose, preprocessing

    model = compose.Pipeline(preprocessing.MinMaxScaler(), anomaly.HalfSpaceTrees(seed=42))
    found = np.zeros(len(series.value))
    for at, value in enumerate(series.value.tolist()):
        row = {"x": value}
        found[at] = model.score_one(row)
        model.learn_one(row)
    return found


def gaussian_scorer(series: Series) -> Floats:
    """river's GaussianScorer over a rolling window of 1,000 rows."""
    from river import anomaly

    model = anomaly.GaussianScorer(window_size=1000, grace_period=50)
    found = np.zeros(len(series.value))
    for at, value in enumerate(series.value.tolist()):
        found[at] = model.score_one(None, value)
        model.learn_one(None, value)
    return found


def _bounded(deviation: Floats) -> Floats:
    """Monotone into [0, 1): the threshold is searched, so only the order counts."""
    return np.asarray(deviation / (1 + deviation))


def detectors(river: bool) -> dict[str, Detector]:
    found: dict[str, Detector] = {
        "Hutong unusual, season week": ours("week"),
        "Hutong unusual, season day": ours("day"),
        "Hutong unusual, season none": ours("none"),
        "windowed Gaussian (1,000 rows)": windowed_gaussian,
        "EWMA": moving_average,
        "fixed levels from probation": fixed_levels,
        "random": noise,
        "silent": lambda series: np.zeros(len(series.time)),
    }
    if river:
        found |= {"river HalfSpaceTrees": half_space_trees, "river GaussianScorer": gaussian_scorer}
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--without-river", action="store_true")
    given = options.parse_args()
    corpus = read(given.folder)
    rows = sum(len(one.time) for one in corpus)
    span = max(int(one.time[-1] - one.time[0]) for one in corpus) // DAY
    windows = sum(len(one.windows) for one in corpus)
    print(f"{len(corpus)} series, {rows:,} rows, {windows} windows; the longest is {span} days\n")
    print("Three profiles: each row a detection of its own / a warning stands for a day.\n")
    print("| detector | " + " | ".join(one.name for one in PROFILES) + " | rows/s |\n|---|---|---|---|---|")
    for name, detector in detectors(not given.without_river).items():
        begun = time.perf_counter()
        scores = [detector(series) for series in corpus]
        speed = rows / (time.perf_counter() - begun)
        stood = [
            standing(lambda _, score=score: score)(one) for one, score in zip(corpus, scores, strict=True)
        ]
        ways = (gathered(corpus, scores), gathered(corpus, stood))
        marks = " | ".join(" / ".join(f"{best(way, one)[0]:.1f}" for way in ways) for one in PROFILES)
        print(f"| {name} | {marks} | {speed:,.0f} |")
    print("\nPublished leaderboard, full corpus (58 series), not comparable one to one:\n")
    for name, *marks in PUBLISHED:
        print(f"| {name} | " + " | ".join(f"{mark:.1f}" for mark in marks) + " |")


if __name__ == "__main__":
    main()
