"""The channels that a city set up in faces.yaml."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property

import msgspec

from hutong.engine.webhooks.signing import signed
from hutong.gateways.notices.mail import Mail
from hutong.gateways.notices.sms import Sms, settle
from hutong.kernel.base import Instant
from hutong.kernel.clock import Clock, iso
from hutong.kernel.definition.faces import FacesFile, NoticeHook
from hutong.kernel.errors import Unavailable
from hutong.kernel.ports import Outgoing, Webhooks

Sender = Callable[[Outgoing], None]


class Channels:
    """Sends each notice by its channel. `webhooks` posts to the robot, under the same rules as other webhooks."""

    def __init__(self, faces: FacesFile, webhooks: Webhooks, clock: Clock) -> None:
        self._faces = faces
        self._webhooks = webhooks
        self._clock = clock

    @cached_property
    def _senders(self) -> dict[str, Sender]:
        found: dict[str, Sender] = {}
        if self._faces.sms is not None:
            found["sms"] = Sms(self._faces.sms).send
        if self._faces.email is not None:
            found["email"] = Mail(self._faces.email).send
        if self._faces.webhook is not None:
            found["webhook"] = Robot(self._faces.webhook, self._webhooks, self._clock.recorded_at).send
        return found

    @property
    def channels(self) -> frozenset[str]:
        return frozenset(self._senders)

    def send(self, outgoing: Outgoing) -> None:
        sender = self._senders.get(outgoing.channel)
        if sender is None:
            raise Unavailable("channel", f"{outgoing.channel} is not set up", "set it up in faces.yaml")
        sender(outgoing)


class Robot:
    """The city's own chat or message bus: notices as signed JSON."""

    def __init__(self, hook: NoticeHook, webhooks: Webhooks, now: Callable[[], Instant]) -> None:
        self._hook = hook
        self._webhooks = webhooks
        self._now = now

    def send(self, outgoing: Outgoing) -> None:
        at = self._now()
        body = msgspec.json.encode(
            {"id": outgoing.key, "kind": outgoing.kind, "text": outgoing.text, "time": iso(at)}
        )
        secret = os.environ.get(self._hook.secret_env, "")
        headers = signed(secret, "notice", outgoing.key, at, body) if secret else {}
        posted = self._webhooks.post(self._hook.url, body, {"Content-Type": "application/json", **headers})
        settle(posted.status, posted.error)
