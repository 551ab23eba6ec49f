"""Streams cut and spoilt in every way, and what a dialogue makes of them, in a form that compares."""

from __future__ import annotations

import itertools
import math
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st

from hutong.gateways.dialogue import Answer, Close, Dialogue, Event, Fault, Login, Packet, Verdict

NOW = 1_790_000_000_000_000
LIMIT = 64_000
"""Bytes that a gateway lets a connection hold back (kernel GatewayLimits)."""


def storable(*words: object) -> bool:
    """No control characters, no halves of characters."""
    return not any(unicodedata.category(letter)[0] == "C" for word in words for letter in str(word))


def plain(event: Event, verdict: Verdict = "kept") -> tuple[Any, ...]:
    if isinstance(event, Packet):
        rows = event.readings
        assert storable(*rows.texts.values(), *event.facts.values())
        numbers = [None if math.isnan(number) else number for number in rows.number.tolist()]
        columns = (rows.channels, rows.time.tolist(), numbers, rows.quality.tolist(), rows.texts)
        return ("packet", event.address, *columns, event.secret, event.facts, event.answer(verdict))
    if isinstance(event, Login):
        assert storable(*event.facts.values())
        return ("login", event.address, event.secret, event.facts, event.answer(verdict))
    if isinstance(event, Answer):
        return ("answer", event.data)
    if isinstance(event, Fault):
        assert len(event.data) <= 64
        assert event.reason
        return ("fault", event.reason, event.data)
    assert isinstance(event, Close)
    return ("close", event.reason)


def told(dialogue: Dialogue, chunks: Iterable[bytes], now: int = NOW) -> list[tuple[Any, ...]]:
    """All events of the chunks, and never more held back than allowed."""
    events = []
    for chunk in chunks:
        events += [plain(event) for event in dialogue.receive(chunk, now)]
        assert 0 <= dialogue.waiting <= LIMIT
    return events


def packets(dialogue: Dialogue, data: bytes, now: int = NOW) -> list[Packet]:
    """The packets in `data`, which holds nothing else."""
    found = list(dialogue.receive(data, now))
    assert all(isinstance(event, Packet) for event in found), found
    return [event for event in found if isinstance(event, Packet)]


def values(packet: Packet) -> dict[str, float]:
    """The last value of every channel."""
    return dict(zip(packet.readings.channels, packet.readings.number.tolist(), strict=True))


@st.composite
def spoilt(draw: st.DrawFn, frames: Callable[[], st.SearchStrategy[bytes]], mark: bytes) -> bytes:
    """A frame with a few bytes changed, lost or put in between."""
    data = bytearray(draw(frames()))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        kind = draw(st.sampled_from(("change", "lose", "insert", "cut", "mark")))
        if kind == "change" and data:
            data[at] = draw(st.integers(0, 255))
        elif kind == "lose" and data:
            del data[at]
        elif kind == "insert":
            data.insert(at, draw(st.integers(0, 255)))
        elif kind == "cut":
            del data[at:]
        else:
            data[at:at] = mark
    return bytes(data)


def dirty(frames: Callable[[], st.SearchStrategy[bytes]], mark: bytes) -> st.SearchStrategy[bytes]:
    """A stream of good frames, spoilt ones, and noise, short and long."""
    noise = st.binary(max_size=40) | st.builds(
        lambda one, many: one * many, st.binary(max_size=8), st.integers(1, 900)
    )
    piece = frames() | spoilt(frames, mark) | noise | st.just(mark)
    return st.lists(piece, max_size=8).map(b"".join)


@st.composite
def cut(draw: st.DrawFn, streams: st.SearchStrategy[bytes]) -> tuple[bytes, list[bytes]]:
    """A stream and the same in chunks."""
    data = draw(streams)
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=12)))
    edges = [0, *places, len(data)]
    return data, [data[start:end] for start, end in itertools.pairwise(edges)]
