"""Finds personal details in Chinese and English text."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from hutong.engine.masking.names import names
from hutong.engine.masking.numbers import FILLER, Hit, numbers

Kind = Literal[
    "mobile", "landline", "identity", "card", "email", "plate", "name", "room", "account", "passport"
]

WORDS: dict[str, str] = {
    "mobile": "手机",
    "landline": "座机",
    "identity": "身份证",
    "card": "卡号",
    "email": "邮箱",
    "plate": "车牌",
    "name": "姓名",
    "room": "门户",
    "account": "账号",
    "passport": "证照",
}
MARK = re.compile("〔(?:" + "|".join(WORDS.values()) + ")〕")
_NARROW = {0x3000: 0x20, **{wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}}
ROUNDS = 50


class Span(msgspec.Struct, frozen=True):
    """A detail: where it stands (characters) and what it is."""

    start: int
    end: int
    kind: Kind


def find(text: str) -> tuple[Span, ...]:
    """The details in order, none over another. What was found is blanked and the rest looked at again, and every further
    place that says the same is found too, so that nothing is left once all are hidden."""
    work = _narrow(text)
    found: list[Hit] = []
    for _ in range(ROUNDS):
        hits = _apart([*numbers(work), *names(work)])
        if not hits:
            break
        said = {(text[start:end], kind) for start, end, kind in hits}
        hits = _apart([*hits, *_again(text, work, said)])
        found.extend(hits)
        for start, end, _ in hits:
            work = work[:start] + FILLER * (end - start) + work[end:]
    return tuple(Span(start, end, kind) for start, end, kind in sorted(found))  # type: ignore[arg-type]


def _narrow(text: str) -> str:
    """Full-width letters and digits become narrow, marks of earlier masking become blanks; the length stays."""
    narrow = text.translate(_NARROW)
    return MARK.sub(lambda mark: FILLER * len(mark[0]), narrow)


def _apart(hits: list[Hit]) -> list[Hit]:
    """Hits that overlap become one, named as the first and longest of them."""
    merged: list[Hit] = []
    for start, end, kind in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
        if merged and start < merged[-1][1]:
            before, until, first = merged[-1]
            merged[-1] = (before, max(until, end), first)
        else:
            merged.append((start, end, kind))
    return merged


def _again(text: str, work: str, said: set[tuple[str, str]]) -> list[Hit]:
    """Further places where a detail is said (a name is announced once and used often)."""
    hits: list[Hit] = []
    for words, kind in said:
        at = text.find(words)
        while at >= 0:
            if FILLER not in work[at : at + len(words)]:
                hits.append((at, at + len(words), kind))
            at = text.find(words, at + 1)
    return hits
