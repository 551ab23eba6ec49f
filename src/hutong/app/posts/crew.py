"""Who the simulated posts are, and what all of them do alike: wait their time, act, take pictures."""

from __future__ import annotations

import shapely

from hutong.app.city import RunningCity
from hutong.app.pictures import street
from hutong.engine.flow.cases import Act, files_of
from hutong.kernel.access import Actor
from hutong.kernel.base import MINUTE, Instant, Provenance
from hutong.kernel.case import Case, FileStage
from hutong.kernel.case import File as CaseFile
from hutong.kernel.clock import moment
from hutong.kernel.errors import Refused
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
    "report_done": (18, 40),
    "accept_result": (3, 8),
    "start": (4, 8),
    "confirm": (1, 4),
    "end": (20, 30),
    "answer_joined": (3, 40),
    "visit_good": (10, 60),
    "archive": (5, 30),
}
"""Minutes (least, most) between something coming to a post and the post acting."""
MADE = Provenance("simulated", "simulated posts of the demo (hutong.app.posts)")


class Crew:
    """The simulated accounts of a city, with the roles they hold now (a 平战 mode gives some more)."""

    def __init__(self, running: RunningCity) -> None:
        self.running = running
        self.desk = running.desk
        self.seed = running.city.head.seed
        self.actors: list[Actor] = []
        self.read()

    @property
    def now(self) -> Instant:
        return self.desk.clock.city_time()

    def read(self) -> None:
        """Who holds what at this minute."""
        directory, now = self.running.directory(), self.now
        accounts = sorted(directory.accounts.values(), key=lambda one: one.id)
        self.actors = [
            directory.actor(one.id, now) for one in accounts if one.simulated and one.disabled is None
        ]

    def actor(self, role: str, organisation: int | None = None) -> Actor | None:
        """The first who holds the role, of a unit if one is given."""
        for actor in self.actors:
            if role in actor.roles and organisation in (None, actor.organisation):
                return actor
        return None

    def delay(self, key: str, action: str) -> int:
        """µs a post takes for something, always the same for the same key."""
        least, most = DELAYS.get(action, (3, 8))
        return round((least + (most - least) * float(rng(self.seed, "post", key, action).random())) * MINUTE)

    def ready(self, case: Case, action: str, since: Instant) -> bool:
        return self.now >= since + self.delay(f"{case.number}/{case.rounds}", action)

    def do(
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
        actor = self.actor(role, organisation)
        if actor is None or not self.ready(case, pace or action, since_of(case) if since is None else since):
            return
        try:
            self.desk.act(Act(case=case.id, action=action, answers=answers or {}, files=files), actor)
        except Refused:
            return

    def photograph(
        self, case: Case, stage: FileStage, depth: float, organisation: int | None, role: str
    ) -> tuple[int, ...]:
        """Near and far pictures of a stage and round, taken once; the ids."""
        with self.desk.store.reader() as reader:
            held = files_of(reader, case.id)
        actor = self.actor(role, organisation)
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
        now = self.now
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


def since_of(case: Case) -> Instant:
    """When it came to whose turn it is."""
    return case.deeds[-1].at if case.deeds else case.opened
