"""Plays what a scenario gives: rows in event time, a tick at every instant, and what people do."""

from __future__ import annotations

from typing import Any

from hutong.app.scenarios.town import MADE, Town
from hutong.engine.directory import everything
from hutong.engine.flow.cases import Act, files_of
from hutong.engine.handle.open import OpenCase
from hutong.kernel.access import Actor
from hutong.kernel.base import MINUTE, Instant, Label
from hutong.kernel.case import Case, Category, FileStage, Warning
from hutong.kernel.case import File as CaseFile
from hutong.kernel.definition.procedure import Action
from hutong.kernel.definition.scenario import GivenCase, Scenario, Step
from hutong.kernel.errors import HutongError, Invalid, NotFound
from hutong.kernel.observation import batch
from hutong.kernel.spans import span

PHOTO = b"\xff\xd8\xff\xe0 a photo of a scenario \xff\xd9"


class Play:
    """One run of a scenario. `differences` says what the steps met that they did not expect."""

    def __init__(self, town: Town, scenario: Scenario) -> None:
        self.town = town
        self.scenario = scenario
        self.given_case: int | None = None
        self.differences: list[str] = []

    def run(self) -> None:
        """Everything, in order of city time; within an instant rows come first, then clocks, then people."""
        rows = self._rows()
        steps = sorted(
            (
                (self.town.times.read(step.at), index)
                for index, step in enumerate(self.scenario.given.actions)
            ),
        )
        instants = sorted({self.town.times.start, *rows, *(at for at, _ in steps)})
        for at in (*instants, *self._afterwards(instants[-1])):
            self._reach(at, rows.get(at, []))
            if at == self.town.times.start and self.scenario.given.case is not None:
                self.given_case = self._report(self.scenario.given.case)
            for when, index in steps:
                if when == at:
                    self._step(index, self.scenario.given.actions[index])

    def _afterwards(self, last: Instant) -> list[Instant]:
        until = self.scenario.given.until
        end = self.town.times.read(until) if until else last
        return [*range(last + MINUTE, end + 1, MINUTE)]

    def _rows(self) -> dict[Instant, list[tuple[int, float]]]:
        """Instant → (stream, value)."""
        found: dict[Instant, list[tuple[int, float]]] = {}
        for given in self.scenario.given.observations:
            start = self.town.times.read(given.start) if given.start else self.town.times.start
            stream = self.town.streams[self.town.thing(given.thing), given.property]
            step = span(given.every, "given.observations.every")
            for index, value in enumerate(given.values):
                if value is not None:
                    found.setdefault(start + index * step, []).append((stream, value))
        return found

    def _reach(self, at: Instant, rows: list[tuple[int, float]]) -> None:
        self.town.clock.move_to(at)
        if rows:
            streams, values = zip(*rows, strict=True)
            outcome = self.town.intake.submit(batch("scenario", streams, [at] * len(rows), values)).result()
            for refusal in outcome.refused:
                when = self.town.times.write(at)
                self.differences.append(f"row of {when}: refused: {refusal.field}: {refusal.reason}")
        self.town.intake.tick().result()
        self.town.deadlines.tick()

    def _report(self, given: GivenCase) -> int:
        kind, _, code = given.category.partition(":")
        thing = self.town.thing(given.thing) if given.thing else None
        actor = self.town.actor(given.by)
        case = self.town.desk.open(
            OpenCase(
                id=self.town.store.new_ids(1)[0],
                category=Category(kind, code),  # type: ignore[arg-type]
                title=Label(self.scenario.label.zh, self.scenario.label.en),
                source=given.source,
                place=next(iter(self.town.directory.place_codes.values())),
                thing=thing,
                condition=given.condition,
                provenance=MADE,
            ),
            actor,
        )
        for role in given.photos:
            self._photograph(case, role, "report", actor)
        return case.id

    def _photograph(self, case: Case, role: str, stage: FileStage, actor: Actor) -> int:
        """A new photo, at the angle of the first one of its role."""
        with self.town.store.reader() as reader:
            held = files_of(reader, case.id)
        first = next((one.id for one in sorted(held, key=lambda one: one.id) if one.role == role), None)
        file = CaseFile(
            id=self.town.store.new_ids(1)[0],
            case=case.id,
            stage=stage,
            role=role,
            same_angle_as=first,
            name=f"{stage}-{role}.jpg",
            media_type="image/jpeg",
            size=len(PHOTO),
            digest="",
            taken=self.town.clock.city_time(),
            provenance=MADE,
        )
        return self.town.desk.attach(file, PHOTO, actor).id

    def _step(self, index: int, step: Step) -> None:
        where = f"actions[{index}] ({step.at} {step.by}: {step.action or step.judge})"
        try:
            actor = self.town.actor(step.by)
            after = self._judge(step, actor) if step.judge else self._act(step, actor)
        except HutongError as error:
            self._refused(where, step, error)
            return
        if step.refused:
            self.differences.append(f"{where}: expected to be refused ({step.refused}), but it was done")
        if step.state and (after is None or after.state != step.state):
            found = after.state if after else "no case"
            self.differences.append(f"{where}: expected state {step.state}, found {found}")

    def _refused(self, where: str, step: Step, error: HutongError) -> None:
        kind = str(error.facts.get("kind", error.code))
        if not step.refused:
            self.differences.append(f"{where}: expected to be done, but refused ({kind}): {error}")
        elif step.refused != kind:
            self.differences.append(f"{where}: expected refusal {step.refused}, met {kind}: {error}")

    def _judge(self, step: Step, actor: Actor) -> Case | None:
        with self.town.store.reader() as reader:
            waiting = [
                one
                for one in everything(reader, Warning)
                if one.state == "to_judge"
                and step.rule in (None, one.rule)
                and step.thing in (None, self.town.codes.get(one.thing))
            ]
        if len(waiting) != 1:
            found = ", ".join(f"{one.rule} on {self.town.codes.get(one.thing)}" for one in waiting) or "none"
            raise Invalid(
                "judge", f"one warning must be meant, here {found}", "name it by `rule` and `thing`"
            )
        assert step.judge is not None
        return self.town.warnings.judge(waiting[0].id, step.judge, step.reason, actor).case

    def _act(self, step: Step, actor: Actor) -> Case:
        if step.action is None:
            raise Invalid("action", "the step does nothing", "give `action` or `judge`")
        case = self.case_of(step.thing)
        if step.part is not None:
            case = self._part(case, step.part)
        procedure = self.town.rulebook.procedure(case).procedure
        action = next((one for one in procedure.actions if one.name == step.action), None)
        if action is None:
            names = ", ".join(one.name for one in procedure.actions)
            raise NotFound("action", f"{procedure.name} has no action {step.action!r}", f"it has {names}")
        stage: FileStage = action.proof.stage if action.proof else "other"
        files = tuple(self._photograph(case, role, stage, actor) for role in step.photos)
        answers = self._answers(action, step.answers)
        return self.town.desk.act(Act(case=case.id, action=action.name, answers=answers, files=files), actor)

    def _answers(self, action: Action, answers: dict[str, Any]) -> dict[str, Any]:
        """Codes become ids where the action asks for an organisation, a person or another case."""
        kinds = {ask.name: ask.kind for ask in action.asks}
        found = dict(answers)
        for name, value in answers.items():
            if kinds.get(name) == "organisation" and isinstance(value, str):
                found[name] = self.town.directory.organisation(value)
            elif kinds.get(name) == "organisations" and isinstance(value, list | tuple):
                found[name] = [self.town.directory.organisation(one) for one in value]
            elif kinds.get(name) == "account" and isinstance(value, str):
                found[name] = self.town.actor(value).account
            elif kinds.get(name) == "case" and isinstance(value, str):
                found[name] = self.case_of(value).id
        return found

    def _part(self, case: Case, unit: str) -> Case:
        """The newest part of a case that was given to the unit."""
        given = self.town.directory.organisation(unit)
        with self.town.store.reader() as reader:
            parts = [
                one for one in everything(reader, Case) if one.parent == case.id and one.organisation == given
            ]
        if not parts:
            reason = f"{case.number} has no part that was given to {unit}"
            raise NotFound("part", reason, "open one by an action before")
        return max(parts, key=lambda one: (one.opened, one.id))

    def case_of(self, thing: str | None) -> Case:
        """The newest case of a thing; without one the given case, or the only one there is."""
        with self.town.store.reader() as reader:
            cases = sorted(everything(reader, Case), key=lambda one: (one.opened, one.id))
        if thing is not None:
            wanted = self.town.thing(thing)
            cases = [one for one in cases if one.thing == wanted][-1:]
        elif self.given_case is not None:
            cases = [one for one in cases if one.id == self.given_case]
        if len(cases) != 1:
            reason = f"{len(cases)} cases could be meant"
            raise NotFound("case", reason, "give a case, or name one by the code of its `thing`")
        return cases[0]
