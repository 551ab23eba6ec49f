"""How a report goes on, in plain words: steps with dates, how many saw it, photos before and after."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hutong.api.house import House
from hutong.api.images import PICTURES
from hutong.api.public.matters import service_of
from hutong.api.public.taking import called
from hutong.api.shapes import time_of
from hutong.engine.flow.neighbours import counted, rating_of, ratings_of
from hutong.engine.masking import mask
from hutong.engine.reporting import notes, steps, told_reasons
from hutong.kernel.base import Label
from hutong.kernel.case import Case, File
from hutong.kernel.ports import Reader
from hutong.kernel.query import equals
from hutong.kernel.subscription import Rating

RELEASED = ("report", "handle", "check")
"""Stages of photos that a reporter is shown; of `report` only those sent with the report."""
NOT_RATED = ("void",)


class StepShape(msgspec.Struct, frozen=True):
    """One step: done (with its date), present, or still to come."""

    name: str
    label: Label
    at: str | None
    now: bool


class PhotoShape(msgspec.Struct, frozen=True):
    """A photo; `when` is before or after the work."""

    id: int
    when: str
    taken: str | None


class Reason(msgspec.Struct, frozen=True):
    """What the office wrote for the reporter; personal details in it are masked."""

    label: Label
    text: str


class RatingShape(msgspec.Struct, frozen=True):
    solved: bool
    satisfaction: int | None


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """A report as the public sees it. `own`: opened with its code; only then are there photos, reasons and the question."""

    number: str
    service: str
    label: Label
    place: Label
    words: Label
    ended: bool
    steps: list[StepShape]
    neighbours: int
    own: bool
    photos: list[PhotoShape]
    reasons: list[Reason]
    asked: bool
    """Whether the question at the end is open."""
    rating: RatingShape | None


def progress(house: House, case: Case, *, own: bool) -> Progress:
    """Without title and words of the case: they may be about people."""
    compiled = house.rulebook.procedure(case)
    with house.store.reader() as reader:
        neighbours = counted(reader, case)
        rating = _rating(reader, case) if own else None
        files = released(reader, case) if own else ()
    return Progress(
        number=case.number,
        service=service_of(case.category),
        label=house.rulebook.category_names[case.category],
        place=house.directory.place_name(called(house, case.place)),
        words=notes(case, compiled),
        ended=case.closed is not None,
        steps=[StepShape(one.name, one.label, time_of(one.at), one.now) for one in steps(case, compiled)],
        neighbours=neighbours,
        own=own,
        photos=[PhotoShape(one.id, _when(one), time_of(one.taken)) for one in files],
        reasons=[Reason(label, mask(text).text) for label, text in told_reasons(case, compiled)]
        if own
        else [],
        asked=own and case.closed is not None and rating is None and case.ending not in NOT_RATED,
        rating=RatingShape(rating.solved, rating.satisfaction) if rating else None,
    )


def _rating(reader: Reader, case: Case) -> Rating | None:
    """What the reporter said about this ending; while the case is open again, what brought it back."""
    if case.closed is not None:
        return rating_of(reader, case)
    return next((one for one in ratings_of(reader, case)[:1] if not one.solved), None)


def released(reader: Reader, case: Case) -> Sequence[File]:
    """The reporter's own photos, and those of handling and check; none that staff took to verify."""
    rows = reader.find(File, equals("case", case.id), limit=200).rows
    return [
        one
        for one in rows
        if one.media_type in PICTURES.values()
        and one.stage in RELEASED
        and (one.stage != "report" or one.by == 0)
    ]


def _when(file: File) -> str:
    return "before" if file.stage == "report" else "after"
