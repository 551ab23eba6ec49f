"""A broker's client in a thread of its own: messages become rows in groups, acknowledged once they are durable.

While one group is committed the next gathers, so groups grow with the load and a quiet city answers at once. What is
not acknowledged stays with the broker, at most `in_flight` messages of it with us, and comes again after a break.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hutong.gateways.dialogue import Fault, Packet
from hutong.gateways.mqtt.group import Group, Share, empty, joined, single, without_standing
from hutong.gateways.mqtt.link import Link, Session
from hutong.gateways.mqtt.ports import Creator, Devices, Intake, Publisher, Speaker
from hutong.gateways.mqtt.settings import MqttSettings
from hutong.gateways.mqtt.topics import matcher, matches
from hutong.gateways.mqtt.wire import Hello, Message
from hutong.kernel.base import Facts, Instant
from hutong.kernel.clock import Clock
from hutong.kernel.errors import HutongError
from hutong.kernel.observation import ObservationBatch, Outcome
from hutong.kernel.ports import Store

_LOG = logging.getLogger("hutong.gateways.mqtt")
GROUP = 2000
"""Most messages of a group."""
DEPTH = 3
"""Groups under way at a time."""
ROUTES = 100_000
RETRY = 2.0
"""Seconds between attempts while nothing can be committed."""
LOOK = 0.2
"""Seconds between looks for something to publish."""


@dataclass(frozen=True)
class City:
    """What a gateway needs of the city."""

    store: Store
    clock: Clock
    devices: Devices
    intake: Intake


class MqttGateway:
    """One broker."""

    def __init__(
        self,
        address: tuple[str, int],
        settings: MqttSettings,
        city: City,
        speakers: Sequence[Speaker],
        creator: Creator | None = None,
        publisher: Publisher | None = None,
        presence: Callable[[bool, Instant], Message] | None = None,
    ) -> None:
        """`presence` gives the retained message that tells whether we are here (Sparkplug's host state)."""
        self.address = address
        self.settings = settings
        self.city = city
        self.creator = creator
        self.publisher = publisher
        self.presence = presence
        self.speakers = speakers
        self.counts: Counter[str] = Counter()
        self.faults: deque[str] = deque(maxlen=50)
        filters = [one for speaker in speakers for one in speaker.filters]
        filters += creator.filters if creator else ()
        self._patterns = [(matcher(one), speaker) for speaker in speakers for one in speaker.filters]
        self._routes: dict[str, Speaker | None] = {}
        self._pending: deque[tuple[Session, Message]] = deque()
        self._waiting = 0
        self._paused: Session | None = None
        self._suspected: dict[Session, int] = {}
        self.link = Link(
            address, settings.context(), self._hello, self._hear, self._greet, filters, 0 if presence else 1
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[Any] | None = None
        self._thread = threading.Thread(target=self._run, name=f"mqtt-{settings.client_id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the session; what is not acknowledged comes again to whoever takes it up."""
        if self._loop is not None and self._main is not None:
            self._loop.call_soon_threadsafe(self._main.cancel)
        self._thread.join(timeout=15)

    def status(self) -> Facts:
        """What an operator wants to know."""
        return {
            "connected": self.link.session is not None,
            "connections": self.link.connections,
            "waiting": self._waiting,
            "counts": dict(self.counts),
            "faults": list(self.faults),
            "link": list(self.link.faults),
        }

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=_loops()) as runner:
            try:
                runner.run(self._serve())
            except asyncio.CancelledError:
                return

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._main = asyncio.current_task()
        self._woken = asyncio.Event()
        self._under_way: asyncio.Queue[tuple[Group, list[asyncio.Future[Outcome]]]] = asyncio.Queue(DEPTH)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.link.run())
            tasks.create_task(self._reading())
            tasks.create_task(self._finishing())
            if self.publisher is not None:
                tasks.create_task(self._publishing(self.publisher))

    def _hello(self) -> Hello:
        return self.settings.hello(self._present(False) if self.presence else None)

    def _present(self, here: bool) -> Message:
        assert self.presence is not None
        return self.presence(here, self.city.clock.recorded_at())

    def _greet(self, session: Session) -> None:
        """A new session: what was under way in an earlier one may come again."""
        if session.resumed:
            self._suspected = {session: self.settings.in_flight}
        if self.presence:
            session.tell(self._present(True))

    def _hear(self, session: Session, messages: list[Message]) -> None:
        self._pending.extend((session, one) for one in messages)
        self._waiting += len(messages)
        if self._waiting > 2 * self.settings.in_flight:
            session.pause(True)
            self._paused = session
        self._woken.set()

    async def _reading(self) -> None:
        """Takes what waits as a group, as long as fewer than DEPTH are under way."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._pending:
                group = await self._read(self._gathered())
                await self._under_way.put((group, self._submitted(group)))

    def _gathered(self) -> Group:
        session = self._pending[0][0]
        messages: list[Message] = []
        while self._pending and len(messages) < GROUP and self._pending[0][0] is session:
            messages.append(self._pending.popleft()[1])
        left = self._suspected.get(session, 0)
        if left:
            self._suspected[session] = max(0, left - len(messages))
        suspects = frozenset(at for at, one in enumerate(messages) if one.qos and (one.dup or at < left))
        return Group(session, messages, suspects=suspects)

    async def _read(self, group: Group) -> Group:
        now = self.city.clock.city_time()
        parts: list[tuple[ObservationBatch, int]] = []
        created: list[int] = []
        for at, message in enumerate(group.messages):
            speaker = self._speaker(message.topic)
            if speaker is None:
                created.append(at)
                continue
            try:
                parts += [(batch, at) for batch in await self._spoken(speaker, message, now, group, at)]
            except Exception as error:
                _LOG.exception("%s could not be read", message.topic)
                group.refused[at] = f"{message.topic}: {error!r}"
        group.shares = joined(parts)
        if created and self.creator is not None:
            try:
                self._create(self.creator, group, created)
            except Exception as error:
                _LOG.exception("messages of a creating face could not be read")
                group.refused |= dict.fromkeys(created, repr(error))
        return group

    async def _spoken(
        self, speaker: Speaker, message: Message, now: Instant, group: Group, at: int
    ) -> list[ObservationBatch]:
        """The rows of one message; what it says besides goes into the group."""
        found: list[ObservationBatch] = []
        for event in speaker.read(message, now):
            if isinstance(event, Packet):
                batch = await self._device_rows(speaker.protocol, event, group, at)
                if batch is not None:
                    found.append(batch)
            elif isinstance(event, Fault):
                group.refused[at] = event.reason
            else:
                group.replies.append(event)
        return found

    def _speaker(self, topic: str) -> Speaker | None:
        """Who understands the topic; None: the creating face."""
        if topic not in self._routes:
            if len(self._routes) >= ROUTES:
                self._routes.clear()
            found = (speaker for levels, speaker in self._patterns if matches(levels, topic))
            self._routes[topic] = next(found, None)
        return self._routes[topic]

    async def _device_rows(
        self, protocol: str, packet: Packet, group: Group, at: int
    ) -> ObservationBatch | None:
        """The rows of an admitted device with the right credential."""
        devices = self.city.devices
        device = devices.find(protocol, packet.address)
        if device is None or device.state != "admitted":
            if device is None or device.state == "quarantined":
                devices.unknown(protocol, packet.address, packet.facts, f"{protocol}:{self.address[0]}")
            group.refused[at] = f"{packet.address}: is not admitted"
            self.counts["unknown"] += 1
            return None
        right = devices.known(device, packet.secret)
        if right is None:
            right = await asyncio.to_thread(devices.verify, device, packet.secret, self.address[0])
        if not right:
            group.refused[at] = f"{packet.address}: shows the wrong secret"
            self.counts["secret"] += 1
            return None
        batch, unmapped = devices.batch(device, packet.readings)
        self.counts["unmapped"] += len(unmapped)
        return batch

    def _create(self, creator: Creator, group: Group, places: Sequence[int]) -> None:
        found = creator.take([(group.messages[at].topic, group.messages[at].payload) for at in places])
        if found.batch is not None and len(found.batch):
            owner = found.owner
            group.shares.append(Share(found.batch, np.array(places, np.int64)[owner]))
        group.refused |= {places[at]: reason for at, reason in found.refused.items()}
        group.later += [(places[at], command) for at, command in found.later]

    def _submitted(self, group: Group) -> list[asyncio.Future[Outcome]]:
        """Rows go to the intake at once, unless some may be there already: those wait for their turn."""
        if group.suspects:
            return []
        return [asyncio.wrap_future(self.city.intake.submit(share.batch)) for share in group.shares]

    async def _finishing(self) -> None:
        """Groups in the order they came: durable, then acknowledged."""
        while True:
            group, submitted = await self._under_way.get()
            if group.suspects:
                submitted = await self._fresh(group)
            while (error := await self._failed(group, submitted)) is not None:
                submitted = await self._again(group, error)
            for at, command in group.later:
                await self._done(group, at, command)
            self._settle(group)

    async def _fresh(self, group: Group) -> list[asyncio.Future[Outcome]]:
        """Submits what is not kept yet, now that everything before it is."""

        def left() -> list[Share]:
            with self.city.store.reader() as reader:
                return [without_standing(reader, share, group.suspects) for share in group.shares]

        while True:
            try:
                group.shares = [share for share in await asyncio.to_thread(left) if len(share.batch)]
                break
            except Exception as error:
                await self._wait(error)
        return [asyncio.wrap_future(self.city.intake.submit(share.batch)) for share in group.shares]

    async def _failed(
        self, group: Group, submitted: Sequence[asyncio.Future[Outcome]]
    ) -> BaseException | None:
        """Why not all of it is durable; None once it is."""
        answers = await asyncio.gather(*submitted, return_exceptions=True)
        outcomes = [one for one in answers if not isinstance(one, BaseException)]
        if len(outcomes) == len(answers):
            self._told(group, outcomes)
        return next((one for one in answers if isinstance(one, BaseException)), None)

    async def _again(self, group: Group, error: BaseException) -> list[asyncio.Future[Outcome]]:
        """Waits while nothing can be kept at all, then submits once more. If that fails though others can be kept, each
        message goes by itself, and one that fails alone is refused."""
        while not await self._can_commit():
            await self._wait(error)
        group.tries += 1
        group.suspects = frozenset(range(len(group.messages)))
        if group.tries == 1:
            return await self._fresh(group)
        alone = [(at, one) for at in range(len(group.messages)) for one in single(group, at).shares]
        group.shares = []
        for at, share in alone:
            await self._kept_alone(group, at, share)
        return []

    async def _kept_alone(self, group: Group, at: int, share: Share) -> None:
        def kept() -> Outcome | None:
            with self.city.store.reader() as reader:
                rest = without_standing(reader, share, frozenset({0}))
            return self.city.intake.submit(rest.batch).result() if len(rest.batch) else None

        while True:
            try:
                await asyncio.to_thread(kept)
                return
            except Exception as error:
                if await self._can_commit():
                    group.refused[at] = f"{group.messages[at].topic}: {error}"
                    return
                await self._wait(error)

    async def _can_commit(self) -> bool:
        try:
            await asyncio.wrap_future(self.city.intake.submit(empty("gateway.mqtt")))
        except Exception:
            return False
        return True

    async def _wait(self, error: BaseException) -> None:
        self.counts["waits"] += 1
        _LOG.error("nothing can be kept now, messages wait: %s", error)
        await asyncio.sleep(RETRY)

    async def _done(self, group: Group, at: int, command: Callable[[], None]) -> None:
        """A slow command; one that fails though the city can keep things is refused."""
        while True:
            try:
                await asyncio.to_thread(command)
                return
            except Exception as error:
                if isinstance(error, HutongError) or await self._can_commit():
                    group.refused[at] = f"{group.messages[at].topic}: {error}"
                    return
                await self._wait(error)

    def _told(self, group: Group, outcomes: Sequence[Outcome]) -> None:
        for share, outcome in zip(group.shares, outcomes, strict=True):
            self.counts["rows"] += outcome.taken
            for refusal in outcome.refused:
                at = int(share.owner[refusal.row])
                group.refused[at] = f"{group.messages[at].topic}: {refusal.field}: {refusal.reason}"

    def _settle(self, group: Group) -> None:
        """All of the group is durable or refused for good: the broker may forget it."""
        group.session.acknowledge(group.messages)
        self.counts["messages"] += len(group.messages)
        if group.refused:
            self.counts["refused"] += len(group.refused)
            self.faults.extend(list(group.refused.values())[-self.faults.maxlen :])  # type: ignore[operator]
        for reply in group.replies:
            group.session.tell(Message(reply.topic, reply.payload, reply.qos, retain=reply.retain))
        self._waiting -= len(group.messages)
        if self._paused is not None and self._waiting <= self.settings.in_flight:
            self._paused.pause(False)
            self._paused = None

    async def _publishing(self, publisher: Publisher) -> None:
        """What the city tells, at least once: a break repeats what the broker had not confirmed."""
        while True:
            session = self.link.session
            if session is None:
                await asyncio.sleep(LOOK)
                continue
            try:
                messages = await asyncio.to_thread(publisher.look)
                await session.publish(Message(topic, payload, qos=1) for topic, payload in messages)
                publisher.sent()
                self.counts["published"] += len(messages)
            except Exception as error:
                self.faults.append(f"publishing: {error}")
                _LOG.warning("publishing: %s", error)
                messages = ()
                await asyncio.sleep(RETRY)
            if not messages:
                await asyncio.sleep(LOOK)


def _loops() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop
