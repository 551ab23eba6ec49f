"""Scores of 绩效评价 after GB/T 30428.4 practice (domain-facts §1.8 [S]); weights, steps and grades are parameters of a city.

Every rate whose denominator is zero is unknown, not bad: its weight goes to the others, or counts in full where the city
says so (`full`). Counts are of one period; values are from 0 to 100.
"""

from hutong.kernel.score import Part, Score, percent, remainder, weighted


def collector(
    reported: float,
    valid: float,
    filed_here: float,
    missed: float,
    verified: float,
    verified_in_time: float,
    checked: float,
    checked_in_time: float,
    valid_weight: float,
    missed_weight: float,
    verify_weight: float,
    check_weight: float,
    full: float,
) -> Score:
    """监督员: 有效上报率 + (1 − 漏报率) + 按时核实率 + 按时核查率.

    漏报率 is reports by others over all cases filed on the beat."""
    return weighted(
        Part("valid", percent(valid, reported), valid_weight),
        Part("not_missed", remainder(percent(missed, filed_here)), missed_weight),
        Part("verified", percent(verified_in_time, verified), verify_weight),
        Part("checked", percent(checked_in_time, checked), check_weight),
        full=bool(full),
    )


def receptionist(
    accepted: float,
    verify_sent: float,
    verify_sent_in_time: float,
    amount_weight: float,
    verify_weight: float,
    check_weight: float,
    step_1: float,
    step_2: float,
    step_3: float,
    step_4: float,
    full: float,
    check_sent: float = 0,
    check_sent_in_time: float = 0,
) -> Score:
    """受理员: 受理数得分 + 核实按时派发率 + 核查按时派发率.

    Where 核查 begins by itself with the feedback nobody sends it out, and its weight goes to the others."""
    return weighted(
        Part("amount", _steps(accepted, (step_1, step_2, step_3, step_4)), amount_weight),
        Part("verify_sent", percent(verify_sent_in_time, verify_sent), verify_weight),
        Part("check_sent", percent(check_sent_in_time, check_sent), check_weight),
        full=bool(full),
    )


def duty_chief(
    filed: float,
    filed_in_time: float,
    voided: float,
    closed: float,
    closed_in_time: float,
    time_weight: float,
    accurate_weight: float,
    close_weight: float,
    full: float,
) -> Score:
    """值班长: 按时立案率 + 准确立案率 (立案 − 作废) + 按时结案率."""
    return weighted(
        Part("filed_in_time", percent(filed_in_time, filed), time_weight),
        Part("accurate", _left(filed, voided), accurate_weight),
        Part("closed_in_time", percent(closed_in_time, closed), close_weight),
        full=bool(full),
    )


def dispatcher(
    dispatched: float,
    dispatched_in_time: float,
    wrong: float,
    amount_weight: float,
    time_weight: float,
    accurate_weight: float,
    step_1: float,
    step_2: float,
    step_3: float,
    step_4: float,
    full: float,
) -> Score:
    """派遣员: 派遣数得分 + 按时派遣率 + 准确派遣率 (派遣 − 错派)."""
    return weighted(
        Part("amount", _steps(dispatched, (step_1, step_2, step_3, step_4)), amount_weight),
        Part("in_time", percent(dispatched_in_time, dispatched), time_weight),
        Part("accurate", _left(dispatched, wrong), accurate_weight),
        full=bool(full),
    )


def department(
    to_dispose: float,
    disposed: float,
    disposed_in_time: float,
    rework: float,
    disposed_weight: float,
    in_time_weight: float,
    rework_weight: float,
    full: float,
) -> Score:
    """部门: 处置率 + 按期处置率 + (1 − 返工率); 返工率 is 返工数 over 应处置数, at most 1."""
    sent_back = percent(min(rework, to_dispose), to_dispose)
    return weighted(
        Part("disposed", percent(disposed, to_dispose), disposed_weight),
        Part("in_time", percent(disposed_in_time, to_dispose), in_time_weight),
        Part("no_rework", remainder(sent_back), rework_weight),
        full=bool(full),
    )


def _left(of: float, wrong: float) -> float | None:
    return percent(max(0.0, of - wrong), of)


def _steps(amount: float, steps: tuple[float, float, float, float]) -> float | None:
    """受理数得分 and 派遣数得分: more than the first step 100, the second 90, the third 75, the fourth 60. The source leaves
    open what fewer are worth: 0 (待核实). None where there was nothing at all."""
    if not amount:
        return None
    scores = zip(steps, (100.0, 90.0, 75.0, 60.0), strict=True)
    return next((score for step, score in scores if amount > step), 0.0)
