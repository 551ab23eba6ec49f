"""The journal's account of one case: who, what, when, under which definition, on which observations and photos."""

from __future__ import annotations

from hutong.engine.flow.cases import CaseDesk, warnings_of
from hutong.engine.record import Defined, Explanation, Names, explain
from hutong.kernel.case import Case
from hutong.kernel.ports import JournalRecord, Reader

RECORDS = 5000


def records_of(reader: Reader, case: Case) -> list[JournalRecord]:
    """Every record that names the case, in order."""
    return reader.journal(lane=case.lane, subject=("case", case.id), limit=RECORDS)


def explanation(desk: CaseDesk, reader: Reader, case: Case) -> Explanation:
    """What `hutong journal show` and the case page tell."""
    directory, rulebook = desk.directory(), desk.rulebook

    def defined(digest: str) -> Defined:
        compiled = rulebook.procedure_of(digest)
        return Defined(compiled.procedure, compiled.roles)

    names = Names(
        account=directory.account_name, organisation=directory.organisation_name, zone=rulebook.city.head.zone
    )
    return explain(case, records_of(reader, case), defined, names=names, warnings=warnings_of(reader, case))
