"""The journal explains a closed case: who, what, when, which definition, which observations and photos proved it."""

import msgspec
import pytest
from msgspec.structs import replace

from hutong.engine.handle import act_automatically, find_unit
from hutong.engine.record import Defined, Names, explain
from hutong.engine.tick import Ticker, tick
from hutong.kernel.base import Label
from hutong.kernel.case import EvidenceRow, Warning
from hutong.kernel.definition.pack import ResponsibilityRow
from hutong.kernel.errors import NotFound
from hutong.kernel.ports import JournalRecord


def journal(records, recorded_at):
    """The records as the store would give them back: through JSON, with positions."""
    return [
        JournalRecord(
            lane=1,
            position=position,
            kind=record.kind,
            actor=record.actor,
            at=record.at,
            recorded_at=recorded_at,
            cause=record.cause,
            subjects=tuple((noun, id, position) for noun, id in record.subjects),
            facts=msgspec.json.decode(msgspec.json.encode(record.facts)),
            explain=msgspec.json.decode(msgspec.json.encode(record.explain)),
            hash=f"{position:064x}",
        )
        for position, record in enumerate(records, start=1)
    ]


@pytest.fixture
def defined(compiled):
    def by_digest(digest):
        if digest != compiled.digest:
            raise NotFound("definition", f"no {digest}")
        return Defined(compiled.procedure, compiled.roles)

    return by_digest


@pytest.fixture
def closed(desk):
    """A case from a sensor, dispatched by the 权责清单, overdue, reworked, proved and closed."""
    import dataclasses

    row = ResponsibilityRow(kind="matter", code="06", organisation="sewers", basis="环卫条例第 9 条")
    desk.setting = dataclasses.replace(
        desk.setting, responsible=lambda case: (200, find_unit([row], case.category, []))
    )
    desk.open(warnings=(50,))
    desk.do("file", "duty_chief")
    desk.do("dispatch", "dispatcher", organisation=200)
    ticker = Ticker(
        desk.compiled.procedure,
        desk.compiled.roles,
        desk.setting.calendar,
        lambda case, name, at: act_automatically(case, name, at, desk.compiled, desk.setting),
    )
    ticked = tick(desk.case, desk.at("2026-09-20T12:00").now, ticker)
    desk.case = ticked.case
    desk.records.extend(ticked.records)
    found = Warning(
        id=50, rule="drainage.flooding", rule_version="v", thing=7, state="confirmed", colour="red",
        title=Label("积水"), explanation=Label("x"), began=1, raised=2, seen=3,
        evidence=(EvidenceRow(3, 77, 1, 0.4),),
        cleared=desk.now, clearing=(EvidenceRow(3, 99, desk.now, 0.02),),
    )  # fmt: skip
    desk.warnings = [found]
    desk.fed_back()
    desk.wait(5).checked("check_fail", reason="仍有残留")
    desk.wait(30).fed_back()
    desk.wait(5).checked()
    desk.do("close", "duty_chief")
    return desk


def test_who_what_when_and_under_which_definition(closed, defined):
    told = explain(closed.case, journal(closed.records, closed.now), defined, warnings=closed.warnings)
    assert [step.kind for step in told.steps if not step.kind.startswith(("case.warn", "case.esc", "case.over"))] == [
        "case.open", "case.file", "case.dispatch", "case.feed_back", "case.check_fail", "case.feed_back",
        "case.check_pass", "case.close",
    ]  # fmt: skip
    assert told.definitions == ("d" * 64,)
    dispatch = next(step for step in told.steps if step.kind == "case.dispatch")
    assert (dispatch.account, dispatch.role.zh, dispatch.at) == (
        15,
        "派遣员",
        closed.local("2026-09-18T16:30"),
    )
    assert (dispatch.before.zh, dispatch.after.zh) == ("待派遣", "处置中")
    assert dispatch.responsibility["row"]["basis"] == "环卫条例第 9 条"
    assert dispatch.clocks[1]["limit"]["source"] == "a city list"
    assert dispatch.answers == {"organisation": 200}


def test_what_proved_it(closed, defined):
    told = explain(closed.case, journal(closed.records, closed.now), defined, warnings=closed.warnings)
    assert [row.observation for row in told.opened_by] == [77]
    assert {row.observation for row in told.cleared_by} == {99}
    assert {file["file"] for file in told.files} == {file.id for file in closed.files}
    assert all(len(file["digest"]) == 64 for file in told.files)


def test_what_was_late_says_so(closed, defined):
    told = explain(closed.case, journal(closed.records, closed.now), defined)
    overdue = next(step for step in told.steps if step.kind == "case.overdue")
    assert overdue.at == closed.local("2026-09-20T11:30")
    assert overdue.late_by == 30 * 60 * 1_000_000
    assert "晚 30 分钟" in overdue.text.zh


def test_in_words_of_both_languages(closed, defined):
    names = Names(
        account=lambda one: Label({15: "王五"}.get(one, "某人"), {15: "Wang Wu"}.get(one, "somebody")),
        organisation=lambda one: Label("排水公司", "Sewer company"),
    )
    told = explain(
        closed.case, journal(closed.records, closed.now), defined, names=names, warnings=closed.warnings
    )
    for words in (
        "派遣员（王五）派遣：待派遣 → 处置中",
        "处置部门：排水公司",
        "环卫条例第 9 条",
        "解除（观测 3@",
        "=0.02）",
        "由 1 条观测触发：3@08:00=0.4",
    ):
        assert words in told.text.zh
    for words in (
        "Wang Wu (dispatcher): dispatch: awaiting dispatch → being handled",
        "handling clock starts (4 × working hour, due 2026-09-20 11:30, by: a city list [L])",
        "overdue",
        "SHA-256 0000",
    ):
        assert words in told.text.en
    assert told.text.en.count("\n") == len(told.steps) + 1


def test_the_journal_holds_no_names(closed):
    """Names live with the accounts, so erasing a person leaves no trace in what is explained."""
    written = msgspec.json.encode([(record.facts, record.explain) for record in closed.records]).decode()
    assert "no. 1" not in written
    assert "号" not in written


def test_records_of_other_cases_are_passed_over(closed, defined):
    records = journal(closed.records, closed.now)
    other = [replace(record, subjects=(("case", 2, 1),)) for record in records]
    told = explain(closed.case, [*records, *other], defined)
    assert len(told.steps) == len(records)


def test_a_definition_that_was_never_stored_falls_back_to_the_cases_own(closed, defined):
    records = journal(closed.records, closed.now)
    records[2] = replace(records[2], explain={**records[2].explain, "definition": "e" * 64})
    told = explain(closed.case, records, defined)
    assert told.steps[2].action.zh == "派遣"
    assert told.definitions == ("d" * 64, "e" * 64)
