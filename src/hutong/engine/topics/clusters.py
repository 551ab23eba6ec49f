"""Complaints gathered into topics, one after the other in the order they were opened.

Each joins the topic of its class nearby that it is most like, or founds one. A topic is named by its founder, so its id stays
when more come in; what was decided once and kept is not decided again.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from hutong.engine.triage.features import Cut, prepared
from hutong.kernel.base import DAY, Instant
from hutong.kernel.case import Category

NEAR = 900.0
"""Metres from a topic's middle within which a complaint may join it."""
SILENT = 21 * DAY
"""A topic that nobody complained about for so long is over; the next one founds another."""
ALIKE = 0.22
"""Cosine with the words of a topic from which a complaint joins it."""
ALIKE_AT_HOME = 0.12
"""The same within HOME metres, where place and class already say much."""
HOME = 150.0
_METRE = 111_320.0
_COMMON = """
反映 投诉 希望 要求 市民 居民 处理 尽快 问题 情况 来电 相关 部门 解决 我们 你们 他们 没有 一个 这个
那个 现在 已经 一直 还是 因为 所以 但是 可以 不能 不要 进行 非常 严重 影响 领导 政府 单位 工作人员
多次 至今 什么 怎么 自己 时候 今天 昨天 晚上 早上 下午 附近 门口 这里 那里 旁边 请问 谢谢 您好 你好
称 核实 有关 目前 造成 导致 出现 发现 这样 如此 大家 很多 有人 手机 姓名 门户 座机 路段 位置 地方
几天 三天 两天 多天 不了
"""
STOP = frozenset(_COMMON.split())
_TELLING = re.compile(r"[\u4e00-\u9fff]{2,}|[a-z]{4,}")

Words = dict[str, float]


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """What topics need of a case. `position` is (lon, lat); `caller` the party that complained, if known."""

    case: int
    number: str
    category: Category
    opened: Instant
    text: str
    position: tuple[float, float] | None = None
    place: int | None = None
    caller: int | None = None


class Topic(msgspec.Struct, kw_only=True):
    """A topic as it grows. `id` is its founder's case."""

    id: int
    category: Category
    members: list[Complaint]
    words: Counter[str]
    """How many members use each word."""
    total: Words
    """Sum of the members' rows."""
    middle: tuple[float, float] | None

    @property
    def last(self) -> Instant:
        return self.members[-1].opened


class Clusters:
    """Takes complaints in the order of their opening. `known`: case → topic as it was kept before."""

    def __init__(self, cut: Cut | None, known: Mapping[int, int] | None = None) -> None:
        self._cut = cut
        self._known = known or {}
        self._settled = max(self._known, default=0)
        """The last case known; one before it that is not known founded a topic nobody joined."""
        self.topics: dict[int, Topic] = {}
        self.of_case: dict[int, int] = {}
        """Case → topic."""
        self._by_class: dict[Category, list[Topic]] = {}

    def take(self, complaints: Iterable[Complaint]) -> None:
        for one in complaints:
            if one.case not in self.of_case:
                self._take(one)

    def _take(self, one: Complaint) -> None:
        words = row_of(one.text, self._cut)
        named = self._known.get(one.case, one.case if one.case <= self._settled else None)
        best = self._likest(one, words) if named is None else self.topics.get(named)
        if best is None:
            self._found(one, words, named or one.case)
        else:
            self._join(best, one, words)

    def _likest(self, one: Complaint, words: Words) -> Topic | None:
        best, most = None, 0.0
        standing = self._by_class.get(one.category, [])
        for topic in standing:
            if one.opened - topic.last > SILENT:
                continue
            away = metres(one.position, topic.middle)
            likeness = cosine(words, topic.total)
            if away <= NEAR and likeness >= (ALIKE_AT_HOME if away <= HOME else ALIKE) and likeness > most:
                best, most = topic, likeness
        if len(standing) > 400:
            self._by_class[one.category] = [each for each in standing if one.opened - each.last <= SILENT]
        return best

    def _found(self, one: Complaint, words: Words, id: int) -> None:
        topic = Topic(
            id=id,
            category=one.category,
            members=[one],
            words=Counter(set(words)),
            total=dict(words),
            middle=one.position,
        )
        self.topics[id] = topic
        self.of_case[one.case] = id
        self._by_class.setdefault(one.category, []).append(topic)

    def _join(self, topic: Topic, one: Complaint, words: Words) -> None:
        topic.members.append(one)
        topic.words.update(set(words))
        for word, weight in words.items():
            topic.total[word] = topic.total.get(word, 0.0) + weight
        if one.position is not None:
            placed = sum(member.position is not None for member in topic.members)
            x, y = topic.middle or one.position
            topic.middle = (x + (one.position[0] - x) / placed, y + (one.position[1] - y) / placed)
        self.of_case[one.case] = topic.id


def row_of(text: str, cut: Cut | None) -> Words:
    """Words of a text as a row of length one: log(1 + times). Pairs of characters where nothing cuts words."""
    plain = prepared(text)
    parts: Sequence[str] = cut(plain) if cut else [plain[at : at + 2] for at in range(len(plain) - 1)]
    times = Counter(word for word in parts if word not in STOP and _TELLING.fullmatch(word))
    weights = {word: math.log1p(count) for word, count in times.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}


def cosine(words: Words, total: Words) -> float:
    """Of a row of length one with a sum of rows."""
    length = math.sqrt(sum(weight * weight for weight in total.values()))
    return sum(weight * total.get(word, 0.0) for word, weight in words.items()) / length if length else 0.0


def metres(one: tuple[float, float] | None, other: tuple[float, float] | None) -> float:
    """On a plane, which is near enough within a city; two without a position are together, one without is far."""
    if one is None or other is None:
        return 0.0 if one is other else math.inf
    east = (one[0] - other[0]) * math.cos(math.radians(one[1]))
    return math.hypot(east, one[1] - other[1]) * _METRE
