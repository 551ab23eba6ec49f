"""POST, PATCH, PUT and DELETE of entities: each request one command, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hutong.api.house import House
from hutong.api.sensorthings.draft import NO_KEY, Repeated
from hutong.api.sensorthings.paths import Resource
from hutong.api.sensorthings.reading import PLAIN, Reading
from hutong.api.sensorthings.render import Facts
from hutong.api.sensorthings.steps import Made, Steps
from hutong.kernel.access import Actor
from hutong.kernel.errors import Conflict

TRIES = 3


class Writing:
    """Changes entities for one asker."""

    def __init__(self, house: House, actor: Actor, base: str) -> None:
        self.house = house
        self.actor = actor
        self.base = base

    def together(self, gather: Callable[[Steps], list[Made]], key: Repeated = NO_KEY) -> list[Made]:
        """Commits what `gather` does in one command; tried again if somebody else was faster."""
        for attempt in range(TRIES):
            try:
                with self.house.store.reader() as reader:
                    steps = Steps(self.house, reader, self.actor, self.base)
                    made = gather(steps)
                    steps.apply(key)
                return made
            except Conflict as conflict:
                if attempt == TRIES - 1 or "expected" not in conflict.facts:
                    raise
        raise AssertionError

    def create(self, resource: Resource, body: Any, key: Repeated = NO_KEY) -> tuple[Facts, str]:
        """The new entity and its address."""
        (made,) = self.together(lambda steps: [steps.create(resource, body)], key)
        return self.read(made)

    def update(self, resource: Resource, body: Any, how: str) -> Facts:
        """PATCH (`part`), PUT (`whole`) or JSON Patch (`operations`): the entity as it is then."""
        (made,) = self.together(lambda steps: [steps.update(resource, body, how)])
        return self.read(made)[0]

    def remove(self, resource: Resource) -> None:
        """Retires an entity and what cannot stand without it."""
        self.together(lambda steps: [steps.remove(resource)])

    def refer(self, method: str, resource: Resource, target: Any) -> None:
        """Makes, replaces or takes away a link."""
        self.together(lambda steps: [steps.refer(method, resource, target)])

    def read(self, made: Made) -> tuple[Facts, str]:
        """An entity that was made or changed, as a GET shows it, and its address."""
        with self.house.store.reader() as reader:
            reading = Reading(self.house, reader, self.actor, self.base)
            item = reading.lookup.get(made.set, made.id)
            return reading.entity(item, PLAIN, alone=True), reading.links.of(item)
