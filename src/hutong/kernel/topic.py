"""热点: which complaints are one matter."""

from __future__ import annotations

from hutong.kernel.base import Entity, Instant


class TopicMember(Entity, frozen=True, kw_only=True):
    """A complaint that belongs to a topic of several; its id is its case's. Written once, when the topic became one or grew,
    so that topics are the same after a restart and a project's effect is counted over years."""

    topic: int
    """The case that founded the topic, which names it."""
    opened: Instant
    """When its case was opened."""
