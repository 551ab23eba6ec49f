"""channels.yaml of a pack and articles.yaml of a city: what a call desk tells callers, and whom it hands them to."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Label
from hutong.kernel.definition.thing import Strict


class Channel(Strict, frozen=True, kw_only=True):
    """Where a caller is put through to (`transfer`: 110), or sent because the desk may not take the matter (`decline`).

    `tells` is what the caller hears; `number` a telephone number, where there is one. `source` is the rule.
    """

    name: str
    kind: Literal["transfer", "decline"]
    label: Label
    tells: Label
    number: str = ""
    source: str = ""


class ChannelsFile(Strict, frozen=True, kw_only=True):
    """channels.yaml"""

    channels: tuple[Channel, ...] = ()


class ArticleEntry(Strict, frozen=True, kw_only=True):
    """An article of the knowledge base that a city begins with. `unit` is an organisation's code."""

    title: str
    text: str
    keywords: tuple[str, ...] = ()
    category: str = ""
    """Class it is about (the code may be a prefix)."""
    unit: str
    since: str
    until: str = ""
    """Last day it holds (empty: no end)."""
    source: str = ""


class ArticlesFile(Strict, frozen=True, kw_only=True):
    """articles.yaml"""

    articles: tuple[ArticleEntry, ...] = ()
