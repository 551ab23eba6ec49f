"""The words a topic is called by: nouns of its complaints as the segmentation gives them, never parts of words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from hutong.engine.topics.clusters import STOP, Topic
from hutong.engine.triage.features import prepared

Tagged = list[tuple[str, str]]
Tag = Callable[[str], Tagged]
"""Text → its words, each with its part of speech (as jieba names them)."""
NOUNS = ("n", "ns", "nt", "nz", "vn", "s")
"""Things, places, bodies, names of things, deeds as nouns, whereabouts; names of people are left out."""
TAILS = ("n", "v", "ng", "vg", "vn")
"""Single characters that may end a compound (广场 + 舞)."""
RECENT = 60
"""Members whose texts are looked at."""
SHARE = 0.4
"""Of them must use a word; at least two."""
MOSTLY = 0.8
"""Of those who use a word must go on in the same way for the compound to be taken."""
_STREET = re.compile("[东南西北中]?(?:路|街|大道)")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
_WHEREABOUTS = """
路口 路上 马路 小区 楼下 楼上 地方 里面 外面 上面 下面 现场 时间 人员 单位 电话 地址 周边 沿线 东侧 西侧 南侧 北侧
意思 钟头 公分 人民 老人 孩子 先生 女士 上午 下午 半夜 星期 大约 店里 家里 一楼 全家 样子 麻烦
"""
_VAGUE = frozenset(_WHEREABOUTS.split())


def words_tagged() -> Tag | None:
    """The segmentation with parts of speech; None where the extra `triage` is not installed."""
    try:
        import rjieba
    except ImportError:
        return None
    tag: Callable[[str, bool], Tagged] = rjieba.tag
    return lambda text: tag(text, False)


def telling(topic: Topic, tag: Tag | None, apart_from: Sequence[str] = (), most: int = 5) -> list[str]:
    """The nouns most members use, longer ones first among equals. A word within another, or within a text of `apart_from`
    (the place, the class), or around one, is left out. Without segmentation there are none: pairs of characters are no words.
    """
    if tag is None:
        return []
    texts = [tag(prepared(member.text)) for member in topic.members[-RECENT:]]
    single = Counter(word for text in texts for word in set(_nouns(text)))
    joined = Counter(word for text in texts for word in set(_compounds(text)))

    def said(tail: str) -> bool:
        return len(tail) == 1 and any(tail in one for one in apart_from)

    least = max(2, SHARE * len(texts))
    found: list[str] = []
    for word, times in sorted(single.items(), key=lambda item: (-item[1], -len(item[0]), item[0])):
        ends = {one: n for one, n in joined.items() if one.startswith(word) and not said(one[len(word) :])}
        wide = next((one for one, n in ends.items() if n >= MOSTLY * times), word)
        if times < least or (wide == word and sum(ends.values()) >= MOSTLY * times):
            continue  # too few say it, or it is but the beginning of several names
        if any(wide in one or one in wide or word in one for one in (*apart_from, *found) if one):
            continue
        found.append(wide)
        if len(found) == most:
            break
    return found


def _nouns(text: Tagged) -> Iterable[str]:
    for word, kind in text:
        if kind in NOUNS and _HAN.fullmatch(word) and word not in STOP and word not in _VAGUE:
            yield word


def _compounds(text: Tagged) -> Iterable[str]:
    for (word, kind), (tail, tail_kind) in pairwise(text):
        if (
            kind in NOUNS
            and len(word) > 1
            and (_STREET.fullmatch(tail) or (len(tail) == 1 and tail_kind in TAILS))
        ):
            yield word + tail
