"""What a level brings, gathered for one commit: calls, tasks, resources, the mode. Nothing is stored here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from hutong.engine.flow.following import Following
from hutong.engine.flow.responding.modes import entered, left
from hutong.engine.flow.responding.roster import chain_of, unit_of
from hutong.engine.handle.children import Child
from hutong.engine.handle.open import open_child
from hutong.engine.respond.calls import Addressed, called, dropped
from hutong.engine.respond.stock import Supply, give_back, supplies
from hutong.engine.rulebook import TASK_CASE, task_condition
from hutong.kernel.access import Actor
from hutong.kernel.base import Entity, Instant, Label
from hutong.kernel.case import Case, Notice
from hutong.kernel.definition.plan import Level, PlanDefinition, TaskDefinition
from hutong.kernel.errors import Refused
from hutong.kernel.plan import Calling, Mode, Reservation, Resource, Response
from hutong.kernel.ports import Reader
from hutong.kernel.query import IsNull, both, equals, field

if TYPE_CHECKING:
    from hutong.engine.flow.cases import CaseDesk

AT_MOST = 2000


class Gathering:
    """Collects rows, cases, notices and records of one decision about a response."""

    def __init__(self, desk: CaseDesk, reader: Reader, actor: Actor, now: Instant) -> None:
        self.desk = desk
        self.reader = reader
        self.actor = actor
        self.now = now
        self.following = Following(desk, reader, actor)
        self.rows: dict[tuple[type[Entity], int], Entity] = {}
        self.mode_changed = False

    def put(self, *rows: Entity) -> None:
        """Rows of the commit; a later state of one takes the place of an earlier."""
        for row in rows:
            self.rows[type(row), row.id] = row

    @property
    def named(self) -> tuple[tuple[str, int], ...]:
        """The rows as the record names them."""
        return tuple((kind.__name__.lower(), id) for kind, id in self.rows)

    def call(self, plan: PlanDefinition, level: Level, response: Response) -> list[str]:
        """叫应 of the level, the first of each post; returns posts nobody is on."""
        directory, duty = self.desk.directory(), self.desk.rulebook.city.duty
        empty = []
        about = Addressed(plan=plan.name, response=response.id, warnings=response.warnings)
        for call in level.calls:
            people = chain_of(directory, duty, call, self.now)
            if not people:
                empty.append(call.post)
                continue
            id = self.desk.store.new_ids(1)[0]
            self.put(called(id, call, about, people[0], 0, self.now))
            self.following.notices.append(call_notice(response.case, plan, level, people[0], call.minutes))
        return empty

    def drop_calls(self, response: int) -> None:
        """Whoever has not confirmed need not any more."""
        waiting = both(equals("response", response), equals("state", "waiting"))
        for one in self.reader.find(Calling, waiting, limit=AT_MOST).rows:
            self.put(dropped(one))

    def tasks(self, plan: PlanDefinition, level: Level, main: Case) -> None:
        """Tasks of the level that the response does not have yet, as child cases of the main case."""
        known = {
            str(one.facts.get("task"))
            for one in self.reader.find(Case, equals("parent", main.id), limit=AT_MOST).rows
        }
        for task in level.tasks:
            if task.name not in known:
                self._task(plan, level, task, main)

    def _task(self, plan: PlanDefinition, level: Level, task: TaskDefinition, main: Case) -> None:
        compiled = self.desk.rulebook.procedure_for(TASK_CASE)
        child = Child(
            procedure=compiled.name,
            title=task.label,
            text=task.text.zh if task.text else "",
            organisation=self.unit(level, task, main),
            facts={
                "task": task.name,
                "plan": plan.name,
                "proof": task.proof,
                "condition": task_condition(plan.name, level.level, task.name),
            },
        )
        parent = replace(main, category=TASK_CASE)
        id, setting = self.desk.store.new_ids(1)[0], self.following.setting
        self.following.add_opened(open_child(child, id, parent, self.actor, self.now, compiled, setting))

    def unit(self, level: Level, task: TaskDefinition, main: Case | None = None) -> int | None:
        """The unit a task goes to: by the 权责清单, or of the post's first person."""
        if task.responsible is None:
            return unit_of(self.desk.directory(), self.desk.rulebook.city.duty, level, task, self.now)
        sample = replace(main or _SAMPLE, category=task.responsible)
        found = self.following.setting.responsible(sample)
        return None if found is None else found[0]

    def supplies(self, level: Level, response: int | None) -> tuple[Supply, ...]:
        """What the level needs against what there is, and what would be set aside."""
        held: dict[str, float] = {}
        for one in self.reservations(response) if response is not None else ():
            held[one.kind] = held.get(one.kind, 0.0) + one.amount
        return supplies(level.needs, self.reader.find(Resource, limit=AT_MOST).rows, held)

    def reserve(self, level: Level, response: int, accept_shortage: bool) -> tuple[Supply, ...]:
        """Sets the level's resources aside. Refused with what is missing, unless that is accepted."""
        found = self.supplies(level, response)
        short = [one for one in found if one.short > 0]
        if short and not accept_shortage:
            chinese = "、".join(f"{one.label.zh}缺 {one.short:g} {one.unit}" for one in short)
            english = ", ".join(f"{one.short:g} {one.label.text('en')}" for one in short)
            raise Refused(
                "resources",
                f"missing: {english}",
                "start with what there is (accept the shortage), or find more first",
                kind="shortage",
                zh=f"{chinese}；可确认按现有资源启动，或先调集",
                short={one.kind: one.short for one in short},
            )
        for supply in found:
            for taking in supply.takings:
                self.put(taking.resource)
                self.put(
                    Reservation(
                        id=self.desk.store.new_ids(1)[0],
                        resource=taking.resource.id,
                        response=response,
                        kind=taking.kind,
                        amount=taking.amount,
                        since=self.now,
                    )
                )
        return found

    def release(self, response: int, keep: dict[str, float] | None = None) -> None:
        """Gives back what is beyond `keep` (kind → amount; None: everything)."""
        left = dict(keep or {})
        for one in self.reservations(response):
            kept = min(one.amount, left.get(one.kind, 0.0))
            left[one.kind] = left.get(one.kind, 0.0) - kept
            if kept < one.amount:
                self.give_back(one, one.amount - kept)

    def give_back(self, one: Reservation, amount: float) -> None:
        """So much of a reservation is free again; what stays is a reservation of its own size."""
        known = self.rows.get((Resource, one.resource))
        resource = known if isinstance(known, Resource) else self.reader.get(Resource, one.resource)
        self.put(give_back(resource, amount))
        if amount < one.amount:
            self.put(replace(one, amount=one.amount - amount))
        else:
            self.put(replace(one, until=self.now, released_by=self.actor.account))

    def reservations(self, response: int) -> tuple[Reservation, ...]:
        """What a response has set aside now."""
        standing = both(equals("response", response), IsNull(field("until")))
        return self.reader.find(Reservation, standing, limit=AT_MOST).rows

    def enter_mode(self, name: str, response: int) -> None:
        """The response needs the mode."""
        if name:
            self.put(*entered(self.desk, self.reader, name, response, self.now))
            self.mode_changed = True

    def leave_mode(self, name: str, response: int) -> None:
        """The response no longer needs the mode; the last one switches it off."""
        if name:
            coming = [one for one in self.rows.values() if isinstance(one, Mode)]
            self.put(*left(self.desk, self.reader, name, response, self.now, coming))
            self.mode_changed = True


def call_notice(case: int | None, plan: PlanDefinition, level: Level, account: int, minutes: float) -> Notice:
    """What somebody who is called reads."""
    text = Label(
        f"【叫应】{plan.label.zh}已启动{level.label.zh}，请在 {minutes:g} 分钟内确认收到",
        f"{plan.label.text('en')}: {level.label.text('en')} has been started; confirm within {minutes:g} minutes",
    )
    return Notice(case, "call", text, account=account, channels=("sms",))


_SAMPLE = Case(
    id=0, number="", procedure="", definition="", state="", category=TASK_CASE, title=Label(""), source="",
    opened=0,
)  # fmt: skip
