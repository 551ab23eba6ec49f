"""The centre's side of SL 651-2014: reports are confirmed after commit, packets put together, links kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hutong.gateways.bcd import to_bcd_time
from hutong.gateways.dialogue import Answer, Event, Fault, Login, Packet, Verdict
from hutong.gateways.framing import Framing
from hutong.gateways.noise import SAMPLE
from hutong.gateways.parts import Part, Parts
from hutong.gateways.sl651 import frame as wire
from hutong.gateways.sl651.frame import Frame
from hutong.gateways.sl651.report import read_report
from hutong.kernel.base import Facts, Instant
from hutong.kernel.errors import Invalid

LINK, PICTURE, FIRST, LAST, FIRST_QUERY = 0x2F, 0x36, 0x30, 0x3A, 0x37
ENDS = {"EOT": wire.EOT, "ESC": wire.ESC, "ACK": wire.ACK}
MOST_PARTS = 512
_MOST_ASKED = 32


class Sl651:
    """Options: `confirm` (true: M2 and M3; false: M1, nothing is ever answered), `end`, the character that ends a confirmation:
    EOT (the station may hang up), ESC (it stays on line) or ACK; `link`: whether 2F is confirmed too (false).

    A report is confirmed only when it is kept. NAK asks for it again while the city is busy; an unknown station and one
    whose password is wrong hear nothing. Answers to queries (37–3A) are read and not confirmed.
    """

    def __init__(self, options: Facts) -> None:
        end = str(options.get("end", "EOT"))
        if end not in ENDS:
            raise Invalid("end", f"{end!r} ends no confirmation", f"write one of {', '.join(ENDS)}")
        self._end = ENDS[end]
        self._confirms = bool(options.get("confirm", True))
        self._confirms_link = bool(options.get("link", False))
        self._framing = Framing(wire.MARK, wire.measure, wire.check, wire.LONGEST)
        self._parts = Parts()

    @property
    def waiting(self) -> int:
        return self._framing.waiting + self._parts.waiting

    def receive(self, data: bytes, now: Instant) -> list[Event]:
        events: list[Event] = []
        for found in self._framing.feed(data, now):
            if isinstance(found, Fault):
                events.append(found)
            else:
                events += self._frame(wire.read(found), now)
        return events

    def _frame(self, frame: Frame, now: Instant) -> Iterator[Event]:
        if frame.function == LINK:
            yield self._login(frame, self._confirms_link, now)
        elif frame.function == PICTURE:
            yield self._login(frame, frame.end == wire.ETX, now)
        elif not FIRST <= frame.function <= LAST:
            yield Fault(f"function {frame.function:02X} is not read", frame.body[:SAMPLE])
        elif frame.total > 1:
            yield from self._packet(frame, now)
        else:
            yield from self._report(frame, frame.body, now)

    def _login(self, frame: Frame, confirmed: bool, now: Instant) -> Login:
        """A message without readings still shows who speaks."""
        serial = frame.body[:2] if len(frame.body) >= 2 else bytes(2)
        answer = self._answer(frame, serial, now) if confirmed else _silent
        return Login(frame.station.hex().upper(), answer, frame.password.hex().upper())

    def _packet(self, frame: Frame, now: Instant) -> Iterator[Event]:
        """M3. Missing packets are asked for when the last one came [M-low: form of that request]."""
        if frame.total > MOST_PARTS:
            yield Fault(f"a report in {frame.total} packets", frame.body[:SAMPLE])
            return
        key = (frame.station, frame.function, frame.total)
        parts = self._parts.add(key, frame.total, frame.part, Part(frame.body, frame.part))
        if parts is not None:
            yield from self._report(frame, b"".join(part.data for part in parts), now)
            return
        if frame.part == frame.total and self._confirms:
            for index in self._parts.missing(key)[:_MOST_ASKED]:
                yield Answer(wire.write(self._down(frame, bytes(2) + to_bcd_time(now), wire.NAK, index)))
        if self._parts.overflow():
            yield Fault("packets of an unfinished report are dropped", frame.body[:SAMPLE])

    def _report(self, frame: Frame, body: bytes, now: Instant) -> Iterator[Event]:
        report = read_report(frame.station, frame.function, body)
        if isinstance(report, str):
            yield Fault(report, body[:SAMPLE])
            return
        for note in report.notes:
            yield Fault(note, body[:SAMPLE])
        confirmed = frame.function < FIRST_QUERY
        answer = self._answer(frame, report.serial, now) if confirmed else _silent
        address, password = frame.station.hex().upper(), frame.password.hex().upper()
        if report.rows:
            yield Packet(address, report.rows.readings(), answer, password, report.facts)
        elif not report.notes:
            yield Login(address, answer, password, report.facts)

    def _answer(self, frame: Frame, serial: bytes, now: Instant) -> Callable[[Verdict], bytes]:
        """Serial number of the report and the city's time, ended by what the verdict asks for."""

        def answer(verdict: Verdict) -> bytes:
            if not self._confirms or verdict not in ("kept", "busy"):
                return b""
            more = frame.end == wire.ETB
            end = wire.NAK if verdict == "busy" else wire.ACK if more else self._end
            return wire.write(self._down(frame, serial + to_bcd_time(now), end))

        return answer

    @staticmethod
    def _down(frame: Frame, body: bytes, end: int, index: int = 0) -> Frame:
        total = frame.total if index else 0
        return Frame(
            frame.centre, frame.station, frame.password, frame.function, body, end, total, index, down=True
        )


def _silent(verdict: Verdict) -> bytes:
    return b""
