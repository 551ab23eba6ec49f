"""A Sparkplug B host: edge nodes are born, tell by alias, and are asked to be born again when something is missing.

State is what the births of each edge node said; it is bounded, and lost state only costs a rebirth.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import numpy as np

from hutong.gateways.dialogue import Fault, Packet, Readings
from hutong.gateways.mqtt.json_devices import LAST, silent
from hutong.gateways.mqtt.ports import Reply
from hutong.gateways.mqtt.settings import Sparkplug
from hutong.gateways.mqtt.sparkplug_wire import BOOLEAN, Metric, Payload, read_payload, signed, write_payload
from hutong.gateways.mqtt.wire import Message
from hutong.kernel.base import SECOND, Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import Quality

NAMESPACE = "spBv1.0"
REBIRTH = "Node Control/Rebirth"
BD_SEQ = "bdSeq"
NODES, ALIASES = 50_000, 20_000
PATIENCE = 10 * SECOND
"""Between two requests for rebirth to one edge node."""
_QUALITIES = {192: Quality.GOOD, 0: Quality.SENSOR_FAULT, 500: Quality.SUSPECT}
_KINDS = ("NBIRTH", "DBIRTH", "NDATA", "DDATA", "NDEATH", "DDEATH")


@dataclass
class Node:
    """What is known of an edge node since its birth. `aliases`: alias → (name, datatype), its devices' among them."""

    born: bool = False
    bd_seq: float = math.nan
    seq: int = 0
    aliases: dict[int, tuple[str, int]] = field(default_factory=dict)
    types: dict[tuple[str, str], int] = field(default_factory=dict)
    devices: set[str] = field(default_factory=set)
    asked: Instant = -PATIENCE


class SparkplugHost:
    """Speaks with the edge nodes of some groups."""

    protocol = "sparkplug"

    def __init__(self, settings: Sparkplug) -> None:
        self.filters = tuple(f"{NAMESPACE}/{group}/#" for group in settings.groups)
        self.state_topic = f"{NAMESPACE}/STATE/{settings.host}"
        if not any(group in ("+", "STATE") for group in settings.groups):
            self.filters += (self.state_topic,)
        self._nodes: OrderedDict[tuple[str, str], Node] = OrderedDict()
        self._since = 0

    def presence(self, online: bool, now: Instant) -> Message:
        """The retained state; the will and the birth after it bear the same time (§6.4.33)."""
        if not online:
            self._since = now // 1000
        payload = msgspec.json.encode({"online": online, "timestamp": self._since})
        return Message(self.state_topic, payload, qos=1, retain=True)

    def read(self, message: Message, now: Instant) -> Iterator[Packet | Fault | Reply]:
        """What an edge node said."""
        parts = message.topic.split("/")
        if len(parts) > 2 and parts[1] == "STATE":
            yield from self._state(message, now)
            return
        if (
            len(parts) not in (4, 5)
            or parts[2] not in _KINDS
            or (len(parts) == 5) != parts[2].startswith("D")
        ):
            return
        group, kind, name = parts[1], parts[2], parts[3]
        device = parts[4] if len(parts) == 5 else ""
        try:
            payload = read_payload(message.payload)
        except Invalid as error:
            yield Fault(f"{message.topic}: {error.reason}", message.payload[:64])
            return
        node = self._node((group, name))
        asks = self._heard(node, kind, device, payload)
        if kind.endswith(("BIRTH", "DATA")):
            readings, missing = self._readings(node, device, payload, now)
            asks |= missing > 0
            address = "/".join(parts[1:2] + parts[3:])
            if len(readings):
                yield Packet(
                    address, readings, silent, None, {"group": group, "node": name, "device": device}
                )
        if asks and now - node.asked >= PATIENCE:
            node.asked = now
            yield Reply(f"{NAMESPACE}/{group}/NCMD/{name}", rebirth(now))

    def _state(self, message: Message, now: Instant) -> Iterator[Reply]:
        """Somebody says that we are gone, though we hear him: an old will."""
        if message.topic == self.state_topic and b"true" not in message.payload:
            own = self.presence(True, now)
            yield Reply(own.topic, own.payload, qos=1, retain=True)

    def _node(self, key: tuple[str, str]) -> Node:
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = Node()
            if len(self._nodes) > NODES:
                self._nodes.popitem(last=False)
        else:
            self._nodes.move_to_end(key)
        return node

    def _heard(self, node: Node, kind: str, device: str, payload: Payload) -> bool:
        """Keeps the node's state; true if it should be born again."""
        if kind == "NDEATH":
            died = _value(payload, BD_SEQ)
            if math.isnan(died) or died == node.bd_seq or math.isnan(node.bd_seq):
                node.born = False
            return False
        asks = False
        if kind == "NBIRTH":
            node.born, node.bd_seq = True, _value(payload, BD_SEQ)
            node.aliases, node.types, node.devices = {}, {}, set()
        else:
            asks = not node.born or payload.seq != (node.seq + 1) % 256
        node.seq = node.seq if payload.seq is None else payload.seq
        if kind.endswith("BIRTH"):
            node.devices.add(device)
            self._learn(node, device, payload)
        elif kind == "DDEATH":
            node.devices.discard(device)
        elif node.born and device not in node.devices:
            asks = True
        return asks

    @staticmethod
    def _learn(node: Node, device: str, payload: Payload) -> None:
        for one in payload.metrics:
            if one.name and len(node.types) < ALIASES:
                node.types[device, one.name] = one.datatype
                if one.alias is not None:
                    node.aliases[one.alias] = (one.name, one.datatype)

    def _readings(self, node: Node, device: str, payload: Payload, now: Instant) -> tuple[Readings, int]:
        """Values with their names, and how many had an alias that nobody knows."""
        names: list[str] = []
        times: list[int] = []
        numbers: list[float] = []
        qualities: list[int] = []
        texts: dict[int, str] = {}
        missing = 0
        for one in payload.metrics:
            name, datatype = self._named(node, device, one)
            if not name:
                missing += 1
                continue
            number = one.value if one.raw is None else float(signed(one.raw, one.datatype or datatype))
            if one.null or (math.isnan(number) and one.text is None) or name == BD_SEQ:
                continue
            if one.text is not None:
                texts[len(names)] = one.text
            names.append(name)
            times.append(_instant(one, payload, now))
            numbers.append(number)
            qualities.append(_QUALITIES.get(192 if one.quality is None else one.quality, Quality.SUSPECT))
        columns = np.array(times, np.int64), np.array(numbers, np.float64), np.array(qualities, np.uint8)
        return Readings(tuple(names), *columns, texts), missing

    @staticmethod
    def _named(node: Node, device: str, one: Metric) -> tuple[str, int]:
        if one.name:
            return one.name, one.datatype or node.types.get((device, one.name), 0)
        return node.aliases.get(-1 if one.alias is None else one.alias, ("", 0))


def _value(payload: Payload, name: str) -> float:
    return next((one.value for one in payload.metrics if one.name == name), math.nan)


def _instant(one: Metric, payload: Payload, now: Instant) -> Instant:
    """ms of the metric, else of the payload, else the arrival."""
    time = payload.time if one.time is None else one.time
    return now if time is None or time * 1000 > LAST else time * 1000


def rebirth(now: Instant) -> bytes:
    """NCMD that asks an edge node to be born again."""
    return write_payload(
        Payload((Metric(REBIRTH, datatype=BOOLEAN, value=1.0, time=now // 1000),), now // 1000)
    )
