"""Urgency and demand by the words of the shipped packs."""

from __future__ import annotations

import pytest

from hutong.engine.triage.signs import Signs
from hutong.loader.find import load_packs, packs_of


@pytest.fixture(scope="module")
def signs() -> Signs:
    packs = packs_of(load_packs(("base", "urban", "hotline")))
    return Signs(seed for pack in packs for seed in pack.seeds)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("楼道里有煤气味", "critical"),
        ("电梯困人了", "critical"),
        ("工地围墙坍塌，有人受伤", "critical"),
        ("gas leak in the kitchen", "critical"),
        ("路灯杆漏电", "urgent"),
        ("井盖缺失，很危险", "urgent"),
        ("大树倒伏挡住路", "urgent"),
        ("路灯不亮", "ordinary"),
        ("这里没有漏电", "ordinary"),
        ("为防止坍塌请加固", "ordinary"),
        ("想咨询入学政策", "ordinary"),
    ],
)
def test_danger_words_raise_the_urgency(signs: Signs, text: str, level: str) -> None:
    assert signs.urgency(text).name == level


@pytest.mark.parametrize("given", ["ordinary", "urgent", "critical"])
def test_nothing_lowers_the_urgency(signs: Signs, given: str) -> None:
    assert signs.urgency("感谢社区工作人员", given).name == given
    assert signs.urgency("楼里着火了", given).name == "critical"


@pytest.mark.parametrize(
    ("text", "demand"),
    [
        ("请问公积金提取需要什么材料？", "consult"),
        ("想咨询孩子入学政策", "consult"),
        ("家里停水三天，求助，请尽快恢复", "help"),
        ("投诉物业态度恶劣，多次反映无人处理", "complaint"),
        ("举报一家黑作坊无证生产", "report"),
        ("建议在路口增设斑马线", "suggestion"),
        ("表扬公交司机热心助人，感谢他", "praise"),
    ],
)
def test_the_type_of_demand(signs: Signs, text: str, demand: str) -> None:
    found = signs.demand(text)
    assert found is not None
    assert found.name == demand
    assert found.words


def test_no_word_no_demand(signs: Signs) -> None:
    assert signs.demand("南京西路1376号") is None
