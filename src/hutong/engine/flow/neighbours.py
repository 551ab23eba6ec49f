"""Neighbours: who sees the same, counted once each; and what a reporter says at the end, which may bring the case back."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from hutong.engine.flow.cases import CaseDesk
from hutong.engine.flow.following import Following
from hutong.engine.handle.act import act_automatically
from hutong.engine.handle.procedure import Compiled
from hutong.kernel.base import Label
from hutong.kernel.case import Case, Notice
from hutong.kernel.caseview import all_hold
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.procedure import SAME, Action
from hutong.kernel.errors import Conflict, Refused
from hutong.kernel.ports import Reader
from hutong.kernel.query import both, equals
from hutong.kernel.subscription import Rating, Support

FROM_ONE_PLACE = 5
"""Neighbours counted from one address a day: a household, not a campaign."""
TRIES = 4
PUBLIC = "public"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the reporter says."""

    solved: bool
    satisfaction: int | None = None
    text: str = ""


def support(desk: CaseDesk, case: Case, device: str, from_where: str) -> bool:
    """Counts one neighbour more; False if this device was counted before, or enough of this address today."""
    if case.closed is not None:
        raise Refused("case", "it has ended", "report it anew", zh="该问题已办结，请重新上报")
    with desk.store.reader() as reader:
        known = reader.count(Support, both(equals("case", case.id), equals("device", device)), at_most=1)
        same = both(equals("case", case.id), equals("from_where", from_where))
        if known or reader.count(Support, same, at_most=FROM_ONE_PLACE) >= FROM_ONE_PLACE:
            return False
    row = Support(
        id=desk.store.new_ids(1)[0],
        case=case.id,
        device=device,
        from_where=from_where,
        at=desk.clock.city_time(),
    )
    record = Record(
        kind="case.support", actor=0, at=row.at, subjects=(("case", case.id), ("support", row.id))
    )
    try:
        desk.store.apply(Changes(puts=(row,), records=(record,)))
    except Conflict:
        return False
    return True


def counted(reader: Reader, case: Case) -> int:
    """How many reported it: the reporter, those who see it too, and the cases joined to it."""
    return also(reader, case) + (1 if case.source == PUBLIC else 0)


def also(reader: Reader, case: Case) -> int:
    """The same without the reporter."""
    return reader.count(Support, equals("case", case.id)) + reader.count(Case, equals("joined_to", case.id))


def ratings_of(reader: Reader, case: Case) -> list[Rating]:
    """All that was said about its endings, the latest first."""
    rows = reader.find(Rating, equals("case", case.id), limit=50).rows
    return sorted(rows, key=lambda one: (one.at, one.id), reverse=True)


def rating_of(reader: Reader, case: Case) -> Rating | None:
    """What was said about the present ending."""
    return next((one for one in ratings_of(reader, case) if one.ended == case.closed), None)


def rate(desk: CaseDesk, id: int, said: Said, *, key: str | None = None, digest: str = "") -> Rating:
    """Keeps what was said; 未解决 does what the procedure has for it, or tells those who can reopen the case."""
    for attempt in range(TRIES):
        try:
            return _rated(desk, id, said, key, digest)
        except Conflict:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _rated(desk: CaseDesk, id: int, said: Said, key: str | None, digest: str) -> Rating:
    with desk.store.reader() as reader:
        case = _asked(reader, id)
        rating, record = _kept(desk, case, said)
        following = Following(desk, reader)
        if not said.solved:
            _unsolved(case, following)
        following.records.append(record)
        changes = following.changes((rating,), key=key, digest=digest, response=id)
    desk.store.apply(changes)
    return replace(rating, version=1)


def _asked(reader: Reader, id: int) -> Case:
    """The case, if its ending is there to be rated."""
    case = reader.get(Case, id)
    if case.closed is None:
        raise Refused("case", "it has not ended yet", "answer when it has", zh="办结后才能评价")
    if rating_of(reader, case) is not None:
        raise Refused("rating", "was given already", "one answer for each ending", zh="已评价过")
    return case


def _unsolved(case: Case, following: Following) -> None:
    """What the procedure has the platform do, and all that follows; or a word to those who can reopen the case."""
    desk = following.desk
    compiled = desk.rulebook.procedure(case)
    action = _reopening(case, compiled)
    if action is None:
        following.notices.extend(_asking(case, compiled))
        return
    following.add(act_automatically(case, action.name, desk.clock.city_time(), compiled, following.setting))


def _kept(desk: CaseDesk, case: Case, said: Said) -> tuple[Rating, Record]:
    now = desk.clock.city_time()
    rating = Rating(
        id=desk.store.new_ids(1)[0],
        case=case.id,
        ended=case.closed or now,
        solved=said.solved,
        satisfaction=said.satisfaction,
        text=said.text or None,
        subject=case.subject,
        at=now,
    )
    facts = {"action": "rate", "solved": said.solved, "satisfaction": said.satisfaction}
    about = (("case", case.id), ("rating", rating.id))
    return rating, Record(kind="case.rate", actor=0, at=now, subjects=about, facts=facts)


def _reopening(case: Case, compiled: Compiled) -> Action | None:
    """The platform's own action for 未解决, if the procedure has one for this ending, and its conditions hold."""
    marked = (one for one in compiled.leaving[case.state] if one.does == "reporter_reopens")
    return next((one for one in marked if one.automatic and all_hold(case, one.when)), None)


def _asking(case: Case, compiled: Compiled) -> tuple[Notice, ...]:
    """Those who can reopen it learn that the reporter finds it unsolved."""
    text = Label(
        f"案卷 {case.number} 报案人反映未解决，请研究是否重开",
        f"Case {case.number}: the reporter says it is not solved; consider reopening it",
    )
    leading = [one for one in compiled.leaving[case.state] if one.to != SAME and not one.automatic]
    roles = dict.fromkeys(role for one in leading for role in one.roles)
    return tuple(Notice(case.id, "told", text, role=role) for role in roles)
