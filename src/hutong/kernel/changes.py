"""What a command wants to change: a value that the engine makes and the store applies whole, or not at all."""

from __future__ import annotations

from typing import Any

import msgspec

from hutong.kernel.base import Entity, Facts, Instant
from hutong.kernel.observation import ObservationBatch


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record of the journal, before the store gives it a position and a hash.

    `kind` is `noun.action` (`case.dispatch`, `warning.raise`, `observation.batch`, `party.erase`). `puts` of the same
    Changes that this record explains are named by `subjects` (noun, id); the store adds what changed in them.
    `cause` is the id that links commands across lanes, or the record that led to this one.
    `explain` answers why: clause, rule version, definition digest, evidence rows, responsibility row.
    """

    kind: str
    actor: int
    at: Instant
    subjects: tuple[tuple[str, int], ...] = ()
    facts: Facts = {}
    explain: Facts = {}
    cause: str = ""


class Numbering(msgspec.Struct, frozen=True):
    """Asks the store to fill `field` of a put row when it is applied, from a counter of the lane.

    `template` is a format string with `seq` (1, 2, 3 … of `counter`), for example `310101202607{seq:05d}`.
    """

    noun: str
    id: int
    field: str
    counter: str
    template: str


class RuleMark(msgspec.Struct, frozen=True, omit_defaults=True):
    """The memory of one rule about one thing; instants are event times.

    `holding_since`: when the condition began to hold (not yet long enough, or a warning is open). `clear_since`: when
    the clearing condition began to hold. `warning`: the open warning's id.
    `memory`: small extra state of a rule word (JSON).
    """

    rule: str
    thing: int
    holding_since: Instant | None = None
    clear_since: Instant | None = None
    warning: int | None = None
    memory: Facts = {}

    @property
    def empty(self) -> bool:
        return (
            self.holding_since is None
            and self.clear_since is None
            and self.warning is None
            and not self.memory
        )


class Amendment(msgspec.Struct, frozen=True):
    """The observation `id` becomes `row` (a batch of one; its stream and sequence stay those of the id), or goes (None).

    `read`: what it was made from, a batch of one; Conflict if it stands otherwise by now (None: whatever stands).
    """

    id: int
    row: ObservationBatch | None = None
    read: ObservationBatch | None = None


class Step(msgspec.Struct, frozen=True):
    """A record of a history that is loaded, with the rows as they became by it (their versions are counted by the store)."""

    record: Record
    puts: tuple[Entity, ...] = ()


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one command changes. Rows in `puts` carry the version they were read at (0: new).

    `batches` are appended with `refusals` told back; `amends` correct rows that are kept already; `marks` replace rule
    marks (an empty one deletes its row), guarded by `state_version` (the lane's rule-state version they were computed
    from; None: no marks). `cursors` moves named feed cursors in the same commit. `idempotency_key` makes a repeat
    return the first answer (`response`); `request_digest` tells a repeat from another request with the same key.
    """

    lane: int = 1
    puts: tuple[Entity, ...] = ()
    numbering: tuple[Numbering, ...] = ()
    records: tuple[Record, ...] = ()
    batches: tuple[ObservationBatch, ...] = ()
    amends: tuple[Amendment, ...] = ()
    marks: tuple[RuleMark, ...] = ()
    state_version: int | None = None
    cursors: dict[str, str] = {}
    idempotency_key: str | None = None
    request_digest: str = ""
    response: Any = None
    at: Instant | None = None
    """City time at which `batches` were taken, for their journal record where no record of the command tells one."""
    erase: tuple[int, ...] = ()
    """Parties whose keys are destroyed."""


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What the store did: the last journal position, the rows as stored, and the first ids of each batch's rows.

    `repeated`: the idempotency key was known; nothing was changed and `response` is the first one.
    """

    position: int
    rows: tuple[Entity, ...] = ()
    sequences: tuple[ObservationBatch, ...] = ()
    response: Any = None
    repeated: bool = False
