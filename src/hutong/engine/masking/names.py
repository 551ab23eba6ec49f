"""Names of people in texts: after words that announce one, or before a form of address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hutong.engine.masking.numbers import Hit
from hutong.kernel.masking import DOUBLE_SURNAMES

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦"
    "付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐伍庞颜倪庄聂章鲁岳翟殷詹欧耿关兰焦俞左柳甘祝包宁"
    "尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷曲盛冉翁蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿"
    "桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_STRONG = (
    r"我叫做?|我的名字(?:是|叫做?)|名字叫做?|姓名\s?(?:[:：]|是|为|叫)?|联系人\s?(?:[:：]|是|为|叫)?|"
    r"(?:投诉人|举报人|反映人|申请人|来电人|当事人|户主|户名|收件人|经办人|负责人|法人代表|法定代表人|车主|患者)\s?(?:[:：]|是|为|叫)|"
    r"本人\s?[:：]|本人叫做?|(?:老公|老婆|丈夫|妻子|父亲|母亲|儿子|女儿|孩子|爸爸|妈妈|爷爷|奶奶|邻居|房东|老板|司机)\s?(?:名叫|叫做?|姓名是)"
)
_WEAK = r"业主|居民|村民|市民|住户|租户|户主|车主|患者|老人|我是|房东|联系人|学生|职工|员工|司机|孕妇|邻居"
_HAN = r"\u4e00-\u9fff"
_STRONG_NAME = re.compile(rf"(?:{_STRONG})\s?([{_HAN}]{{2,4}}(?:·[{_HAN}]{{2,8}})?)")
_WEAK_NAME = re.compile(
    rf"(?:{_WEAK})\s?[:：]?([{_HAN}]{{2,4}}?)(?=[,，。;；、!！?？\s(（)）:：]|$|反映|投诉|来电|举报|咨询|求助|表示|称|说|电话|手机|身份证|住|家|先生|女士)"
)
_TITLE = re.compile(
    rf"([{_HAN}]{{2,3}}?)(?:先生|女士|小姐|太太|同志|师傅|老师|医生|大夫|护士|阿姨|大爷|大妈|叔叔|老人家)"
)
_STOP = frozenset(
    "住在是的家电手身想要反投举咨请来今现有说称因从被把到已先女及等系属也都不没没又就给跟对很为我你他她这那男岁年月日号地区单元栋村路街道个业物位名某"
)
_ORDINARY_WORDS = """
马上 方面 高度 于是 时常 常年 万一 万分 平时 平常 江边 路边 路面 路口 路灯 黄色 白天 白色 白云 金额
明显 明天 明确 明年 安全 安装 安排 温度 成立 成天 全部 全体 全家 全市 严重 应该 应当 任何 关于 向来
时间 时候 时不 关系 关心 解决 解释 连续 连夜 连日 连接 房屋 房子 路过 游客 商户 商铺 商家 管理 管道
师傅 车辆 车子 车位 车库 方便 方法 和平 和谐 和睦 金属 安静 高空 高层 高考 高中 高速 高新 江苏 江西
云南 广大 古城 华为 农民 农村 农业 农药 边上 边界 查看 查处 查询 明知 明明 成为 成年 成员 任意 任凭
包括 包装 单元 单位 单独 项目 简单 景区 石头 文明 文化 费用 全程 全天 连同 连年 冷水 冷气 解除 麻烦
温馨 康复 简直 荣誉 盛夏 管网 童年 经常 施工 纪律 童装 钟头 水电 党员 司机 贺电 向上 向下 向外 毛病
牛奶 龙头 石板 金钱 曲折 段时 段路 江水 夏天 夏季 雷雨 雷声 梁上 范围 包车 任务 安置 高温 高低 余下
余年 石料 米高 米长 米宽 米左 荣幸 古树 苗木 苗圃 房顶 房间 房内 房租 房东 宫颈 车主 车间 车流 车站
路段 路牌 路人 席位 卫生 卫生间 卫计 应急 宁静 温暖
"""
_ORDINARY = frozenset(_ORDINARY_WORDS.split())
"""Words that begin like a name."""
_NOT_NAMED = "某×xX*＊"


def names(text: str) -> Iterator[Hit]:
    """Names with their places; a form of address with the surname alone (张先生) is no detail."""
    for found in _STRONG_NAME.finditer(text):
        length = _length(found[1], sure=True)
        if length:
            yield found.start(1), found.start(1) + length, "name"
    for found in _WEAK_NAME.finditer(text):
        length = _length(found[1], sure=False)
        if length:
            yield found.start(1), found.start(1) + length, "name"
    for found in _TITLE.finditer(text):
        yield from _addressed(found)
    yield from _english(text)


def _addressed(found: re.Match[str]) -> Iterator[Hit]:
    """A full name before 先生 and the like; a preposition before a surname (向李先生) is none."""
    given = found[1]
    start = found.start(1)
    if len(given) == 3 and given[0] not in SURNAMES:
        given, start = given[1:], start + 1
    if given[0] not in SURNAMES and given[:2] not in DOUBLE_SURNAMES:
        return
    if len(given) == 2 and (
        (given[1] in SURNAMES and given[0] in "和向于时应单管查给连关路") or given[:2] in DOUBLE_SURNAMES
    ):
        return
    if given[:2] not in _ORDINARY and not set(given) & _STOP:
        yield start, found.end(1), "name"


def _length(text: str, *, sure: bool) -> int:
    """How many of the characters are the name; 0: none. `sure`: a word before says that a name follows."""
    if "·" in text:
        return len(text)
    surname = 2 if text[:2] in DOUBLE_SURNAMES else 1 if text[0] in SURNAMES else 0
    if not surname or (text[:2] in _ORDINARY and surname == 1):
        return 0
    given = 0
    for character in text[surname : surname + 2]:
        if character in _STOP or character in _NOT_NAMED:
            break
        given += 1
    if not given or (not sure and surname + given < len(text)):
        return 0
    return surname + given


_TITLED = re.compile(
    r"\b(?:[Mm]y name is|[Nn]ame\s?[:：]|[Cc]ontact\s?[:：]|Mr\.?|Mrs\.?|Ms\.?|Miss|Dr\.?)\s+"
    r"([A-Z][A-Za-z'\-]+(?:\s[A-Z][A-Za-z'\-]+){0,2})"
)
_I_AM = re.compile(
    r"\b(?:I am|I'm|[Tt]his is)\s+([A-Z][a-z'\-]+\s[A-Z][a-z'\-]+)(?!\s(?:Road|Street|District|Park|Station))"
)


def _english(text: str) -> Iterator[Hit]:
    for pattern in (_TITLED, _I_AM):
        yield from ((found.start(1), found.end(1), "name") for found in pattern.finditer(text))
