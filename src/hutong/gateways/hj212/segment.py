"""The data segment of HJ 212: QN, ST, CN, PW, MN, Flag, PNUM, PNO and CP; and packets that were split."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from hutong.kernel.base import SECOND, Instant

LONGEST = 64_000
"""Bytes of a packet put together again."""
PARTS = 64
OPEN = 8
"""Split packets of one connection that may wait for parts."""
PATIENCE = 120 * SECOND
_BEGIN, _END = b"CP=&&", b"&&"
_NAME = re.compile(r"[0-9A-Za-z_.\-]{1,40}\Z")
_WORD = re.compile(r"[\x21-\x3a\x3c-\x7e]{0,32}\Z")
_NUMBER = re.compile(r"\d{1,3}\Z")
_QN = re.compile(r"\d{0,20}\Z")


@dataclass(frozen=True)
class Segment:
    """`content` is what stands between the `&&` of CP. `flag`: version ≪ 2 | split ≪ 1 | answer needed."""

    qn: str
    st: str
    cn: str
    pw: str
    mn: str
    flag: int
    content: bytes
    pnum: int = 1
    pno: int = 1
    resent: bool = False
    """RF=1 (2025): 补传."""

    @property
    def version(self) -> int:
        """0: HJ/T 212-2005, 1: HJ 212-2017, 2: HJ 212-2025."""
        return self.flag >> 2

    @property
    def asks(self) -> bool:
        """A: an answer is needed."""
        return bool(self.flag & 1)

    @property
    def split(self) -> bool:
        return bool(self.flag & 2) and self.pnum > 1


def parse(data: bytes) -> Segment | str:
    """The segment, or what is wrong with it. Blanks after `;` are tolerated, and fields in any order."""
    begin = data.find(_BEGIN)
    end = data.rfind(_END)
    if begin < 0 or end < begin + len(_BEGIN):
        return "has no CP=&&…&&"
    fields: dict[str, str] = {}
    for part in data[:begin].decode("latin-1").split(";"):
        name, _, value = part.strip().partition("=")
        fields[name] = value.strip()
    st, cn, mn, pw = fields.get("ST", ""), fields.get("CN", ""), fields.get("MN", ""), fields.get("PW", "")
    flag, qn = fields.get("Flag", "0"), fields.get("QN", "")
    pnum, pno = fields.get("PNUM", "1"), fields.get("PNO", "1")
    if not _NAME.match(mn):
        return f"MN {mn[:40]!r} names no device"
    if len(cn) != 4 or not cn.isdecimal() or not cn.isascii():
        return f"CN {cn[:8]!r} is no command"
    if not (_NUMBER.match(flag) and _WORD.match(pw) and _QN.match(qn) and _WORD.match(st)):
        return "Flag, PW, QN or ST has another form"
    if not (pnum.isdecimal() and pno.isdecimal() and len(pnum) <= 4 and len(pno) <= 4):
        return "PNUM or PNO is no number"
    if int(pnum) > PARTS or int(pno) > max(int(pnum), 1):
        return f"part {pno} of {pnum}: at most {PARTS} parts are taken"
    content = data[begin + len(_BEGIN) : end]
    return Segment(
        qn, st, cn, pw, mn, int(flag), content, int(pnum), int(pno), resent=fields.get("RF") == "1"
    )


@dataclass
class _Open:
    first: Instant
    parts: dict[int, bytes]


class Parts:
    """Puts split packets together again, within OPEN packets, LONGEST bytes and PATIENCE."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str, str], _Open] = {}
        self.waiting = 0
        self.given_up = 0
        """Split packets of which parts never came."""

    def add(self, segment: Segment, now: Instant) -> Segment | None:
        """The whole packet with the last of its parts; None while some are missing."""
        key = (segment.mn, segment.cn, segment.qn)
        self._expire(now)
        waiting = self._open.setdefault(key, _Open(now, {}))
        before = len(waiting.parts.get(segment.pno, b""))
        waiting.parts[segment.pno] = segment.content
        self.waiting += len(segment.content) - before
        if len(waiting.parts) == segment.pnum:
            self._drop(key)
            contents = [waiting.parts[number] for number in sorted(waiting.parts)]
            return replace(segment, content=_joined(contents), pnum=1, pno=1)
        while len(self._open) > OPEN or self.waiting > LONGEST:
            self.given_up += 1
            self._drop(next(iter(self._open)))
        return None

    def _expire(self, now: Instant) -> None:
        for key in [one for one, open in self._open.items() if now - open.first > PATIENCE]:
            self.given_up += 1
            self._drop(key)

    def _drop(self, key: tuple[str, str, str]) -> None:
        self.waiting -= sum(len(part) for part in self._open.pop(key).parts.values())


def _joined(contents: list[bytes]) -> bytes:
    """One content of several: cut within a field they are put together, cut between fields a `;` goes between."""
    whole = bytearray(contents[0])
    for part in contents[1:]:
        last = re.split(rb"[;,]", bytes(whole[-128:]))[-1]
        first = re.split(rb"[;,]", part[:128])[0]
        if last.strip() and b"=" in last and b"=" in first:
            whole += b";"
        whole += part
    return bytes(whole)
