"""预案: plans and responses. 事件分级, 预警颜色 and 应急响应级别 are three fields."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Entity, Instant, Label

WarningColour = Literal["blue", "yellow", "orange", "red"]
EventGrade = Literal[1, 2, 3, 4]
"""特别重大 1 … 一般 4."""
ResponseLevel = Literal[1, 2, 3, 4]


class Plan(Entity, frozen=True, kw_only=True):
    """An emergency plan."""

    code: str
    name: Label


class Response(Entity, frozen=True, kw_only=True):
    """A started response: the commander decides its level."""

    plan: int
    event_grade: EventGrade | None
    colour: WarningColour | None
    level: ResponseLevel
    commander: int
    started: Instant
    ended: Instant | None = None


class Resource(Entity, frozen=True, kw_only=True):
    """Something a plan can reserve: a pump truck, a team, a shelter."""

    code: str
    name: Label
    kind: str
    amount: float
    unit: str
    place: int | None = None
    reserved_by: int | None = None
