"""自动派单: where a city turned it on for a class and triage was measured to be right often enough, the platform dispatches."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hutong.engine.flow.cases import CaseDesk
from hutong.engine.flow.following import Following
from hutong.engine.flow.triaging import Sure, TriageDesk
from hutong.engine.handle.act import Command, act_for_person
from hutong.engine.handle.setting import Setting
from hutong.kernel.base import DAY, Facts
from hutong.kernel.case import Case
from hutong.kernel.definition.procedure import SAME, Action
from hutong.kernel.definition.triage import Automatic
from hutong.kernel.errors import Conflict, HutongError
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, IsNull, Order, Value, both, equals, field

REACH = 2 * DAY
"""Cases opened longer ago are left to people: somebody looked at them."""
AT_ONCE = 200


class AutomaticDispatch:
    """Looks at the cases that wait for dispatch. A person's decision about a case, whatever it was, ends the platform's part.

    Safe to call at any time and from several processes: a case whose version moved is left to the next call.
    """

    def __init__(self, desk: CaseDesk, triage: TriageDesk) -> None:
        self.desk = desk
        self.triage = triage
        self._seen: set[tuple[str, int, int]] = set()
        """Model, case and version that were looked at already."""

    def tick(self) -> int:
        """Dispatches what may be; returns how many cases."""
        allowed = [
            one for one in self.triage.setting.automatic if self.triage.automatic(one.kind, one.code).allowed
        ]
        return sum(self._class(one) for one in allowed)

    def _class(self, wanted: Automatic) -> int:
        done = 0
        with self.desk.store.reader() as reader:
            setting = self.desk.setting(reader)
            for case in self._waiting(reader, wanted):
                key = (self.triage.digest, case.id, case.version)
                if key in self._seen:
                    continue
                self._remember(key)
                action = _dispatch(case, self.desk.rulebook.procedure(case).procedure.actions)
                sure = self._sure(case) if action else None
                if action is not None and sure is not None:
                    done += self._do(reader, setting, case, action, _why(sure, wanted))
        return done

    def _waiting(self, reader: Reader, wanted: Automatic) -> Iterator[Case]:
        where = both(
            equals("category/kind", wanted.kind),
            equals("category/code", wanted.code),
            IsNull(field("closed")),
            Compare("ge", field("opened"), Value(self.desk.clock.city_time() - REACH)),
        )
        for case in reader.find(Case, where, order=(Order(("opened",), True),), limit=AT_ONCE).rows:
            if case.urgency != "critical" and not case.confidential and case.text:
                yield case

    def _sure(self, case: Case) -> Sure | None:
        """What the model says of the text, if it says the same class as whoever opened the case, surely enough, and reads no
        danger out of it."""
        if self.triage.signs.urgency(case.text, case.urgency).name == "critical":
            return None
        sure = self.triage.sure(case.text)
        return sure if sure is not None and sure.category == case.category else None

    def _do(self, reader: Reader, setting: Setting, case: Case, action: Action, why: Facts) -> int:
        found = setting.responsible(case)
        if found is None:
            return 0
        unit = next(ask.name for ask in action.asks if ask.to == "organisation")
        command = Command(action=action.name, answers={unit: found[0]})
        following = Following(self.desk, reader)
        compiled, now = self.desk.rulebook.procedure(case), self.desk.clock.city_time()
        try:
            following.add(act_for_person(case, command, now, compiled, setting, why))
            self.desk.store.apply(following.changes())
        except Conflict:  # somebody was quicker
            return 0
        except HutongError:  # the procedure or the city says no: a person sees why
            return 0
        return 1

    def _remember(self, key: tuple[str, int, int]) -> None:
        if len(self._seen) > 100 * AT_ONCE:
            self._seen.clear()
        self._seen.add(key)


def _dispatch(case: Case, actions: tuple[Action, ...]) -> Action | None:
    """The action that the platform may do on the case as it stands; None once a person decided anything where it stands."""
    decided = {deed.action for deed in case.deeds}
    if case.holder is not None or case.joined_to is not None:
        return None
    if any(one.name in decided and case.state in one.of and one.to != SAME for one in actions):
        return None
    return next((one for one in actions if case.source in one.by_platform.get(case.state, ())), None)


def _why(sure: Sure, wanted: Automatic) -> Facts:
    """What the journal says about it: the model, what it said and why, how often it was right, what the city asks."""
    step = msgspec.to_builtins(sure.step)
    return {
        "model": sure.model,
        "category": f"{sure.category.kind}:{sure.category.code}",
        "confidence": sure.confidence,
        "words": [msgspec.to_builtins(word) for word in sure.words],
        "threshold": sure.step.confidence,
        "measured": {**step, "share": round(sure.step.share, 4)},
        "asked": wanted.precision,
    }
