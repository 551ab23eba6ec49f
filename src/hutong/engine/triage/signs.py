"""Urgency and type of demand, by words that say them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from hutong.engine.triage.features import prepared
from hutong.engine.triage.lexicon import Hit, Lexicon
from hutong.kernel.definition.triage import DEMAND, URGENCY, Seed

LEVELS = ("ordinary", "urgent", "critical")
_DENIED = re.compile(r"(?:没有|没|无|未|并非|不是|不存在|不会|防止|避免|以免|预防|no |not |without )$")
_ASKS = re.compile(r"[?？]|吗[。，,!！]?$|呢[。，,!！]?$")
_QUESTION = 1.5
_CLEAR = 0.5
"""Share of a text's words for a type of demand from which it is suggested."""


class Sign(msgspec.Struct, frozen=True):
    """What the words say, and which; `confidence` is their share among all words of the kind."""

    name: str
    confidence: float
    words: tuple[Hit, ...]


class Signs:
    """Reads urgency and demand out of texts, by the seeds of the packs."""

    def __init__(self, seeds: Iterable[Seed]) -> None:
        listed = tuple(seeds)
        self._urgency = _lexicon(listed, URGENCY)
        self._demand = _lexicon(listed, DEMAND)

    def urgency(self, text: str, given: str = "ordinary") -> Sign:
        """The most urgent word that is not denied. It never lowers what was `given`."""
        plain = prepared(text)
        level, words = given, []
        for at, word in self._urgency.hits(plain):
            if _DENIED.search(plain[max(0, at - 5) : at]):
                continue
            found = self._level(word)
            if LEVELS.index(found) > LEVELS.index(level):
                level, words = found, [(at, word)]
            elif found == level:
                words.append((at, word))
        return Sign(level, 1.0, tuple(words))

    def _level(self, word: str) -> str:
        return "critical" if self._urgency.weight(word, "critical") else "urgent"

    def demand(self, text: str) -> Sign | None:
        """咨询, 求助, 投诉, 举报, 建议 or 表扬; None where the words do not say."""
        plain = prepared(text)
        hits = self._demand.hits(plain)
        said = dict.fromkeys(self._demand.classes, 0.0)
        for _, word in hits:
            for name in said:
                said[name] += self._demand.weight(word, name)
        if "consult" in said and _ASKS.search(plain):
            said["consult"] += _QUESTION
        total = sum(said.values())
        if not total:
            return None
        name = max(said, key=said.__getitem__)
        share = said[name] / total
        words = tuple(hit for hit in hits if self._demand.weight(hit[1], name))
        return Sign(name, round(share, 3), words) if share >= _CLEAR else None


def _lexicon(seeds: tuple[Seed, ...], target: str) -> Lexicon:
    words: dict[str, dict[str, float]] = {}
    for seed in seeds:
        if seed.target == target:
            words.setdefault(seed.code, {}).update(dict.fromkeys(seed.words, 1.0))
    return Lexicon(words)
