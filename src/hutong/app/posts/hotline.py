"""Posts of the hotline: what was joined is answered caller by caller when the main case ends, called back and archived."""

from __future__ import annotations

from collections.abc import Callable

import shapely

from hutong.app.posts.crew import Crew, since_of
from hutong.app.posts.sayings import ANSWERS
from hutong.engine.causes import causes
from hutong.engine.duplicates import Reach, Report
from hutong.kernel.case import Case
from hutong.kernel.seeded import rng

PROCEDURE = "hotline.order"
RESULT = "模拟处置：已到场排水，积水已退。"


class HotlinePosts:
    """Seats, dispatchers, the chief and call-back officers."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        steps: dict[str, Callable[[Case], None]] = {
            "received": self._receive,
            "to_dispatch": self._dispatch,
            "to_sign": lambda case: self._unit(case, "sign", "take"),
            "to_contact": self._contact,
            "handling": self._reply,
            "to_audit": lambda case: crew.do(case, "hotline_chief", "audit_pass", "close"),
            "to_answer": self._answer,
            "to_visit": self._visit,
            "to_archive": lambda case: crew.do(case, "hotline_chief", "archive"),
        }
        self.steps = {(PROCEDURE, state): step for state, step in steps.items()}

    def _draw(self, case: Case, what: str) -> float:
        return float(rng(self.crew.seed, "hotline", what, case.number).random())

    def _receive(self, case: Case) -> None:
        """The seat joins an order to the main case that the platform offers first, or passes it on."""
        head = self.crew.running.city.head
        point = shapely.from_wkb(case.position) if case.position else None
        where = (point.x, point.y) if point is not None else None
        report = Report(at=self.crew.now, category=case.category, position=where, text=case.text)
        with self.crew.desk.store.reader() as reader:
            offered = causes(reader, report, Reach(head.cause_metres, head.duplicate_hours))
        if offered:
            self.crew.do(case, "seat", "join", answers={"main": offered[0].case.id})
        else:
            self.crew.do(case, "seat", "accept", "join")

    def _answer(self, case: Case) -> None:
        answer = ANSWERS[int(self._draw(case, "answer") * len(ANSWERS))]
        self.crew.do(case, "seat", "answer_joined", answers={"answer": answer})

    def _visit(self, case: Case) -> None:
        satisfaction = "satisfied" if self._draw(case, "visit") < 0.8 else "basic"
        answers: dict[str, object] = {"contacted": True, "satisfaction": satisfaction}
        self.crew.do(case, "visitor", "visit_good", answers=answers)

    def _dispatch(self, case: Case) -> None:
        with self.crew.desk.store.reader() as reader:
            found = self.crew.desk.setting(reader).responsible(case)
        if found is not None:
            answers: dict[str, object] = {"organisation": found[0], "note": found[1].basis.zh}
            self.crew.do(case, "order_dispatcher", "dispatch", answers=answers)

    def _unit(self, case: Case, action: str, pace: str, answers: dict[str, object] | None = None) -> None:
        self.crew.do(case, "order_handler", action, pace, answers=answers, organisation=case.organisation)

    def _contact(self, case: Case) -> None:
        self._unit(case, "contact", "arrive", {"contacted": "reached"})

    def _reply(self, case: Case) -> None:
        if self.crew.ready(case, "feed_back", since_of(case)):
            self._unit(
                case, "reply", "feed_back", {"result": RESULT, "answer": ANSWERS[0], "solved": "solved"}
            )
