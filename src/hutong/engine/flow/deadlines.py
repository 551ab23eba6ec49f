"""What time makes happen to cases: each thing fires once, also after downtime."""

from __future__ import annotations

from hutong.engine.flow.cases import CaseDesk, naming
from hutong.engine.handle.act import Acted, act_automatically
from hutong.engine.tick import Ticked, Ticker, tick
from hutong.kernel.base import Instant
from hutong.kernel.case import Case
from hutong.kernel.changes import Changes
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
            fired = [one for one in ticked if one.fired]
            for one in fired:
                changed += self._commit(one)
            if len(due) < BATCH or not fired:
                return changed

    def _due(self, reader: Reader, now: Instant) -> tuple[Case, ...]:
        due = Field(("next_due",))
        where = both(Not(IsNull(due)), Compare("le", due, Value(now)))
        return reader.find(Case, where, order=(Order(("next_due",)),), limit=BATCH).rows

    def _ticked(self, reader: Reader, case: Case, now: Instant) -> Ticked:
        compiled, setting = self.desk.rulebook.procedure(case), self.desk.setting(reader)

        def perform(one: Case, action: str, at: Instant) -> Acted:
            return act_automatically(one, action, at, compiled, setting)

        ticker = Ticker(compiled.procedure, compiled.roles, setting.calendar, perform)
        return tick(case, now, ticker)

    def _commit(self, ticked: Ticked) -> int:
        messages = self.desk.messages(ticked.notices)
        try:
            self.desk.store.apply(
                Changes(puts=(ticked.case, *messages), records=naming(ticked.records, messages))
            )
        except Conflict:
            return 0
        return 1
