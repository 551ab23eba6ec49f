"""Simulated posts (模拟岗位): they act on cases and warnings of the demo night unless a person takes the case.

Everything they do goes through the same desks and the same rules as a person's deed, and is marked as simulated. What they
do and when follows from the city's seed, the case's number and city time alone, so a night that was broken off goes on as
if it had not been.
"""

from __future__ import annotations

from collections.abc import Callable

import shapely

from hutong.app.city import RunningCity
from hutong.app.pictures import street
from hutong.engine.flow.cases import Act, files_of, open_cases, warnings_of
from hutong.kernel.access import Actor
from hutong.kernel.base import DAY, HOUR, MINUTE, Instant, Provenance
from hutong.kernel.case import Case, FileStage, Warning
from hutong.kernel.case import File as CaseFile
from hutong.kernel.clock import moment
from hutong.kernel.errors import HutongError, Refused
from hutong.kernel.ports import Reader
from hutong.kernel.query import EVERYTHING, Order, both, equals
from hutong.kernel.seeded import rng

DELAYS: dict[str, tuple[float, float]] = {
    "judge": (4, 9),
    "file": (2, 5),
    "join": (2, 4),
    "dispatch": (3, 7),
    "take": (2, 6),
    "arrive": (10, 28),
    "feed_back": (8, 20),
    "check_pass": (10, 25),
    "close": (3, 9),
    "approve_extension": (4, 10),
    "approve_suspension": (5, 15),
}
"""Minutes (least, most) between a case coming to a post and the post acting."""
MADE = Provenance("simulated", "simulated posts of the demo (hutong.app.posts)")
HARMLESS_ALONE = frozenset({"drainage.fast_rise"})
RESULTS = "模拟处置：开启水泵强排、清捞雨水箅子，积水已退，路面恢复通行。"


