"""Posts of a response: the commander decides on proposals, people confirm that they have heard, crews do their tasks.

One person never hears the first call of a response, so that the next one is called: that is what 叫应 is for.
"""

from __future__ import annotations

from collections.abc import Callable

from hutong.app.posts.crew import Crew, since_of
from hutong.engine.flow.responding import ChangeLevel, EndResponse, StartResponse
from hutong.engine.respond.trigger import watched
from hutong.kernel.access import Actor
from hutong.kernel.base import MINUTE, Instant
from hutong.kernel.case import Case, Warning
from hutong.kernel.definition.plan import Level, PlanDefinition
from hutong.kernel.errors import HutongError
from hutong.kernel.plan import Calling, EventGrade, Proposal, Response
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, In, IsNull, Or, Value, both, equals, field

TASK = "emergency.task"
MAIN = "emergency.response"
QUIET = 20 * MINUTE
"""How long no warning that the plan watches must have stood before the commander ends the response."""
GRADE_OF: dict[int, EventGrade] = {1: 2, 2: 3, 3: 4, 4: 4}
"""What this commander thinks of the event; a decision of his own beside the level."""
DONE = "模拟执行：人员和设备已到位，任务完成。"


class CommandPosts:
    """The commander, people on duty, and crews."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.desk = crew.running.responses
        steps: dict[tuple[str, str], Callable[[Case], None]] = {
            (TASK, "given"): lambda case: crew.do(case, "responder", "take", organisation=case.organisation),
            (TASK, "working"): self._work,
            (TASK, "reported"): lambda case: crew.do(case, "commander", "accept_result"),
            (MAIN, "running"): self._report,
        }
        self.steps = steps

    def decide(self) -> None:
        """Proposals, callings and the end of responses whose time has come."""
        with self.crew.desk.store.reader() as reader:
            proposals = reader.find(Proposal, equals("state", "open"), limit=50).rows
            running = {one.plan: one for one in reader.find(Response, IsNull(field("ended")), limit=50).rows}
            callings = reader.find(Calling, equals("state", "waiting"), limit=200).rows
        for proposal in sorted(proposals, key=lambda one: one.id):
            self._decide(proposal, running.get(proposal.plan))
        self._confirm(sorted(callings, key=lambda one: one.id))
        for response in sorted(running.values(), key=lambda one: one.id):
            self._end(response)

    def _level(self, plan: PlanDefinition, number: int) -> tuple[Level, Actor | None]:
        level = self.desk.level(plan, number)
        found = [self.crew.actor(role) for role in level.commanders]
        return level, next((one for one in found if one is not None), None)

    def _decide(self, proposal: Proposal, running: Response | None) -> None:
        """The commander follows the proposal; the grade of the event is his own judgement of the same night."""
        plan = self.desk.plan(proposal.plan)
        level, actor = self._level(plan, proposal.level)
        if actor is None or self.crew.now < proposal.at + self.crew.delay(
            f"{proposal.plan}/{level.level}", "start"
        ):
            return
        grade = GRADE_OF[level.level]
        reason = "模拟指挥长：" + "；".join(one.zh for one in proposal.reasons)
        try:
            if running is None:
                wanted = StartResponse(
                    plan=plan.name, level=level.level, event_grade=grade, colour=proposal.colour,
                    reason=reason, accept_shortage=True,
                )  # fmt: skip
                self.desk.start(wanted, actor)
            elif level.level < running.level:
                change = ChangeLevel(
                    response=running.id, level=level.level, event_grade=grade, colour=proposal.colour,
                    reason=reason, accept_shortage=True,
                )  # fmt: skip
                self.desk.change(change, actor)
        except HutongError:
            return

    def _confirm(self, callings: list[Calling]) -> None:
        accounts = {actor.account: actor for actor in self.crew.actors}
        for calling in callings:
            actor = accounts.get(calling.account)
            if actor is None or self._missed(calling):
                continue
            key = f"{calling.post}/{calling.step}/{calling.called}"
            if self.crew.now >= calling.called + self.crew.delay(key, "confirm"):
                try:
                    self.desk.confirm(calling.id, actor, "console")
                except HutongError:
                    continue

    def _missed(self, calling: Calling) -> bool:
        """The first person of the first post that a response calls is on the road and does not hear it."""
        if calling.response is None or calling.step > 0:
            return False
        with self.crew.desk.store.reader() as reader:
            same = reader.find(Calling, equals("response", calling.response), limit=200).rows
        return calling.id == min(one.id for one in same)

    def _work(self, case: Case) -> None:
        organisation, pace = case.organisation, "report_done"
        if not self.crew.ready(case, pace, since_of(case)):
            return
        answers: dict[str, object] = {"result": DONE}
        if case.facts.get("proof") == "photos":
            files = self.crew.photograph(case, "handle", 0.05, organisation, "responder")
            self.crew.do(
                case, "responder", "report_done_with_photos", pace, answers=answers, files=files,
                organisation=organisation,
            )  # fmt: skip
        else:
            self.crew.do(case, "responder", "report_done", pace, answers=answers, organisation=organisation)

    def _report(self, case: Case) -> None:
        """续报 a quarter of an hour before it is due."""
        clock = next((one for one in case.clocks if one.name == "reporting"), None)
        if clock is None or clock.due is None or self.crew.now < clock.due - 15 * MINUTE:
            return
        answers: dict[str, object] = {"situation": "模拟续报：抢险队伍在位，积水点逐步退水。"}
        self.crew.do(case, "commander", "report", answers=answers, since=0)

    def _end(self, response: Response) -> None:
        """No watched warning stands any more, and every task has ended."""
        plan = self.desk.plan(response.plan)
        _, actor = self._level(plan, response.level)
        with self.crew.desk.store.reader() as reader:
            open_tasks = reader.find(
                Case, both(equals("parent", response.case), IsNull(field("closed"))), limit=1
            ).rows
            quiet = None if open_tasks else self._quiet_since(reader, plan)
        since = max(quiet or 0, response.changes[-1].at)
        if actor is None or quiet is None or self.crew.now < since + QUIET:
            return
        try:
            wanted = EndResponse(response=response.id, reason="模拟指挥长：雨停退水，各任务已完成")
            self.desk.end(wanted, actor)
        except HutongError:
            return

    def _quiet_since(self, reader: Reader, plan: PlanDefinition) -> Instant | None:
        """When the last watched warning cleared; None while one stands."""
        rules = tuple(sorted(watched(plan)))
        recent = Compare("gt", field("cleared"), Value(self.crew.now - 4 * QUIET))
        found = reader.find(
            Warning, both(In(field("rule"), rules), Or((IsNull(field("cleared")), recent))), limit=1000
        ).rows
        if any(one.cleared is None for one in found):
            return None
        return max((one.cleared or 0 for one in found), default=0)
