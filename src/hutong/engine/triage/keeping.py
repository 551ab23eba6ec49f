"""A learnt model as bytes: half precision, compressed, the same bytes for the same model."""

from __future__ import annotations

import msgspec
import numpy as np
import zstandard

from hutong.engine.triage.classifier import Learnt
from hutong.engine.triage.measure import Measured
from hutong.kernel.base import Instant


class Kept(msgspec.Struct, frozen=True):
    """A version of the model with how it was measured and up to which case (by closing time) it learnt."""

    learnt: Learnt | None
    measured: Measured
    until: Instant = 0
    cases: int = 0
    """Decided cases it was made from."""


class _Stored(msgspec.Struct, frozen=True):
    classes: tuple[str, ...]
    lexicon_classes: tuple[str, ...]
    arrays: tuple[bytes, bytes, bytes, bytes]
    """Columns, weights, intercepts, rarity."""
    heat: float
    trained: int
    measured: Measured
    until: Instant
    cases: int


def to_bytes(kept: Kept) -> bytes:
    """What the store keeps under its digest."""
    learnt = kept.learnt
    assert learnt is not None
    stored = _Stored(
        classes=learnt.classes,
        lexicon_classes=learnt.lexicon_classes,
        arrays=(
            learnt.columns.astype("<i4").tobytes(),
            learnt.weights.astype("<f2").tobytes(),
            learnt.intercepts.astype("<f4").tobytes(),
            learnt.rarity.astype("<f2").tobytes(),
        ),
        heat=learnt.heat,
        trained=learnt.cases,
        measured=kept.measured,
        until=kept.until,
        cases=kept.cases,
    )
    return zstandard.ZstdCompressor(level=9).compress(msgspec.msgpack.encode(stored))


def from_bytes(content: bytes) -> Kept:
    """The model of these bytes."""
    plain = zstandard.ZstdDecompressor().decompress(content, max_output_size=1 << 30)
    stored = msgspec.msgpack.decode(plain, type=_Stored)
    columns, weights, intercepts, rarity = stored.arrays
    learnt = Learnt(
        classes=stored.classes,
        columns=np.frombuffer(columns, "<i4"),
        weights=np.frombuffer(weights, "<f2").astype(np.float32).reshape(len(stored.classes), -1),
        intercepts=np.frombuffer(intercepts, "<f4"),
        rarity=np.frombuffer(rarity, "<f2").astype(np.float32),
        lexicon_classes=stored.lexicon_classes,
        cases=stored.trained,
        heat=stored.heat,
    )
    return Kept(learnt, stored.measured, stored.until, stored.cases)