class Posts:
    """The simulated posts of a city."""

    def __init__(self, running: RunningCity) -> None:
        self.running = running
        self.desk = running.desk
        self.seed = running.city.head.seed
        directory = running.directory()
        now = running.clock.city_time()
        self.actors = [
            directory.actor(account.id, now)
            for account in sorted(directory.accounts.values(), key=lambda one: one.id)
            if account.simulated
        ]
        self.steps: dict[str, Callable[[Case], None]] = {
            "received": lambda case: self._do(case, "receptionist", "accept", "file"),
            "to_file": lambda case: self._do(case, "duty_chief", "file"),
            "to_dispatch": self._dispatch,
            "handling": self._handle,
            "to_check": self._check,
            "to_close": lambda case: self._do(case, "duty_chief", "close"),
            "extension_pending": lambda case: self._do(case, "dispatcher", "approve_extension"),
            "suspension_pending": lambda case: self._do(case, "leader", "approve_suspension"),
        }

    def act(self) -> None:
        """Everything the posts would have done by now, in a fixed order."""
        self._judge_warnings()
        with self.desk.store.reader() as reader:
            cases = open_cases(reader, EVERYTHING, limit=1000)
        for case in sorted(cases, key=lambda one: one.number):
            step = self.steps.get(case.state)
            if step is not None and "taken_over" not in case.facts:
                step(case)

    def _actor(self, role: str, organisation: int | None = None) -> Actor | None:
        for actor in self.actors:
            if role in actor.roles and organisation in (None, actor.organisation):
                return actor
        return None

    def _delay(self, key: str, action: str) -> int:
        least, most = DELAYS.get(action, (3, 8))
        return round((least + (most - least) * float(rng(self.seed, "post", key, action).random())) * MINUTE)

    def _ready(self, case: Case, action: str, since: Instant) -> bool:
        return self.desk.clock.city_time() >= since + self._delay(f"{case.number}/{case.rounds}", action)

    def _do(
        self,
        case: Case,
        role: str,
        action: str,
        pace: str = "",
        *,
        answers: dict[str, object] | None = None,
        files: tuple[int, ...] = (),
        organisation: int | None = None,
        since: Instant | None = None,
    ) -> None:
        """One action, if its time has come. A refusal is the procedure's word: the post leaves it at that."""
        actor = self._actor(role, organisation)
        if actor is None or not self._ready(case, pace or action, since or _since(case)):
            return
        try:
            self.desk.act(
                Act(case=case.id, action=action, answers=answers or self._answers(case, action), files=files),
                actor,
            )
        except Refused:
            return

    def _answers(self, case: Case, action: str) -> dict[str, object]:
        if action == "approve_suspension":
            return {"review": self.desk.clock.city_time() + 3 * DAY}
        return {}

    def _judge_warnings(self) -> None:
        actor = self._actor("receptionist")
        now = self.desk.clock.city_time()
        with self.desk.store.reader() as reader:
            waiting = reader.find(Warning, equals("state", "to_judge"), limit=1000).rows
        for warning in sorted(waiting, key=lambda one: (one.raised, one.rule, one.thing)):
            key = f"{warning.rule}/{warning.thing}/{warning.raised}"
            if actor is None or now < warning.seen + self._delay(key, "judge"):
                continue
            with self.desk.store.reader() as reader:
                main = self._same_cause(reader, warning)
            self._judge(warning, main, actor)

    def _judge(self, warning: Warning, main: int | None, actor: Actor) -> None:
        """A rise that nothing else followed was the storm itself, which the station pumped away: a false alarm."""
        judge = self.running.warnings.judge
        try:
            if main is not None:
                judge(
                    warning.id, "joined", "模拟研判：与已立案件同一排水分区、同一原因", actor, joined_to=main
                )
            elif warning.rule in HARMLESS_ALONE:
                judge(warning.id, "false_alarm", "模拟研判：涨水由降雨引起，泵站运行正常", actor)
            else:
                judge(warning.id, "confirmed", "模拟研判：持续越限，确认", actor)
        except HutongError:
            return

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
            self._do(case, "receptionist", "join", answers={"main": main.id})
        elif found is not None:
            answers: dict[str, object] = {"organisation": found[0], "note": found[1].basis.zh}
            self._do(case, "dispatcher", "dispatch", answers=answers)

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
            self._do(case, "handler", "take", organisation=organisation)
            return
        arrived = case.facts.get("arrived")
        if arrived is None:
            self._do(case, "handler", "arrive", organisation=organisation)
            return
        with self.desk.store.reader() as reader:
            warnings = warnings_of(reader, case)
        self._photograph(case, "report", 0.3, organisation)
        sent_back = int(case.facts.get("sent_back") or 0)
        if all(one.cleared is not None for one in warnings):
            since = max([int(arrived), sent_back, *(one.cleared or 0 for one in warnings)])
            if self._ready(case, "feed_back", since):
                files = self._photograph(case, "handle", 0.0, organisation)
                self._do(
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
            self._do(case, "handler", "request_extension", "take", answers=answers, organisation=organisation)
        else:
            answers = {"reason": "模拟：本夜不具备处置条件，待退水后复核", "review": now + 3 * DAY}
            self._do(
                case, "handler", "request_suspension", "take", answers=answers, organisation=organisation
            )

    def _check(self, case: Case) -> None:
        with self.desk.store.reader() as reader:
            wet = [one for one in warnings_of(reader, case) if one.cleared is None]
        if wet:
            self._do(
                case, "collector", "check_fail", "check_pass", answers={"reason": "模拟核查：水位再次越限"}
            )
            return
        if self._ready(case, "check_pass", _since(case)):
            files = self._photograph(case, "check", 0.0, None, "collector")
            self._do(case, "collector", "check_pass", files=files)

    def _photograph(
        self, case: Case, stage: FileStage, depth: float, organisation: int | None, role: str = "handler"
    ) -> tuple[int, ...]:
        """Near and far pictures of a stage and round, taken once; the ids."""
        with self.desk.store.reader() as reader:
            held = files_of(reader, case.id)
        actor = self._actor(role, organisation)
        if actor is None:
            return ()
        round_name = f"{stage}-{case.rounds if stage != 'report' else 0}"
        found = []
        for angle in ("near", "far"):
            name = f"{round_name}-{angle}.jpg"
            known = next((one for one in held if one.name == name), None)
            found.append(known.id if known else self._shoot(case, name, stage, angle, depth, held, actor))
        return tuple(found)

    def _shoot(
        self,
        case: Case,
        name: str,
        stage: FileStage,
        angle: str,
        depth: float,
        held: tuple[CaseFile, ...],
        actor: Actor,
    ) -> int:
        now = self.desk.clock.city_time()
        before = next((one.id for one in held if one.stage == "report" and one.role == angle), None)
        when = moment(now, self.running.rulebook.zone).strftime("%Y-%m-%d %H:%M")
        content = street(
            self.seed,
            str(case.thing),
            near=angle == "near",
            depth=depth,
            caption=f"{case.number}  {stage} {angle}  {when}",
        )
        file = CaseFile(
            id=self.desk.store.new_ids(1)[0],
            case=case.id,
            stage=stage,
            role=angle,
            same_angle_as=before if stage != "report" else None,
            name=name,
            media_type="image/jpeg",
            size=len(content),
            digest="",
            taken=now,
            position=case.position or shapely.to_wkb(shapely.Point(0, 0)),
            provenance=MADE,
        )
        return self.desk.attach(file, content, actor).id


def _since(case: Case) -> Instant:
    return case.deeds[-1].at if case.deeds else case.opened
