"""Storms, runoff and the state of drains: pure functions, SI unless a unit is named.

Rain depths are mm, intensities mm/h or L/(s·ha) as the design code writes them, times minutes, areas ha,
levels and heads m. Functions that rules call take and return numpy columns and are vectorised; scalars
work too. Numbers that belong to a city or a code table stand in the CSV files beside this module, each
with tag and source.
"""

import csv
import math
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from hutong.kernel.errors import Invalid

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LITRES_PER_S_HA_TO_MM_PER_MIN: Final = 0.006
"""1 L/(s·ha) = 0.006 mm/min (60 s, 10 m² per mm·L)."""

PASSABLE_DEPTH_M: Final = 0.15
"""GB 50014-2021: a road is passable while at least one lane has no more than 15 cm of water. [M-high]"""


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a CSV file beside this module, as text."""
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _row(name: str, key: str) -> dict[str, str]:
    for row in table(name):
        if row["key"] == key:
            return row
    known = ", ".join(sorted({row["key"] for row in table(name)}))
    raise Invalid(name, f"there is no key {key!r}", f"use one of {known}")


# ---------------------------------------------------------------- storm intensity


def storm_intensity(formula: str, return_period_a: float, duration_min: float) -> float:
    """Design storm intensity q, L/(s·ha): q = A(1 + C lg P)/(t + b)ⁿ.

    `formula` is a key of storm_formulas.csv or of storm_intervals.csv (深圳 2024). Source: GB 50014-2021
    and the city's own standard. Example: 上海 (DB31/T 1043-2017), P 2 a, t 20 min → 231.0 L/(s·ha); P 50,
    t 120 → 162.5. Raises Invalid outside the range of P or t for which the city published its formula.
    """
    a, b, n = _abn(formula, return_period_a)
    if duration_min <= 0:
        raise Invalid(
            "duration_min", f"the storm lasts {duration_min} min", "give a positive number of minutes"
        )
    longest = _row("storm_formulas.csv", formula)["t_max"] if not _is_interval(formula) else ""
    if longest and duration_min > float(longest):
        raise Invalid(
            "duration_min", f"{duration_min} min is beyond {formula}", f"give at most {longest} min"
        )
    return float(a / (duration_min + b) ** n)


def _is_interval(formula: str) -> bool:
    return any(row["key"] == formula for row in table("storm_intervals.csv"))


def _abn(formula: str, return_period_a: float) -> tuple[float, float, float]:
    """Parameters of q = a/(t + b)ⁿ, a in L/(s·ha)·minⁿ, for return period P in years."""
    if return_period_a <= 0:
        raise Invalid("return_period_a", f"P is {return_period_a} a", "give a positive number of years")
    if _is_interval(formula):
        return _interval_abn(formula, return_period_a)
    row = _row("storm_formulas.csv", formula)
    if row["p_max"] and return_period_a > float(row["p_max"]):
        raise Invalid(
            "return_period_a", f"P {return_period_a} a is beyond {formula}", f"at most {row['p_max']} a"
        )
    a = float(row["a"]) * (1 + float(row["c"]) * math.log10(return_period_a))
    return a, float(row["b"]), float(row["n"])


def _interval_abn(zone: str, return_period_a: float) -> tuple[float, float, float]:
    """深圳 2024 revision: q = 167 A/(t + b)ⁿ with every parameter X = p1 + p2 ln(P − p3); at P = 10 the
    10–100 set.
    """
    rows = [r for r in table("storm_intervals.csv") if r["key"] == zone]
    fitting = [r for r in rows if float(r["p_from"]) <= return_period_a <= float(r["p_to"])]
    if not fitting:
        raise Invalid("return_period_a", f"P {return_period_a} a is outside {zone}", "give 1 to 100 a")
    row = fitting[-1]

    def parameter(x: str) -> float:
        p1, p2, p3 = (float(row[f"{x}{i}"]) for i in (1, 2, 3))
        return p1 + p2 * math.log(return_period_a - p3)

    return 167 * parameter("a"), parameter("b"), parameter("n")


def storm_intensity_shanghai_old(return_period_a: float, duration_min: float) -> float:
    """The formula of 上海 before DB31/T 1043-2017, L/(s·ha): 5544(P^0.3 − 0.42)/(t + 10 + 7 lg P)^(0.82 +
    0.07 lg P).

    Kept for systems designed by it. Example: P 1, t 60 → 5544·0.58/70^0.82 = 98.7. [S]
    """
    lg = math.log10(return_period_a)
    base = duration_min + 10 + 7 * lg
    return float(5544 * (return_period_a**0.3 - 0.42) / base ** (0.82 + 0.07 * lg))


def storm_depth(formula: str, return_period_a: float, duration_min: float) -> float:
    """Depth of the design storm, mm = q · 0.006 · t. Example: 北京 classic, P 2, t 20 → 27.95 mm."""
    return (
        storm_intensity(formula, return_period_a, duration_min) * LITRES_PER_S_HA_TO_MM_PER_MIN * duration_min
    )


# ---------------------------------------------------------------- Chicago hyetograph


def chicago_cumulative(
    formula: str, return_period_a: float, duration_min: float, peak_ratio: float, at_min: npt.ArrayLike
) -> Floats:
    """Depth fallen until each minute of `at_min`, mm, of a Chicago (Keifer–Chu) storm whose peak is at r·T.

    With H(x) = a x/(x + b)ⁿ and tp = r T: before the peak r H(T) − r H((tp − t)/r), after it
    r H(T) + (1 − r) H((t − tp)/(1 − r)). The total is H(T), the depth of the design storm itself.
    Source: Keifer & Chu 1957. Example: 上海, P 5, T 120, r 0.405: 76.404 mm at 120 min.
    """
    if not 0 < peak_ratio < 1:
        raise Invalid("peak_ratio", f"r is {peak_ratio}", "give a number between 0 and 1 (0.3–0.5 is usual)")
    a, b, n = _abn(formula, return_period_a)
    storm_intensity(formula, return_period_a, duration_min)  # refuses a duration the formula does not cover
    a *= LITRES_PER_S_HA_TO_MM_PER_MIN

    def depth(x: Floats) -> Floats:
        return np.asarray(a * x / (x + b) ** n, dtype=np.float64)

    r = peak_ratio
    t = np.clip(np.asarray(at_min, dtype=np.float64), 0.0, duration_min)
    peak = r * duration_min
    total = depth(np.asarray(float(duration_min)))
    rising = r * total - r * depth(np.maximum(peak - t, 0.0) / r)
    falling = r * total + (1 - r) * depth(np.maximum(t - peak, 0.0) / (1 - r))
    return np.asarray(np.where(t <= peak, rising, falling), dtype=np.float64)


def chicago_increments(
    formula: str, return_period_a: float, duration_min: float, peak_ratio: float, step_min: float
) -> Floats:
    """Depth in each step, mm; shape (⌈T/step⌉,). Sums to H(T) exactly.

    Example [V]: 上海, P 5, T 120, r 0.405, 10 min: 2.62 3.17 4.12 6.35 19.62 15.53 7.28 5.04 3.96 3.31
    2.87 2.55.
    """
    if step_min <= 0:
        raise Invalid("step_min", f"the step is {step_min} min", "give a positive number of minutes")
    edges = np.append(np.arange(0.0, duration_min, step_min), duration_min)
    return np.diff(chicago_cumulative(formula, return_period_a, duration_min, peak_ratio, edges))


# ---------------------------------------------------------------- runoff and pipes


def runoff_coefficient(surface: str) -> tuple[float, float]:
    """Range of the runoff coefficient Ψ of a surface (key of runoff_coefficients.csv, GB 50014-2021
    [M-high]).
    """
    row = _row("runoff_coefficients.csv", surface)
    return float(row["low"]), float(row["high"])


def rational_flow(runoff: npt.ArrayLike, intensity: npt.ArrayLike, area_ha: npt.ArrayLike) -> Floats:
    """推理公式 Q = Ψ q F, L/s, for areas up to about 2 km² (GB 50014-2021). Example: 0.65 · 232.9 · 3.2 →
    484.4 L/s.
    """
    q, area = np.asarray(intensity, dtype=np.float64), np.asarray(area_ha, dtype=np.float64)
    return np.asarray(np.asarray(runoff, dtype=np.float64) * q * area)


def full_pipe_flow(diameter_m: npt.ArrayLike, slope: npt.ArrayLike, roughness: float) -> Floats:
    """Manning discharge of a full circular pipe, m³/s: (1/n) A R^⅔ √S. Example: D 1 m, S 0.001, n 0.013 →
    0.758.
    """
    d = np.asarray(diameter_m, dtype=np.float64)
    slopes = np.asarray(slope, dtype=np.float64)
    return np.asarray(math.pi / 4 * d**2 * (d / 4) ** (2 / 3) * np.sqrt(slopes) / roughness)


def diameter_for(flow_m3s: npt.ArrayLike, slope: npt.ArrayLike, roughness: float) -> Floats:
    """Diameter, m, whose full Manning discharge is the flow: the inverse of `full_pipe_flow`."""
    unit = full_pipe_flow(1.0, slope, roughness)
    return np.asarray((np.asarray(flow_m3s, dtype=np.float64) / unit) ** (3 / 8))


# ---------------------------------------------------------------- warnings and grades

_SIGNALS: Final = ((1, 12, 50.0), (2, 6, 50.0), (3, 3, 50.0), (4, 3, 100.0))
"""Grade, hours, least depth mm; a later row outranks an earlier one."""

SIGNAL_COLOURS: Final = ("none", "blue", "yellow", "orange", "red")


def rainstorm_signal(
    sum_1h: npt.ArrayLike, sum_3h: npt.ArrayLike, sum_6h: npt.ArrayLike, sum_12h: npt.ArrayLike
) -> npt.NDArray[np.int8]:
    """暴雨预警信号 as 0 none, 1 蓝, 2 黄, 3 橙, 4 红, from the rain of the last hours, mm. [S]

    蓝 12 h ≥ 50; 黄 6 h ≥ 50; 橙 3 h ≥ 50; 红 3 h ≥ 100. A shorter sum also counts for the longer
    windows, so a missing (NaN) long sum does not hide a storm. Example: 12 h 49.9 → 0; 12 h 50 → 1; 3 h
    50 → 3; 3 h 100 → 4.
    """
    one = np.nan_to_num(np.asarray(sum_1h, dtype=np.float64))
    three = np.fmax(one, np.asarray(sum_3h, dtype=np.float64))
    six = np.fmax(three, np.asarray(sum_6h, dtype=np.float64))
    sums = {3: three, 6: six, 12: np.fmax(six, np.asarray(sum_12h, dtype=np.float64))}
    grade = np.zeros(np.shape(sums[12]), dtype=np.int8)
    for code, hours, least in _SIGNALS:
        grade = np.where(sums[hours] >= least, np.int8(code), grade)
    return grade


RAIN_GRADES: Final = (
    "none",
    "light",
    "moderate",
    "heavy",
    "rainstorm",
    "heavy_rainstorm",
    "extreme_rainstorm",
)
_GRADE_EDGES: Final = {24: (0.1, 10.0, 25.0, 50.0, 100.0, 250.0), 12: (0.1, 5.0, 15.0, 30.0, 70.0, 140.0)}


def rain_grade(depth_mm: npt.ArrayLike, hours: int) -> npt.NDArray[np.int64]:
    """降水量等级 by GB/T 28592-2012 for 12 or 24 h: 0 none, 1 小雨 … 4 暴雨, 5 大暴雨, 6 特大暴雨. [M-high]

    Depths are rounded to 0.1 mm as they are reported. Example: 24 h 49.9 → 3 大雨; 50.0 → 4 暴雨; 12 h
    140 → 6.
    """
    if hours not in _GRADE_EDGES:
        raise Invalid("hours", f"rain grades do not exist for {hours} h", "give 12 or 24")
    depth = np.round(np.asarray(depth_mm, dtype=np.float64), 1)
    return np.asarray(np.searchsorted(_GRADE_EDGES[hours], depth, side="right"), dtype=np.int64)


def design_return_period(population_10k: float, element: str = "flooding") -> tuple[int, int]:
    """Design return period range in years for a city with so many 万 urban residents (GB 50014-2021
    [M-high]).

    element: flooding (内涝), sewer_centre, sewer_other, sewer_important, underpass. City sizes by
    国发〔2014〕51号: 超大 ≥ 1000, 特大 ≥ 500, 大 ≥ 100 (万). The sewer rows are the code's 超大/特大
    column; smaller cities raise Invalid there. Example: 2487 万 (上海) → flooding (100, 100),
    sewer_centre (3, 5), underpass (30, 50).
    """
    sizes = ((1000, (100, 100)), (500, (50, 100)), (100, (30, 50)), (0, (20, 30)))
    if element == "flooding":
        return next(period for least, period in sizes if population_10k >= least)
    large = {"sewer_centre": (3, 5), "sewer_other": (2, 3), "sewer_important": (5, 10), "underpass": (30, 50)}
    if element not in large:
        raise Invalid("element", f"unknown: {element!r}", f"use one of flooding, {', '.join(large)}")
    if population_10k < 500:
        raise Invalid(element, "only cities of 500 万 and more are recorded", "set the period for this city")
    return large[element]


# ---------------------------------------------------------------- state of drains, for rules


def road_passable(depth_m: npt.ArrayLike, limit_m: float = PASSABLE_DEPTH_M) -> Flags:
    """Whether traffic still passes: depth ≤ 0.15 m on the best lane. Example: 0.15 → True; 0.16 → False."""
    return np.asarray(np.asarray(depth_m, dtype=np.float64) <= limit_m)


def fill_ratio(depth_m: npt.ArrayLike, diameter_m: npt.ArrayLike) -> Floats:
    """充满度 h/D of a conduit, 0 to 1. Example: 0.6 m in a pipe of 1.2 m → 0.5; 2 m in it → 1."""
    return np.clip(np.asarray(depth_m, dtype=np.float64) / np.asarray(diameter_m, dtype=np.float64), 0.0, 1.0)


def surcharge_head(level_m: npt.ArrayLike, crown_m: npt.ArrayLike) -> Floats:
    """Head above the crown of the highest pipe in a manhole, m, 0 where it flows free; both measured from
    the invert.

    Example: level 2.6 m, crown 1.5 m → 1.1 m; level 1.2 → 0.
    """
    return np.maximum(np.asarray(level_m, dtype=np.float64) - np.asarray(crown_m, dtype=np.float64), 0.0)


def ponding_depth(level_m: npt.ArrayLike, depth_m: npt.ArrayLike) -> Floats:
    """Water above the ground at a manhole, m: level − depth of the manhole, 0 below ground. Example:
    4.23, 4.0 → 0.23.
    """
    return np.maximum(np.asarray(level_m, dtype=np.float64) - np.asarray(depth_m, dtype=np.float64), 0.0)


def pump_failed(
    commanded: npt.ArrayLike, flow_m3s: npt.ArrayLike, rated_m3s: npt.ArrayLike, least_share: float = 0.2
) -> Flags:
    """A pump told to run that delivers less than a share of its rated flow; NaN flow is unknown, never a
    failure.

    Example: commanded 1, flow 0.1, rated 1.0 → True; commanded 0 → False; flow 0.9 → False.
    """
    flow = np.asarray(flow_m3s, dtype=np.float64)
    told = np.asarray(commanded, dtype=np.float64) > 0.5
    return np.asarray(told & (flow < least_share * np.asarray(rated_m3s, dtype=np.float64)))


def pump_contradicted(
    running: npt.ArrayLike, current_a: npt.ArrayLike, idle_a: npt.ArrayLike, level_slope_m_min: npt.ArrayLike
) -> Flags:
    """A pump that reports «running» while the current is at idle or below and the wet well does not fall.

    Example: running 1, 2 A, idle 10 A, +0.02 m/min → True; same with −0.05 m/min → False.
    """
    told = np.asarray(running, dtype=np.float64) > 0.5
    idle = np.asarray(current_a, dtype=np.float64) <= np.asarray(idle_a, dtype=np.float64)
    return np.asarray(told & idle & (np.asarray(level_slope_m_min, dtype=np.float64) >= 0.0))


def pump_current(
    flow_m3s: npt.ArrayLike, head_m: float, efficiency: float = 0.72, voltage: float = 10_000.0
) -> Floats:
    """Motor current of a pump, A, from hydraulic power: ρ g Q H/η/(√3 U cos φ), cos φ 0.85. Example: 3
    m³/s, 8 m → 22.2.
    """
    power = 1000 * 9.81 * np.asarray(flow_m3s, dtype=np.float64) * head_m / efficiency
    return np.asarray(power / (math.sqrt(3) * voltage * 0.85))
