"""Posts of the daily work of a centre: they judge warnings, file, dispatch, handle, check and close."""

from __future__ import annotations

from collections.abc import Callable

from hutong.app.posts.crew import Crew, since_of
from hutong.engine.flow.cases import open_cases, warnings_of
from hutong.kernel.access import Actor
from hutong.kernel.base import DAY, HOUR
from hutong.kernel.case import Case, Warning
from hutong.kernel.errors import HutongError
from hutong.kernel.plan import Response
from hutong.kernel.ports import Reader
from hutong.kernel.query import Order, both, equals

HARMLESS_ALONE = frozenset({"drainage.fast_rise"})
RESULTS = "模拟处置：开启水泵强排、清捞雨水箅子，积水已退，路面恢复通行。"
PROCEDURE = "urban.case"


class UrbanPosts:
    """Posts of city management."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.desk = crew.desk
        plans = crew.running.rulebook.plans.values()
        self.taken_up = {
            rule: plan.name for plan in plans for one in plan.triggers if one.takes_up for rule in one.rules
        }
        """Rules whose warnings a response confirms, and the plan it is of."""
        steps: dict[str, Callable[[Case], None]] = {
            "received": lambda case: crew.do(case, "receptionist", "accept", "file"),
            "to_file": lambda case: crew.do(case, "duty_chief", "file"),
            "to_dispatch": self._dispatch,
            "handling": self._handle,
            "to_check": self._check,
            "to_close": lambda case: crew.do(case, "duty_chief", "close"),
            "extension_pending": lambda case: crew.do(case, "dispatcher", "approve_extension"),
            "suspension_pending": self._suspend,
        }
        self.steps = {(PROCEDURE, state): step for state, step in steps.items()}

    def _suspend(self, case: Case) -> None:
        review = {"review": self.desk.clock.city_time() + 3 * DAY}
        self.crew.do(case, "leader", "approve_suspension", answers=dict(review))

    def judge_warnings(self) -> None:
        """Warnings whose time has come are judged; what a response takes up waits for it."""
        actor = self.crew.actor("receptionist")
        now = self.desk.clock.city_time()
        with self.desk.store.reader() as reader:
            waiting = reader.find(Warning, equals("state", "to_judge"), limit=1000).rows
        for warning in sorted(waiting, key=lambda one: (one.raised, one.rule, one.thing)):
            key = f"{warning.rule}/{warning.thing}/{warning.raised}"
            if actor is None or now < warning.seen + self.crew.delay(key, "judge"):
                continue
            with self.desk.store.reader() as reader:
                main = self._taken_up(reader, warning) or self._same_cause(reader, warning)
            if main is not None or warning.rule not in self.taken_up:
                self._judge(warning, main, actor)

    def _judge(self, warning: Warning, main: int | None, actor: Actor) -> None:
        """A rise that nothing else followed was the storm itself, which the station pumped away: a false alarm."""
        judge = self.crew.running.warnings.judge
        try:
            if main is not None:
                judge(warning.id, "joined", "模拟研判：与已确认预警同一原因，并入", actor, joined_to=main)
            elif warning.rule in HARMLESS_ALONE:
                judge(warning.id, "false_alarm", "模拟研判：涨水由降雨引起，泵站运行正常", actor)
            else:
                judge(warning.id, "confirmed", "模拟研判：持续越限，确认", actor)
        except HutongError:
            return

    def _taken_up(self, reader: Reader, warning: Warning) -> int | None:
        """The first warning that the last response of its plan was started on, if one of its kind was."""
        plan = self.taken_up.get(warning.rule)
        if plan is None:
            return None
        newest = (Order(("started",), descending=True),)
        found = reader.find(Response, equals("plan", plan), order=newest, limit=1).rows
        held = reader.find(Warning, equals("case", found[0].case), limit=500).rows if found else ()
        mains = sorted((one for one in held if one.joined_to is None), key=lambda one: (one.raised, one.id))
        return mains[0].id if mains else None

    def _same_cause(self, reader: Reader, warning: Warning) -> int | None:
        """The first warning of an earlier case of the same cause."""
        if not warning.cause:
            return None
        found = reader.find(
            Warning, equals("cause", warning.cause), order=(Order(("raised",)),), limit=500
        ).rows
        mains = [
            one for one in found if one.case is not None and one.joined_to is None and one.id != warning.id
        ]
        return mains[0].id if mains else None

    def _dispatch(self, case: Case) -> None:
        """The first case of a cause is dispatched; what shares its cause is joined to it while it is being handled."""
        with self.desk.store.reader() as reader:
            main = self._main(reader, case)
            found = self.desk.setting(reader).responsible(case)
        if main is not None:
            self.crew.do(case, "receptionist", "join", answers={"main": main.id})
        elif found is not None:
            answers: dict[str, object] = {"organisation": found[0], "note": found[1].basis.zh}
            self.crew.do(case, "dispatcher", "dispatch", answers=answers)

    def _main(self, reader: Reader, case: Case) -> Case | None:
        if not case.cause:
            return None
        same = open_cases(reader, both(equals("cause", case.cause)), limit=200)
        earlier = [
            one
            for one in same
            if one.number < case.number and one.joined_to is None and one.state in ("to_dispatch", "handling")
        ]
        return min(earlier, key=lambda one: one.number, default=None)

    def _handle(self, case: Case) -> None:
        organisation = case.organisation
        if case.holder is None:
            self.crew.do(case, "handler", "take", organisation=organisation)
            return
        arrived = case.facts.get("arrived")
        if arrived is None:
            self.crew.do(case, "handler", "arrive", organisation=organisation)
            return
        with self.desk.store.reader() as reader:
            warnings = warnings_of(reader, case)
        self.crew.photograph(case, "report", 0.3, organisation, "handler")
        sent_back = int(case.facts.get("sent_back") or 0)
        if all(one.cleared is not None for one in warnings):
            since = max([int(arrived), sent_back, *(one.cleared or 0 for one in warnings)])
            if self.crew.ready(case, "feed_back", since):
                files = self.crew.photograph(case, "handle", 0.0, organisation, "handler")
                self.crew.do(
                    case, "handler", "feed_back", answers={"result": RESULTS}, files=files,
                    organisation=organisation, since=since,
                )  # fmt: skip
        else:
            self._ask_for_time(case, organisation)

    def _ask_for_time(self, case: Case, organisation: int | None) -> None:
        """Before the handling clock runs out: an extension once, then 挂账."""
        clock = next((one for one in case.clocks if one.name == "handling"), None)
        now = self.desk.clock.city_time()
        if clock is None or clock.due is None or now < clock.due - HOUR // 2:
            return
        if case.extensions == 0 and now < clock.due:
            answers: dict[str, object] = {"reason": "模拟：上游持续来水，强排未完", "extra": 3}
            self.crew.do(
                case, "handler", "request_extension", "take", answers=answers, organisation=organisation
            )
        else:
            answers = {"reason": "模拟：本夜不具备处置条件，待退水后复核", "review": now + 3 * DAY}
            self.crew.do(
                case, "handler", "request_suspension", "take", answers=answers, organisation=organisation
            )

    def _check(self, case: Case) -> None:
        with self.desk.store.reader() as reader:
            wet = [one for one in warnings_of(reader, case) if one.cleared is None]
        if wet:
            self.crew.do(
                case, "collector", "check_fail", "check_pass", answers={"reason": "模拟核查：水位再次越限"}
            )
            return
        if self.crew.ready(case, "check_pass", since_of(case)):
            files = self.crew.photograph(case, "check", 0.0, None, "collector")
            self.crew.do(case, "collector", "check_pass", files=files)
