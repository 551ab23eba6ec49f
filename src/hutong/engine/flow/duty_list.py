"""权责清单 brought as a table: what it would change is shown first, then done in one commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from hutong.engine.directory import Directory, everything
from hutong.engine.rulebook import Rulebook
from hutong.engine.table_text import rows_of
from hutong.kernel.access import Actor
from hutong.kernel.base import Instant
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import Clock
from hutong.kernel.errors import Invalid
from hutong.kernel.party import Responsibility
from hutong.kernel.ports import Reader, Store

Change = Literal["new", "changed", "ended", "same", "refused"]
Key = tuple[str, str, str]
KINDS = ("component", "matter", "hotline", "service", "other", "*")
COLUMNS: dict[str, tuple[str, ...]] = {
    "kind": ("类型", "对象类型"),
    "code": ("类别代码", "代码", "小类代码"),
    "place": ("区域", "区域代码", "area"),
    "organisation": ("处置部门", "责任部门", "部门代码", "unit"),
    "basis": ("依据", "条款"),
}
REQUIRED = ("kind", "code", "organisation")
MOST = 50_000


class DutyChange(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one row. `line` of the file (None: the row is not in it); `before` the unit it had; a refusal says why
    and what to do."""

    change: Change
    line: int | None
    kind: str
    code: str
    place: str
    organisation: str
    basis: str
    before: str = ""
    field: str = ""
    reason: str = ""
    remedy: str = ""


