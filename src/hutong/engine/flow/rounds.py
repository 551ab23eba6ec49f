"""Visits that are due: whoever a register says is to be seen every so many days, and was not, gets a case."""

from __future__ import annotations

from hutong.engine.flow.registers import RegisterDesk, cause_of
from hutong.engine.handle.open import OpenCase
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import DAY, HOUR, Instant, Label
from hutong.kernel.case import Case, Category
from hutong.kernel.definition.register import Register, VisitRound
from hutong.kernel.errors import Conflict
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Field, In, IsNull, Or, Value, both, equals, field
from hutong.kernel.register import Household, RegisterEntry

PAGE = 500
EVERY = HOUR
"""City time between two looks."""
SOURCE = "grid"


class Rounds:
    """Opens the cases. Safe to call at any time: one household has at most one open case of a cause."""

    def __init__(self, desk: RegisterDesk) -> None:
        self.desk = desk
        self._next: Instant = 0

    def tick(self) -> int:
        """Looks once an hour of city time; returns how many cases were opened."""
        now = self.desk.clock.city_time()
        if now < self._next:
            return 0
        self._next = now + EVERY
        registers = self.desk.catalogue.registers.values()
        return sum(self._open(one, one.rounds, now) for one in registers if one.rounds is not None)

    def _open(self, register: Register, rounds: VisitRound, now: Instant) -> int:
        days = self.desk.rulebook.parameters(now)[rounds.every]
        with self.desk.store.reader() as reader:
            waiting = self._unseen(reader, register, now - int(days * DAY))
            known = _open_causes(reader, waiting)
        opened = 0
        for household in waiting:
            if cause_of(household) not in known:
                opened += self._opened(household, register, rounds)
        return opened

    def _unseen(self, reader: Reader, register: Register, since: Instant) -> list[Household]:
        """Households of the register's entries that nobody visited since then."""
        ids: set[int] = set()
        after: str | None = None
        while True:
            page = reader.find(RegisterEntry, equals("register", register.name), limit=PAGE, after=after)
            ids.update(one.household for one in page.rows if one.household is not None)
            after = page.after
            if after is None:
                break
        late = Or((IsNull(field("visited")), Compare("lt", field("visited"), Value(since))))
        found: list[Household] = []
        listed = sorted(ids)
        for start in range(0, len(listed), PAGE):
            where = both(In(Field(("id",)), tuple(listed[start : start + PAGE])), late)
            found.extend(reader.find(Household, where, limit=PAGE).rows)
        return found

    def _opened(self, household: Household, register: Register, rounds: VisitRound) -> int:
        label = register.label
        command = OpenCase(
            id=self.desk.store.new_ids(1)[0],
            category=Category(rounds.kind, rounds.code),  # type: ignore[arg-type]
            title=Label(f"走访：{label.zh} {household.code}", f"Visit: {label.text('en')} {household.code}"),
            source=SOURCE,
            place=household.place,
            position=household.position,
            position_text=household.code,
            cause=cause_of(household),
            provenance=household.provenance,
            facts={"household": household.id, "register": register.name},
        )
        try:
            self.desk.cases.open(command, SYSTEM, key=f"round/{household.id}/{household.visited or 0}")
        except Conflict:
            return 0
        return 1


def _open_causes(reader: Reader, households: list[Household]) -> set[str]:
    causes = [cause_of(one) for one in households]
    found: set[str] = set()
    for start in range(0, len(causes), PAGE):
        where = both(In(Field(("cause",)), tuple(causes[start : start + PAGE])), IsNull(field("closed")))
        found.update(one.cause for one in reader.find(Case, where, limit=PAGE).rows)
    return found
