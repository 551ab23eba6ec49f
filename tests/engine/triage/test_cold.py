"""From the first day: sentences as people say them, with the words of the packs alone (hints of domain-facts §1.5 included)."""

from __future__ import annotations

import numpy as np
import pytest

from hutong.engine.triage.classifier import Classifier
from hutong.engine.triage.features import words_cut
from hutong.engine.triage.lexicon import Lexicon, gathered
from hutong.loader.find import load_packs, packs_of

SAID = """
06042 垃圾桶满了没人清，都溢出来了
06010 路边有一大堆生活垃圾，没人收，很臭
09005 水果店把货摆到门口人行道上，跨门经营
09006 有人在人行道上摆地摊卖衣服
09001 流动小贩推着三轮车叫卖煎饼
06036 楼道里堆满了纸箱杂物
08006 工地的钢管沙石堆在围挡外
01003 雨水井盖破了一个洞
01004 雨水箅子被落叶堵住了，水下不去
01037 南京西路的路灯三天不亮了
02014 十字路口红绿灯坏了，一直闪黄灯
04002 一棵大树被风刮倒，横在路上
06013 路面有个大坑，车子过去很颠
06027 楼下饭店油烟直排，呛得人没法开窗
06028 广场舞音响太大，吵得睡不着
08001 工地半夜还在打桩，凌晨两点还在施工
08004 工地没有覆盖，风一吹全是灰尘
09009 小轿车乱停在人行道上
09011 共享单车堆成山，把路都占了
09012 消防通道被车堵住了
06001 楼顶有人私搭阳光房，是违章建筑
07001 电线杆上贴满了小广告
06034 楼下有一辆僵尸车停了两年
03001 公厕太脏了，马桶都堵了
10002 一根光缆掉下来耷拉在路中间
06026 河水发黑发臭
06037 路上有一只死猫
06045 有人把绿化带的树砍了种菜
01013 消火栓漏水
02017 马路中间的隔离栏被撞坏了
06040 有人私装地锁占车位
01076 天桥电梯坏了
06020 有人在空地上焚烧垃圾，冒黑烟
08011 渣土车没盖篷布，一路掉渣
09015 小区门口有个没有执照的小饭店
06029 晚上有人露天烧烤，烟熏火燎
06014 水泥车一路洒落混凝土
02043 减速带翘起来了
02004 公交站的站台玻璃碎了
10001 人行道结冰路滑，老人摔倒
"""
ROWS = [line.split(" ", 1) for line in SAID.strip().splitlines()]


@pytest.fixture(scope="module")
def model() -> Classifier:
    packs = packs_of(load_packs(("base", "urban")))
    cut = words_cut()
    assert cut is not None
    seeds = [(seed.target, seed.code, seed.words) for pack in packs for seed in pack.seeds]
    named = {
        f"{one.kind}:{one.code}": [word for word in cut(one.label.zh) if len(word) > 1]
        for pack in packs
        for one in pack.categories
        if one.kind == "matter"
    }
    return Classifier(Lexicon(gathered(seeds, named)), cut)


def test_most_sentences_find_their_class(model: Classifier) -> None:
    first = model.probabilities([text for _, text in ROWS]).argmax(axis=1)
    right = [model.classes[place] == f"matter:{code}" for (code, _), place in zip(ROWS, first, strict=True)]
    assert sum(right) >= 36, [row for row, good in zip(ROWS, right, strict=True) if not good]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("垃圾桶满溢", "06042"),
        ("地上散落垃圾，没有桶", "06010"),
        ("店铺跨门经营摆到店外", "09005"),
        ("人行道上有摊位占道经营", "09006"),
        ("流动小贩推三轮车叫卖", "09001"),
        ("雨水箅子破损", "01004"),
    ],
)
def test_the_hints_of_the_class_table_hold(model: Classifier, text: str, code: str) -> None:
    chances = model.probabilities([text])[0]
    assert code in [model.classes[place].partition(":")[2] for place in np.argsort(-chances)[:2]]
