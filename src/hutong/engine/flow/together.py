"""Deeds of many people at the same moment: decided one after the other on one view of the store, committed as one group.

Each is decided as if it were alone. Where two concern the same row, the store lets one of them pass; the other is then done by
itself, on what the first one left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hutong.kernel.case import Case
from hutong.kernel.changes import Applied, Changes
from hutong.kernel.errors import Conflict, HutongError
from hutong.kernel.ports import Reader, Store


@dataclass(frozen=True)
class Decided:
    """What a deed changes, and the case it makes of it: as stored, or as it stands where the request is a repeat."""

    changes: Changes
    done: Callable[[Applied], Case]


@dataclass(frozen=True)
class Wish:
    """A deed to be done. `decide` is given the case it is about (`case`; None where there is none of that id), and raises where
    it cannot be done; `alone` does it from the beginning to the end."""

    decide: Callable[[Reader, Case | None], Decided]
    alone: Callable[[], Case]
    case: int | None = None


Outcome = Case | HutongError


def do_together(store: Store, wishes: Sequence[Wish]) -> list[Outcome]:
    """The outcome of each, in order; all that were done are durable."""
    outcomes: dict[int, Outcome] = {}
    decided: dict[int, Decided] = {}
    with store.reader() as reader:
        about = list({wish.case for wish in wishes if wish.case is not None})
        cases = reader.many(Case, about)
        reader.foresee(Case, "joined_to", about)  # Of each that ends.
        for place, wish in enumerate(wishes):
            try:
                decided[place] = wish.decide(reader, cases.get(wish.case or 0))
            except HutongError as error:
                outcomes[place] = error
    answers = store.apply_all([one.changes for one in decided.values()])
    for (place, one), answer in zip(decided.items(), answers, strict=True):
        try:
            if isinstance(answer, Conflict):
                outcomes[place] = wishes[place].alone()
            elif isinstance(answer, HutongError):
                outcomes[place] = answer
            else:
                outcomes[place] = one.done(answer)
        except HutongError as error:
            outcomes[place] = error
    return [outcomes[place] for place in range(len(wishes))]
