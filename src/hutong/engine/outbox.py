"""The outbox: messages that wait are sent by one worker at a time, tried again with growing pauses, and never lost.

At least once: a message is marked after it was handed over, so a worker that is killed between the two sends it again, under
the same key, by which the other side drops the double.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from hutong.engine.handle.notices import language_of
from hutong.kernel.base import HOUR, SECOND, Instant, Label
from hutong.kernel.case import Case, Category, Message
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import Clock
from hutong.kernel.definition.faces import FacesFile
from hutong.kernel.errors import Conflict, HutongError, NotFound, Refused, Unavailable
from hutong.kernel.party import Account, Party
from hutong.kernel.ports import Notices, Outgoing, Reader, Store
from hutong.kernel.query import Compare, Field, IsNull, Or, Order, Value, both, equals

BATCH = 50
FIRST_PAUSE = 15 * SECOND
LONGEST_PAUSE = 6 * HOUR
NO_ADDRESS = "nobody is reached there: the address is missing or the person was erased"


def pause(tries: int) -> Instant:
    """How long to wait after so many failed tries: 15 s, doubled each time, at most 6 h."""
    doubled: int = FIRST_PAUSE * 2 ** min(max(tries - 1, 0), 20)
    return min(LONGEST_PAUSE, doubled)


def address_of(party: Party, channel: str) -> str:
    """Where a person is reached by a channel; empty if nowhere, or if the person was erased."""
    if party.erased is not None:
        return ""
    return (party.phone if channel == "sms" else party.email if channel == "email" else "") or ""


class Letter(msgspec.Struct, frozen=True):
    """A message with where it goes and the words as they are sent."""

    message: Message
    address: str
    text: str


class Outbox:
    """Sends what waits. `link` gives the page where a reporter follows a case (empty: there is none)."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        notices: Notices,
        faces: FacesFile,
        names: Callable[[Category], Label],
        link: Callable[[Case], str] = lambda case: "",
    ) -> None:
        self.store = store
        self.clock = clock
        self.notices = notices
        self.faces = faces
        self.names = names
        self.link = link
        self.lease = store.lease("outbox")

    def step(self) -> int:
        """Tries everything that is due; returns how many messages changed. Nothing while another worker does it."""
        if not self.lease.hold():
            return 0
        with self.store.reader() as reader:
            letters = [self.letter(reader, one) for one in self._due(reader)]
        handled = 0
        for letter in letters:
            if not self.lease.hold():
                break
            handled += self._handle(letter)
        return handled

    def _due(self, reader: Reader) -> Sequence[Message]:
        when = Field(("next_try",))
        now = self.clock.recorded_at()
        due = Or((IsNull(when), Compare("le", when, Value(now))))
        return reader.find(
            Message, both(equals("state", "waiting"), due), order=(Order(("next_try",)),), limit=BATCH
        ).rows

    def letter(self, reader: Reader, message: Message) -> Letter:
        """Where a message goes, with number, category and link of its case filled in."""
        text = message.text
        if message.case is not None:
            case = reader.get(Case, message.case)
            language = language_of(case) if message.subject is not None else "zh"
            text = text.replace("{number}", case.number).replace("{link}", self.link(case))
            text = text.replace("{category}", self.names(case.category).text(language))
        return Letter(message, self._address(reader, message), text)

    def _address(self, reader: Reader, message: Message) -> str:
        if message.channel == "webhook":
            return ""
        try:
            subject = message.subject or reader.get(Account, message.to).subject
            return address_of(reader.get(Party, subject), message.channel)
        except NotFound:
            return ""

    def _handle(self, letter: Letter) -> int:
        try:
            self._send(letter)
        except Unavailable as error:
            return self._failed(letter.message, error.reason, final=False)
        except HutongError as error:
            return self._failed(letter.message, error.reason, final=True)
        message = letter.message
        now = self.clock.recorded_at()
        sent = replace(
            message, state="sent", sent=now, attempts=message.attempts + 1, next_try=None, error=""
        )
        return self._keep(sent, "message.send", {})

    def _send(self, letter: Letter) -> None:
        message = letter.message
        if message.channel not in self.notices.channels:
            raise Unavailable("channel", f"{message.channel} is not set up", "set it up in faces.yaml")
        if not letter.address and message.channel != "webhook":
            raise Refused("address", NO_ADDRESS)
        key = f"hutong-{message.lane}-{message.id}"
        self.notices.send(
            Outgoing(
                channel=message.channel, address=letter.address, text=letter.text, key=key, kind=message.kind
            )
        )

    def _failed(self, message: Message, reason: str, *, final: bool) -> int:
        tries = message.attempts + 1
        over = final or tries >= self.faces.attempts
        tried = replace(
            message,
            attempts=tries,
            error=reason[:500],
            state="failed" if over else "waiting",
            next_try=None if over else self.clock.recorded_at() + pause(tries),
        )
        return self._keep(tried, "message.fail" if over else "message.try", {"error": tried.error})

    def _keep(self, message: Message, kind: str, facts: dict[str, str]) -> int:
        about = (("case", message.case),) if message.case is not None else ()
        record = Record(
            kind=kind,
            actor=0,
            at=self.clock.city_time(),
            subjects=(("message", message.id), *about),
            facts={"channel": message.channel, "attempts": message.attempts, **facts},
        )
        try:
            self.store.apply(Changes(lane=message.lane, puts=(message,), records=(record,)))
        except Conflict:
            return 0
        return 1


def again(store: Store, clock: Clock, id: int, actor: int) -> Message:
    """Puts a message that failed back, by hand; it is tried at once, as often as a new one. Refused if it has not failed."""
    with store.reader() as reader:
        message = reader.get(Message, id)
    if message.state != "failed":
        raise Refused(
            "message", f"it is {message.state}", "only one that failed is sent again", zh="该消息未失败"
        )
    waiting = replace(message, state="waiting", attempts=0, next_try=clock.recorded_at(), error="")
    record = Record(
        kind="message.retry",
        actor=actor,
        at=clock.city_time(),
        subjects=(("message", id),),
        facts={"channel": message.channel},
    )
    store.apply(Changes(lane=message.lane, puts=(waiting,), records=(record,)))
    with store.reader() as reader:
        return reader.get(Message, id)
