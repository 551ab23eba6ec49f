"""Orders of a call desk: opened with what the call taker does at once, called back, and the caller's number for a purpose."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hutong.engine.flow.cases import Act, CaseDesk
from hutong.engine.flow.following import Following
from hutong.engine.handle.act import Command, act
from hutong.engine.handle.obstacles import Attempt, Obstacle, obstacle
from hutong.engine.handle.open import OpenCase
from hutong.engine.handle.procedure import Compiled
from hutong.kernel.access import Actor
from hutong.kernel.base import Entity, Facts
from hutong.kernel.case import Case
from hutong.kernel.definition.procedure import Action, Purpose
from hutong.kernel.errors import Forbidden, Invalid, Refused
from hutong.kernel.party import Party

SEAT = "seat"
VISITS: tuple[Purpose, ...] = ("visit_ends", "visit_reopens", "visit_unreached", "visit_recorded")
SHOWS: dict[str, tuple[Purpose, ...]] = {
    "first_contact": ("first_contact",),
    "visit": VISITS,
    "answer": ("answer", "direct_answer"),
}
"""What the caller's number may be asked for → the actions one of which must be open to whoever asks, now."""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller said when called back. `reached` False: nobody answered, and nothing else is known."""

    reached: bool
    contacted: bool = False
    solved: bool = False
    satisfaction: str = ""
    words: str = ""


class OrderDesk:
    """Cases of procedures that a call desk opens (`desk: seat`)."""

    def __init__(self, desk: CaseDesk) -> None:
        self.desk = desk

    def procedures(self) -> list[Compiled]:
        return [one for one in self.desk.rulebook.procedures.values() if one.procedure.desk == SEAT]

    def compiled(self, case: Case) -> Compiled:
        """The procedure of an order. Refused for a case that is none."""
        compiled = self.desk.rulebook.procedure(case)
        if compiled.procedure.desk != SEAT:
            raise Refused(
                "case", "is no order of a call desk", "act on it on its own page", zh="该案卷不是热线工单"
            )
        return compiled

    def open(
        self,
        command: OpenCase,
        then: tuple[Purpose, Facts] | None,
        actor: Actor,
        *,
        key: str | None = None,
        digest: str = "",
        puts: Sequence[Entity] = (),
    ) -> int:
        """Opens an order and does what follows from the call (`then`) in the same commit; the order's id."""
        desk = self.desk
        with desk.store.reader() as reader:
            following = Following(desk, reader, actor)
            opened = desk.opened(command, actor, following.setting)
            compiled = desk.rulebook.procedure(opened.case)
            if compiled.procedure.desk != SEAT:
                raise Invalid("category", "is no class of orders", "choose a class of the call desk")
            following.add_opened(opened)
            if then is not None:
                wanted = Command(action=action_for(compiled, opened.case, then[0]).name, answers=then[1])
                now = desk.clock.city_time()
                following.add(act(opened.case, wanted, actor, now, compiled, following.setting))
        changes = following.changes(puts, key=key, digest=digest, response=command.id)
        return int(desk.store.apply(changes).response)

    def visit(
        self, id: int, said: Visit, actor: Actor, *, version: int | None, key: str | None, digest: str
    ) -> Case:
        """Records a 回访. 未解决 or 不满意 reopens the order, unless the demand was found unreasonable."""
        with self.desk.store.reader() as reader:
            case = reader.get(Case, id)
        compiled = self.compiled(case)
        chosen = next(
            (
                found
                for purpose in _outcomes(said)
                if (found := self._open_to(case, compiled, purpose, actor))
            ),
            None,
        )
        action = chosen or action_for(compiled, case, _outcomes(said)[-1])
        asked = {one.name for one in action.asks}
        given: Facts = {
            "contacted": said.contacted,
            "solved": "yes" if said.solved else "no",
            "satisfaction": said.satisfaction,
            "words": said.words,
        }
        answers = {name: value for name, value in given.items() if name in asked and value != ""}
        wanted = Act(case=id, action=action.name, answers=answers, version=version, key=key, digest=digest)
        return self.desk.act(wanted, actor)

    def _open_to(self, case: Case, compiled: Compiled, purpose: Purpose, actor: Actor) -> Action | None:
        for action in compiled.actions.values():
            if action.does == purpose and self._obstacle(case, compiled, action, actor) is None:
                return action
        return None

    def _obstacle(self, case: Case, compiled: Compiled, action: Action, actor: Actor) -> Obstacle | None:
        with self.desk.store.reader() as reader:
            setting = self.desk.setting(reader)
            now = self.desk.clock.city_time()
            return obstacle(Attempt(case, action, actor, now, compiled, setting))

    def caller(self, id: int, purpose: str, actor: Actor) -> Party:
        """The caller, for whoever is to contact him now: the unit until its first contact, the desk for an answer or a 回访.

        Refused for a confidential order to anybody of a handling unit, and to anybody who has nothing to call about."""
        with self.desk.store.reader() as reader:
            case = reader.get(Case, id)
            party = reader.many(Party, [case.subject]).get(case.subject) if case.subject is not None else None
        compiled = self.compiled(case)
        if party is None or party.erased is not None or not party.phone:
            raise Refused("caller", "left no number", "nobody can be called", zh="来电人未留号码")
        if case.confidential and actor.side == "handling":
            raise Forbidden(
                "caller",
                "the caller of this order is confidential",
                "reply through the hotline",
                zh="保密工单，承办单位不可见",
            )
        if not any(self._open_to(case, compiled, one, actor) for one in SHOWS[purpose]):
            raise Refused(
                "caller",
                f"the number is shown for {purpose} only to whoever is to do that now",
                "take the order first, or ask the hotline",
                zh="号码仅限当前须联系来电人的岗位查看",
            )
        return party


def _outcomes(said: Visit) -> tuple[Purpose, ...]:
    """The purposes that a 回访 may serve, the first that is open is done."""
    if not said.reached:
        return ("visit_unreached",)
    if said.solved and said.satisfaction != "dissatisfied":
        return ("visit_ends",)
    return ("visit_recorded", "visit_reopens")


def action_for(compiled: Compiled, case: Case, purpose: Purpose) -> Action:
    """The action of that purpose in the case's state, or else in any. Refused if the procedure has none."""
    fitting = [one for one in compiled.actions.values() if one.does == purpose]
    if not fitting:
        raise Refused(
            "action", f"{compiled.name} has no action for {purpose}", "mark one with `does` in cases.yaml"
        )
    return next((one for one in fitting if case.state in one.of), fitting[0])
