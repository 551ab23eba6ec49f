"""The MQTT extension, creating (OGC 18-088 §14.2): a message on the topic of a list creates an entity there.

Pure of MQTT itself: topic and payload in, columns and commands out. Plain observations of many messages become one batch.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.api.house import House
from hutong.api.requests import Repeat
from hutong.api.sensorthings.columns import Columns
from hutong.api.sensorthings.create import known_fields, link_of
from hutong.api.sensorthings.draft import facts_of
from hutong.api.sensorthings.ingest import SOURCE, Ingest
from hutong.api.sensorthings.model import SETS
from hutong.api.sensorthings.paths import Resource, parse_path
from hutong.api.sensorthings.writing import Writing
from hutong.engine.observe import select
from hutong.kernel.access import Actor
from hutong.kernel.errors import Forbidden, HutongError, Invalid
from hutong.kernel.observation import ObservationBatch
from hutong.kernel.party import Account
from hutong.kernel.thing import Datastream

_LOG = logging.getLogger("hutong.api.sensorthings")
_DECODE = msgspec.json.Decoder().decode
TOPICS = 50_000
DEEP = 4
"""Levels below the prefix that are listened to."""


@dataclass
class Created:
    """Rows with the positions of their messages, why others are refused, and slow commands in the order sent."""

    batch: ObservationBatch | None = None
    owner: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    refused: dict[int, str] = field(default_factory=dict)
    later: list[tuple[int, Callable[[], None]]] = field(default_factory=list)


@dataclass
class _Taking:
    """One call of `take` under way."""

    created: Created
    columns: Columns
    owners: list[int] = field(default_factory=list)
    streams: dict[int, Datastream] = field(default_factory=dict)


class MqttCreating:
    """Creates for one account whatever is published below `prefix`."""

    def __init__(self, house: House, login: str, prefix: str, base: str) -> None:
        self.house = house
        self.prefix = f"{prefix}/"
        self.base = base
        self.ingest = Ingest(house)
        self.filters = tuple(prefix + "/+" * levels for levels in range(1, DEEP + 1))
        self._account = _account(house, login)
        self._resources: dict[str, Resource] = {}

    def take(self, sent: Sequence[tuple[str, bytes]]) -> Created:
        """What the messages come to; each stands for itself."""
        taking = _Taking(Created(), Columns(self.house.now()))
        try:
            actor = self.house.directory.actor(self._account, self.house.now())
        except HutongError as error:
            taking.created.refused = dict.fromkeys(range(len(sent)), str(error))
            return taking.created
        for at, (topic, payload) in enumerate(sent):
            try:
                self._one(actor, taking, at, topic, payload)
            except (HutongError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                taking.created.refused[at] = f"{topic}: {error}"
            except Exception as error:
                _LOG.exception("%s could not be read", topic)
                taking.created.refused[at] = f"{topic}: {error!r}"
        batch = taking.columns.batch(SOURCE)
        if batch is not None:
            rows = self._allowed(actor, taking)
            whole = len(rows) == len(batch)
            taking.created.batch = batch if whole else select(batch, rows)
            taking.created.owner = np.array(taking.owners, np.int64)[rows]
        return taking.created

    def _one(self, actor: Actor, taking: _Taking, at: int, topic: str, payload: bytes) -> None:
        resource = self._resource(topic)
        body = _DECODE(payload)
        if resource.last.set.name != "Observations":
            command = self._creating(actor, resource, body)
        else:
            facts = facts_of(body, "Observation")
            id = self._stream_id(resource, facts)
            stream = self.ingest.streams.known([id]).get(id)
            if stream is None:
                raise Invalid("Datastream", f"there is no Datastream {id}", "create it first")
            if facts.get("FeatureOfInterest") is None:
                known_fields(SETS["Observations"], facts)
                taking.columns.add(stream, facts)
                taking.owners.append(at)
                taking.streams[id] = stream
                return
            command = self._observing(actor, facts, id)
        taking.created.later.append((at, command))

    def _resource(self, topic: str) -> Resource:
        found = self._resources.get(topic)
        if found is None:
            path = topic.removeprefix(self.prefix)
            if not path.strip("/"):
                raise Invalid("topic", "names no list", f"publish to {self.prefix}Things or the like")
            found = parse_path(path)
            if not found.is_collection or found.tail:
                raise Invalid("topic", "names no list", f"publish to {self.prefix}Things or the like")
            if len(self._resources) >= TOPICS:
                self._resources.clear()
            self._resources[topic] = found
        return found

    @staticmethod
    def _stream_id(resource: Resource, facts: dict[str, Any]) -> int:
        if len(resource.steps) == 2 and resource.steps[0].set.name == "Datastreams":
            return resource.steps[0].id or 0
        if len(resource.steps) > 1:
            raise Invalid("topic", "names no datastream", "publish to Datastreams(1)/Observations")
        id = link_of(facts.get("Datastream"), "Datastream")
        if id is None:
            raise Invalid(
                "Datastream", "is described inside an Observation", "create it first; link by @iot.id"
            )
        return id

    def _creating(self, actor: Actor, resource: Resource, body: Any) -> Callable[[], None]:
        def create() -> None:
            Writing(self.house, actor, self.base).create(resource, body)
            self.ingest.streams.clear()

        return create

    def _observing(self, actor: Actor, facts: dict[str, Any], stream: int) -> Callable[[], None]:
        def observe() -> None:
            asyncio.run(self.ingest.one(actor, facts, stream, Repeat()))

        return observe

    def _allowed(self, actor: Actor, taking: _Taking) -> NDArray[np.int64]:
        """The rows whose datastreams the account may observe; the messages of others are refused."""
        try:
            self.ingest.may_observe(actor, list(taking.streams.values()))
            return np.arange(len(taking.owners))
        except Forbidden:
            reasons = {id: self._why_not(actor, stream) for id, stream in taking.streams.items()}
        for row, id in enumerate(taking.columns.stream):
            if reasons[id]:
                taking.created.refused[taking.owners[row]] = reasons[id]
        return np.array([row for row, id in enumerate(taking.columns.stream) if not reasons[id]], np.int64)

    def _why_not(self, actor: Actor, stream: Datastream) -> str:
        try:
            self.ingest.may_observe(actor, [stream])
        except Forbidden as error:
            return str(error)
        return ""


def _account(house: House, login: str) -> int:
    """The id of an account that stands."""
    with house.store.reader() as reader:
        found = [one for one in reader.search_hash(Account, "login", login) if one.retired is None]
    if not found or found[0].disabled is not None:
        raise Invalid("sensorthings.account", f"there is no account {login}", "name one that may observe")
    return found[0].id
