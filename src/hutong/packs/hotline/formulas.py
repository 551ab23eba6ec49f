"""三率 of a hotline: response, solution, satisfaction, and what they weigh together (domain-facts §2.4 [S]).

All counts are orders whose last 回访 reached the caller, those excluded after 剔除 left out. What was found unreasonable
(合理诉求认定) is counted apart, so that a city decides by parameter whether it is left out; likewise callers nobody reached.
"""

from __future__ import annotations

from hutong.kernel.score import Part, Score, percent, weighted


def share(
    hits: float,
    hits_unreasonable: float,
    visited: float,
    visited_unreasonable: float,
    unreached: float,
    without_unreasonable: float,
    without_unreached: float,
    repeated: float = 0.0,
    repeat_factor: float = 0.0,
) -> float | None:
    """响应率 or 解决率: 100 × hits ÷ valid 回访 (percent). Of 解决率, every further call about an order that was not solved
    (`repeated`) may count as `repeat_factor` orders more."""
    n, of = _valid(visited, visited_unreasonable, unreached, without_unreasonable, without_unreached)
    return percent(hits - hits_unreasonable * n, of + repeated * repeat_factor)


def satisfaction(
    satisfied: float,
    satisfied_unreasonable: float,
    basic: float,
    basic_unreasonable: float,
    visited: float,
    visited_unreasonable: float,
    unreached: float,
    basic_weight: float,
    without_unreasonable: float,
    without_unreached: float,
) -> float | None:
    """满意率: 100 × (满意 + weight × 基本满意) ÷ valid 回访 (percent)."""
    n, of = _valid(visited, visited_unreasonable, unreached, without_unreasonable, without_unreached)
    pleased = satisfied - satisfied_unreasonable * n
    return percent(pleased + basic_weight * (basic - basic_unreasonable * n), of)


def three_rates(
    contacted: float,
    contacted_unreasonable: float,
    solved: float,
    solved_unreasonable: float,
    satisfied: float,
    satisfied_unreasonable: float,
    basic: float,
    basic_unreasonable: float,
    visited: float,
    visited_unreasonable: float,
    unreached: float,
    basic_weight: float,
    without_unreasonable: float,
    without_unreached: float,
    weight_response: float,
    weight_solution: float,
    weight_satisfaction: float,
    repeated: float = 0.0,
    repeat_factor: float = 0.0,
) -> Score:
    """综合得分 from 0 to 100: by default 0.1 × 响应率 + 0.5 × 解决率 + 0.4 × 满意率."""
    base = (visited, visited_unreasonable, unreached)
    left_out = (without_unreasonable, without_unreached)
    pleased = satisfaction(
        satisfied, satisfied_unreasonable, basic, basic_unreasonable, *base, basic_weight, *left_out
    )
    return weighted(
        Part("response", share(contacted, contacted_unreasonable, *base, *left_out), weight_response),
        Part(
            "solution",
            share(solved, solved_unreasonable, *base, *left_out, repeated, repeat_factor),
            weight_solution,
        ),
        Part("satisfaction", pleased, weight_satisfaction),
    )


def _valid(
    visited: float,
    visited_unreasonable: float,
    unreached: float,
    without_unreasonable: float,
    without_unreached: float,
) -> tuple[float, float]:
    """(1 where unreasonable demands are left out, else 0; how many 回访 the rates are of)."""
    n = 1.0 if without_unreasonable else 0.0
    return n, visited - visited_unreasonable * n + (0.0 if without_unreached else unreached)
