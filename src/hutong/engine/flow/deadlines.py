"""What time makes happen to cases: each thing fires once, also after downtime."""

from __future__ import annotations

from hutong.engine.flow.cases import CaseDesk
from hutong.engine.flow.following import Following
from hutong.engine.handle.act import Acted, act_automatically
from hutong.engine.tick import Ticked, Ticker, tick
from hutong.kernel.base import Instant
from hutong.kernel.case import Case
from hutong.kernel.errors import Conflict
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Field, IsNull, Not, Order, Value, both

BATCH = 200


class Deadlines:
    """Fires all that is due.

    Safe to call at any time and from several processes: a case whose version moved is left to the next call.
    """

    def __init__(self, desk: CaseDesk) -> None:
        self.desk = desk

    def tick(self) -> int:
        """Fires everything due by the city's time; returns how many cases changed."""
        now = self.desk.clock.city_time()
        changed = 0
        while True:
            with self.desk.store.reader() as reader:
                due = self._due(reader, now)
                ticked = [self._ticked(reader, case, now) for case in due]
            fired = [following for one, following in ticked if one.fired]
            for one in fired:
                changed += self._commit(one)
            if len(due) < BATCH or not fired:
                return changed

    def _due(self, reader: Reader, now: Instant) -> tuple[Case, ...]:
        due = Field(("next_due",))
        still = IsNull(Field(("closed",)))
        where = both(still, Not(IsNull(due)), Compare("le", due, Value(now)))
        return reader.find(Case, where, order=(Order(("next_due",)),), limit=BATCH).rows

    def _ticked(self, reader: Reader, case: Case, now: Instant) -> tuple[Ticked, Following]:
        """The case after all that was due, and what follows from the automatic actions among it."""
        following = Following(self.desk, reader)
        compiled, setting = self.desk.rulebook.procedure(case), following.setting
        performed: list[Acted] = []

        def perform(one: Case, action: str, at: Instant) -> Acted:
            performed.append(act_automatically(one, action, at, compiled, setting))
            return performed[-1]

        ticker = Ticker(compiled.procedure, compiled.roles, setting.calendar, perform)
        ticked = tick(case, now, ticker)
        following.cases[case.id] = ticked.case
        following.records.extend(ticked.records)
        following.notices.extend(ticked.notices)
        for acted in performed:
            following.follow(acted)
        return ticked, following

    def _commit(self, following: Following) -> int:
        try:
            self.desk.store.apply(following.changes())
        except Conflict:
            return 0
        return 1