class DutyDesk:
    """Shows and applies lists. `changed` is called after the list changed, so that look-ups read it again."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rulebook: Rulebook,
        directory: Callable[[], Directory],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.rulebook = rulebook
        self.directory = directory
        self.changed = changed

    def preview(self, text: str, *, whole: bool = False) -> list[DutyChange]:
        """What taking the table in would change. `whole`: it is the complete list, so rows that are not in it end
        (but for what a 会商 decided)."""
        with self.store.reader() as reader:
            return self._compare(reader, text, whole)

    def apply(
        self, text: str, actor: Actor, *, whole: bool = False, key: str | None = None, digest: str = ""
    ) -> list[DutyChange]:
        """Takes the table in, but for refused rows; nothing is written if nothing changes."""
        with self.store.reader() as reader:
            found = self._compare(reader, text, whole)
            standing = {_key(one): one for one in standing_rows(reader, self.clock.city_time())}
        puts = self._rows(found, standing)
        if puts:
            self.store.apply(
                Changes(
                    puts=tuple(puts),
                    records=(self._record(found, puts, actor),),
                    idempotency_key=key,
                    request_digest=digest,
                    response=len(puts),
                )
            )
            self.changed()
        return found

    def _compare(self, reader: Reader, text: str, whole: bool) -> list[DutyChange]:
        standing = {_key(one): one for one in standing_rows(reader, self.clock.city_time())}
        found: list[DutyChange] = []
        lines: dict[Key, int] = {}
        for line, row in rows_of(text, COLUMNS, REQUIRED):
            if line > MOST:
                raise Invalid("file", f"has more than {MOST} lines", "take it in in parts")
            one = self._judged(line, {**row, "place": row.get("place") or "*"}, lines)
            known = standing.get((one.kind, one.code, one.place))
            if one.change != "refused":
                lines[one.kind, one.code, one.place] = line
                one = self._against(one, known)
            found.append(one)
        if whole:
            found += [
                self._ended(row) for key, row in standing.items() if key not in lines and row.case is None
            ]
        return found

    def _judged(self, line: int, row: dict[str, str], lines: dict[Key, int]) -> DutyChange:
        """The row as it would be, or refused with its reason."""
        one = DutyChange(
            change="new",
            line=line,
            kind=row["kind"],
            code=row["code"],
            place=row["place"],
            organisation=row["organisation"],
            basis=row.get("basis", ""),
        )
        for field, wrong in (
            ("kind", self._kind(one)),
            ("code", self._code(one)),
            ("place", self._place(one)),
            ("organisation", self._organisation(one)),
            ("line", _twice(one, lines)),
        ):
            if wrong is not None:
                return replace(one, change="refused", field=field, reason=wrong[0], remedy=wrong[1])
        return one

    def _kind(self, one: DutyChange) -> tuple[str, str] | None:
        if one.kind in KINDS:
            return None
        return f"{one.kind!r} is no kind", "write one of " + ", ".join(KINDS)

    def _code(self, one: DutyChange) -> tuple[str, str] | None:
        known = any(
            category.code.startswith(one.code) and one.kind in (category.kind, "*")
            for category in self.rulebook.categories
        )
        if known:
            return None
        return f"no category {one.kind} begins with {one.code!r}", "see the classes of the packs in use"

    def _place(self, one: DutyChange) -> tuple[str, str] | None:
        if one.place == "*" or one.place in self.directory().place_codes:
            return None
        return f"there is no place {one.place!r}", "write the code of a place, or * for the whole city"

    def _organisation(self, one: DutyChange) -> tuple[str, str] | None:
        directory = self.directory()
        id = directory.organisation_codes.get(one.organisation)
        if id is None:
            return f"there is no organisation {one.organisation!r}", "write its code, see organisations.yaml"
        side = directory.organisations[id].side
        if side != "handling":
            return f"{one.organisation!r} is no handling unit but of {side}", "name a unit that handles cases"
        return None

    def _against(self, one: DutyChange, known: Responsibility | None) -> DutyChange:
        if known is None:
            return one
        before = self.directory().unit_code(known.organisation)
        same = (before, known.basis) == (one.organisation, one.basis)
        return replace(one, change="same" if same else "changed", before=before)

    def _ended(self, row: Responsibility) -> DutyChange:
        unit = self.directory().unit_code(row.organisation)
        return DutyChange(
            change="ended", line=None, kind=row.kind, code=row.code, place=row.area, organisation="",
            basis=row.basis, before=unit,
        )  # fmt: skip

    def _rows(self, found: Sequence[DutyChange], standing: dict[Key, Responsibility]) -> list[Responsibility]:
        """New rows, and the ends of those they replace."""
        now, directory = self.clock.city_time(), self.directory()
        added = [one for one in found if one.change in ("new", "changed")]
        gone = [one for one in found if one.change in ("changed", "ended")]
        ids = self.store.new_ids(len(added)) if added else range(0)
        ended = [replace(standing[one.kind, one.code, one.place], until=now) for one in gone]
        made = [
            Responsibility(
                id=id,
                kind=one.kind,
                code=one.code,
                area=one.place,
                organisation=directory.organisation(one.organisation),
                basis=one.basis,
                since=now,
            )
            for id, one in zip(ids, added, strict=True)
        ]
        return [*ended, *made]

    def _record(self, found: Sequence[DutyChange], puts: Sequence[Responsibility], actor: Actor) -> Record:
        counts = {kind: sum(one.change == kind for one in found) for kind in ("new", "changed", "ended")}
        return Record(
            kind="responsibility.import",
            actor=actor.account,
            at=self.clock.city_time(),
            subjects=tuple(("responsibility", one.id) for one in puts),
            facts={**counts, "refused": sum(one.change == "refused" for one in found)},
        )


def standing_rows(reader: Reader, at: Instant) -> Iterable[Responsibility]:
    """Rows in force at a city time, the newest last."""
    rows = sorted(everything(reader, Responsibility), key=lambda one: (one.since, one.id))
    return [one for one in rows if one.since <= at and (one.until is None or at < one.until)]


def _key(row: Responsibility) -> Key:
    return row.kind, row.code, row.area


def _twice(one: DutyChange, lines: dict[Key, int]) -> tuple[str, str] | None:
    earlier = lines.get((one.kind, one.code, one.place))
    if earlier is None:
        return None
    return f"line {earlier} is about the same category and place", "keep one of them"
