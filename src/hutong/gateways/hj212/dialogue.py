"""HJ/T 212-2005, HJ 212-2017 and HJ 212-2025 as the platform (上位机) speaks it: uploads are answered, clocks are set.

Uploads that ask for it (A = 1) are answered 9014 once they are kept; refusals 9011 with QnRtn; when the city cannot keep
them now, 9012 with ExeRtn=5 (系统繁忙), so that the station sends again. 1013 is answered 9013 and 1012; 9015 like an upload.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from hutong.gateways.dialogue import Answer, Event, Fault, Login, Packet, Verdict
from hutong.gateways.hj212.content import Content, moment_of, text_of
from hutong.gateways.hj212.frame import Frame, Frames, framed
from hutong.gateways.hj212.segment import LONGEST, Parts, Segment, parse
from hutong.gateways.hj212.sm4 import Sm4
from hutong.kernel.base import Facts, Instant
from hutong.kernel.clock import moment
from hutong.kernel.errors import Invalid

OPTIONS = frozenset({"zone", "sm4_key", "answer_parts"})
INTERACTION = "91"
"""ST of answers: 系统交互."""
ANSWERS = frozenset({"9011", "9012", "9013", "9014"})
CLOCK_ASKED, CLOCK_SET = "1013", "1012"
HEARTBEAT = "9015"
REFUSED: dict[Verdict, int] = {"unknown": 4, "secret": 3, "content": 2}
"""QnRtn: 4 MN 错误, 3 PW 错误, 2 请求被拒绝."""
WRONG_CN, WRONG_CRC = 8, 9


SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Dialect:
    """The city's options of a port. `sm4`: how content is read that is not plain."""

    zone: ZoneInfo = SHANGHAI
    sm4: Sm4 | None = None
    answer_parts: bool = False
    """Answer each part of a split packet when it comes, for stations that wait for that before the next. Such an answer
    says only that the part arrived: what is answered last is what is kept."""


def dialect_of(options: Facts) -> Dialect:
    """Invalid for an option that is none, or has no meaning."""
    strange = sorted(set(options) - OPTIONS)
    if strange:
        raise Invalid(
            f"options/{strange[0]}", "is no option of hj212", f"it has {', '.join(sorted(OPTIONS))}"
        )
    try:
        zone = ZoneInfo(str(options.get("zone", "Asia/Shanghai")))
    except (KeyError, ValueError, OSError):
        raise Invalid("options/zone", "is no time zone", "name one such as Asia/Shanghai") from None
    key = options.get("sm4_key")
    return Dialect(zone, Sm4(str(key)) if key else None, options.get("answer_parts") is True)


class Hj212:
    """One connection of a station (现场机)."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._frames = Frames()
        self._parts = Parts()

    @property
    def waiting(self) -> int:
        return self._frames.waiting + self._parts.waiting

    def receive(self, data: bytes, now: Instant) -> Iterator[Event]:
        """What came, as events; see the module."""
        for one in self._frames.feed(data):
            if isinstance(one, Frame):
                yield from self._frame(one, now)
            else:
                yield Fault("no frame of HJ 212", one.data)

    def _frame(self, frame: Frame, now: Instant) -> Iterator[Event]:
        segment = parse(frame.segment)
        if isinstance(segment, str):
            yield Fault(f"the data segment {segment}", frame.segment[:64])
        elif not frame.sound:
            yield Fault("the CRC is wrong", frame.segment[:64])
            if segment.asks:
                yield Answer(_refusal(segment, WRONG_CRC))
        elif segment.split:
            yield from self._part(segment, now)
        else:
            yield self._message(segment, now)

    def _part(self, segment: Segment, now: Instant) -> Iterator[Event]:
        if len(segment.content) > LONGEST:
            yield Fault("a part is too long")
            return
        whole = self._parts.add(segment, now)
        if whole is not None:
            yield self._message(whole, now)
        elif self._dialect.answer_parts and segment.asks:
            yield Answer(_reply(segment, "9014", b""))
        else:
            yield Answer(b"")

    def _message(self, segment: Segment, now: Instant) -> Event:
        if segment.cn in ANSWERS:
            return Answer(b"")
        if segment.cn[0] in "23":
            return self._upload(segment, now)
        facts = _facts(segment)
        if segment.cn == CLOCK_ASKED:
            local = moment(now, self._dialect.zone)
            return Login(segment.mn, lambda verdict: _clock(segment, verdict, local), segment.pw, facts)
        if segment.cn == HEARTBEAT or segment.cn[0] == "1":
            return Login(segment.mn, lambda verdict: _answer(segment, verdict), segment.pw, facts)
        return Answer(_refusal(segment, WRONG_CN) if segment.asks else b"")

    def _upload(self, segment: Segment, now: Instant) -> Packet:
        zone = self._dialect.zone
        content = Content(text_of(self._plain(segment)), zone)
        time = content.time
        if time is None:
            time = moment_of(segment.qn, zone)
        resent = segment.resent or content.resent
        readings = content.readings(segment.cn, now if time is None else time, resent=resent)
        return Packet(
            segment.mn, readings, lambda verdict: _answer(segment, verdict), segment.pw, _facts(segment)
        )

    def _plain(self, segment: Segment) -> bytes:
        """Content of 2025 over the internet is SM4; on private lines it is plain, and says so by its first word."""
        sm4, content = self._dialect.sm4, segment.content
        hidden = segment.version >= 2 and (segment.cn[0] == "2" or segment.cn == "3020")
        if sm4 is None or not hidden or content.startswith(b"DataTime="):
            return content
        return sm4.decrypt(content)


def _facts(segment: Segment) -> Facts:
    """What an operator sees of a station nobody knows."""
    return {"st": segment.st, "cn": segment.cn, "version": (2005, 2017, 2025)[min(segment.version, 2)]}


def _answer(segment: Segment, verdict: Verdict) -> bytes:
    if not segment.asks:
        return b""
    if verdict == "kept":
        return _reply(segment, "9014", b"")
    if verdict == "busy":
        return _reply(segment, "9012", b"ExeRtn=5")
    return _refusal(segment, REFUSED[verdict])


def _clock(segment: Segment, verdict: Verdict, local: datetime) -> bytes:
    """9013 to the request, then 1012 that sets the clock."""
    if verdict != "kept":
        return _answer(segment, verdict)
    told = _reply(segment, "9013", b"") if segment.asks else b""
    asking = replace(segment, qn=f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}")
    content = b"SystemTime=" + f"{local:%Y%m%d%H%M%S}".encode()
    return told + _reply(asking, CLOCK_SET, content, st=segment.st, asks=True)


def _refusal(segment: Segment, code: int) -> bytes:
    return _reply(segment, "9011", b"QnRtn=%d" % code)


def _reply(segment: Segment, cn: str, content: bytes, *, st: str = INTERACTION, asks: bool = False) -> bytes:
    """An answer carries the QN, PW and MN of what it answers."""
    flag = segment.version << 2 | asks
    head = f"QN={segment.qn};ST={st};CN={cn};PW={segment.pw};MN={segment.mn};Flag={flag};CP=&&"
    return framed(head.encode("ascii", "replace") + content + b"&&")


def speak(options: Facts) -> Hj212:
    """The dialogue of a new connection."""
    return Hj212(dialect_of(options))
