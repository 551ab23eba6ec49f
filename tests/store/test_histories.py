"""Rows with their past, loaded in one transaction, are as if they had been made by ordinary work."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.store.samples import a_case

from hutong.kernel.case import Case
from hutong.kernel.changes import Record, Step
from hutong.kernel.errors import Conflict, Invalid
from hutong.kernel.query import InScope
from hutong.store import CityStore


def step(kind: str, *rows: Case, about: int = 0) -> Step:
    subjects = tuple(("case", row.id) for row in rows) or (("case", about),)
    return Step(Record(kind=f"case.{kind}", actor=1, at=100, subjects=subjects), rows)


def history(id: int) -> list[Step]:
    opened = a_case(id, state="received", scope=(100,), next_due=500)
    handled = replace(opened, state="handling", scope=(100, 200), late_from=0)
    return [step("open", opened), step("call", about=id), step("dispatch", handled)]


def test_chain_versions_lists_and_counters_are_as_ever(store: CityStore) -> None:
    position = store.load_histories([one for id in (901, 902) for one in history(id)])
    assert store.verify().sound
    with store.reader() as reader:
        assert position == reader.head() == 6
        assert [one.state for _, one in reader.versions(Case, 901)] == ["received", "handling"]
        assert [one.kind for one in reader.journal(subject=("case", 902))] == [
            "case.open",
            "case.call",
            "case.dispatch",
        ]
        assert {one.id for one in reader.find(Case, InScope((200,))).rows} == {901, 902}
        case = reader.get(Case, 901)
        assert reader.counters("case.state") == {f"{case.procedure}/handling": 2}
        assert reader.counters("case.state.200") == {f"{case.procedure}/handling": 2}
        assert reader.counters("case.late.100") == {case.procedure: 2}


def test_what_is_there_is_not_loaded_again_and_nothing_half(store: CityStore) -> None:
    store.load_histories(history(901))
    with pytest.raises(Conflict, match="case/901"):
        store.load_histories([*history(902), *history(901)])
    with pytest.raises(Invalid, match="does not name"):
        store.load_histories([Step(Record(kind="case.open", actor=1, at=1, subjects=()), (a_case(903),))])
    with store.reader() as reader:
        assert reader.head() == 3
        assert set(reader.many(Case, [901, 902, 903])) == {901}
