"""What a web process and the process that judges say to each other: JSON of typed messages, never pickled objects.

Columns travel as base64 of their bytes; rows that are put beside them with the name of their noun, which says their type.
"""

from __future__ import annotations

import base64
from typing import Any, Literal

import msgspec
import numpy as np
from msgspec.structs import replace

from hutong.engine.flow.devices.live import Seen, Wire
from hutong.engine.flow.upper import PlatformState
from hutong.kernel import errors
from hutong.kernel.base import Entity, Facts
from hutong.kernel.changes import Changes
from hutong.kernel.errors import HutongError
from hutong.kernel.observation import ObservationBatch, Outcome
from hutong.store.layout import noun_of, nouns

_ERRORS = {
    one.code: one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, HutongError)
}


class Beside(msgspec.Struct, frozen=True):
    """`Changes` whose rows are named by their nouns."""

    rest: Changes
    puts: tuple[tuple[str, msgspec.Raw], ...]


class Submit(msgspec.Struct, frozen=True, tag="submit"):
    """A batch for the intake."""

    id: int
    batch: ObservationBatch
    cursors: dict[str, str] = {}
    key: str | None = None
    digest: str = ""
    beside: Beside | None = None


class Changed(msgspec.Struct, frozen=True, tag="changed"):
    """Things or datastreams changed."""

    id: int


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """A question about what only the judging process sees. `about`: ids of devices."""

    id: int
    what: Literal["seen", "wire", "platforms"]
    about: tuple[int, ...] = ()


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The web process answers requests."""


class Taken(msgspec.Struct, frozen=True, tag="taken"):
    """A batch is durable and judged, or a change is known (`outcome` None)."""

    id: int
    outcome: Outcome | None = None


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """It came to nothing. An empty `code` is a fault of the program."""

    id: int
    code: str
    field: str
    reason: str
    remedy: str = ""
    facts: Facts = {}


class Told(msgspec.Struct, frozen=True, tag="told"):
    """The answer to a question."""

    id: int
    seen: dict[int, Seen] = {}
    wire: Wire | None = None
    platforms: dict[str, PlatformState] = {}


Asked = Submit | Changed | Ask | Ready
Answer = Taken | Failed | Told


def _written(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.dtype.str, base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
    raise NotImplementedError(f"{type(value).__name__} is not sent")


def _read(wanted: Any, value: Any) -> Any:
    """An array of the type that the field has."""
    kind, text = value
    found = np.frombuffer(base64.b64decode(text), np.dtype(kind))
    return found.astype(wanted.__args__[1].__args__[0])


_ENCODER = msgspec.json.Encoder(enc_hook=_written)
_ASKED = msgspec.json.Decoder(Asked, dec_hook=_read)
_ANSWER = msgspec.json.Decoder(Answer, dec_hook=_read)


def told(message: Asked | Answer) -> bytes:
    return _ENCODER.encode(message)


def asked_of(message: bytes) -> Asked:
    asked: Asked = _ASKED.decode(message)
    return asked


def answer_of(message: bytes) -> Answer:
    answer: Answer = _ANSWER.decode(message)
    return answer


def beside_of(changes: Changes) -> Beside:
    puts = tuple((noun_of(type(one)).name, msgspec.Raw(_ENCODER.encode(one))) for one in changes.puts)
    return Beside(replace(changes, puts=()), puts)


def changes_of(beside: Beside) -> Changes:
    return replace(beside.rest, puts=tuple(_row(name, raw) for name, raw in beside.puts))


def _row(name: str, raw: msgspec.Raw) -> Entity:
    row: Entity = msgspec.json.decode(raw, type=nouns()[name].struct, dec_hook=_read)
    return row


def failure(id: int, error: BaseException) -> Failed:
    """An error in words; its facts as plain JSON."""
    if not isinstance(error, HutongError):
        return Failed(id, "", type(error).__name__, str(error))
    facts = msgspec.to_builtins(error.facts, enc_hook=str)
    return Failed(id, error.code, error.field, error.reason, error.remedy, facts)


def error_of(failed: Failed) -> Exception:
    """The error as it was raised; what was no HutongError is a RuntimeError that names it."""
    kind = _ERRORS.get(failed.code)
    if kind is None:
        return RuntimeError(f"{failed.field}: {failed.reason}")
    return kind(failed.field, failed.reason, failed.remedy, **failed.facts)
