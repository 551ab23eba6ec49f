"""The whole demo night, from the OpenStreetMap extract to the last 结案: what the acceptance list of a night asks for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hutong.app.city import RunningCity, open_city
from hutong.app.demo import prepare
from hutong.app.night import Night, Summary, night_start, play_headless
from hutong.engine.directory import everything
from hutong.engine.flow.explaining import explanation, records_of
from hutong.engine.flow.parties import erase_person
from hutong.kernel.access import SYSTEM
from hutong.kernel.case import Case, File, Warning
from hutong.kernel.clock import FixedClock
from hutong.kernel.party import Role
from hutong.kernel.plan import Calling, Mode, Proposal, Resource, Response
from hutong.kernel.thing import Thing

pytestmark = pytest.mark.xdist_group("storm night")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("night") / "shanghai_center"


@pytest.fixture(scope="module")
def played(folder: Path) -> Iterator[tuple[RunningCity, Summary]]:
    city = prepare(folder, lambda label, share: None)
    assert city.head.night is not None
    start = night_start(city.head.night, city.head.zone)
    clock = FixedClock(start)
    running = open_city(folder, clock)
    summary = play_headless(running, Night(running, start), clock.move_to, lambda share: None)
    yield running, summary
    running.close()


@pytest.fixture(scope="module")
def running(played: tuple[RunningCity, Summary]) -> RunningCity:
    return played[0]


@pytest.fixture(scope="module")
def cases(running: RunningCity) -> list[Case]:
    with running.store.reader() as reader:
        return everything(reader, Case)


@pytest.fixture(scope="module")
def warnings(running: RunningCity) -> list[Warning]:
    with running.store.reader() as reader:
        return everything(reader, Warning)


def test_every_flooding_case_ends_with_evidence(played: tuple[RunningCity, Summary]) -> None:
    summary = played[1]
    assert summary.open_flooding == ()
    assert summary.observations > 500_000
    assert summary.closed > 10
    assert summary.joined > 0
    assert summary.by_photo == summary.closed
    assert summary.by_sensor == summary.closed


def test_flooding_is_opened_at_once_and_pump_failure_after_judgement(
    cases: list[Case], warnings: list[Warning]
) -> None:
    by_id = {one.id: one for one in warnings}
    flooding = [one for one in cases if one.category.code == "drainage.flooding"]
    assert flooding
    for case in flooding:
        first = by_id[case.warnings[0]]
        assert first.rule in ("drainage.flooding", "drainage.impassable")
        assert case.opened == first.seen
    failures = [one for one in warnings if one.rule == "drainage.pump_failure"]
    assert failures
    assert all(one.state in ("confirmed", "joined") and one.judged_by != 0 for one in failures)


def test_the_failed_pumps_and_what_they_flood_are_one_cause(warnings: list[Warning]) -> None:
    causes = {one.cause for one in warnings if one.rule == "drainage.pump_failure"}
    assert len(causes) == 1
    rules = {one.rule for one in warnings if one.cause in causes}
    assert {"drainage.pump_failure", "drainage.flooding"} <= rules


def test_sixty_calls_and_fourteen_alarms_of_one_pump_fold_into_one_cause_and_each_caller_is_answered(
    played: tuple[RunningCity, Summary], cases: list[Case], warnings: list[Warning]
) -> None:
    folded = played[1].folded
    assert folded is not None
    assert (folded.alarms, folded.calls, folded.joined, folded.answered) == (14, 60, 60, 60)
    assert folded.visited == 60
    assert folded.streets >= 8
    orders = [one for one in cases if one.source == "hotline"]
    assert len({one.number for one in orders}) == 60
    assert {one.ending for one in orders} == {"closed"}
    for order in orders:
        actions = [deed.action for deed in order.deeds]
        assert actions == ["join", "main_done", "answer_joined", "visit_good", "archive"]
        assert order.facts["main_number"] == folded.main
        clocks = {one.name: one for one in order.clocks}
        assert clocks["handling"].mark == "stopped"
        assert clocks["answering"].mark == "stopped"
    assert any(not one.position_text for one in orders)
    main = next(one for one in cases if one.number == folded.main)
    assert {one.rule for one in warnings if one.cause == main.cause} >= {
        "drainage.pump_failure",
        "drainage.surcharge",
        "drainage.flooding",
    }


def test_the_night_is_commanded_and_everything_is_switched_back(
    played: tuple[RunningCity, Summary], running: RunningCity, cases: list[Case]
) -> None:
    (told,) = played[1].responses
    assert told.levels == (4, 3)
    with running.store.reader() as reader:
        (response,) = everything(reader, Response)
        callings = everything(reader, Calling)
        modes = everything(reader, Mode)
        resources = everything(reader, Resource)
        proposals = everything(reader, Proposal)
        roles = everything(reader, Role)
    assert response.ended is not None
    assert {one.state for one in proposals} == {"started"}
    chain = sorted((one for one in callings if one.response == response.id), key=lambda one: one.id)
    assert chain[0].state == "passed"
    assert (chain[1].step, chain[1].state, chain[1].post) == (1, "confirmed", chain[0].post)
    tasks = [one for one in cases if one.parent == response.case]
    assert {one.ending for one in tasks} == {"closed"}
    assert len(tasks) == 3
    assert [(one.state, one.until) for one in modes] == [("off", response.ended)]
    assert modes[0].cases > 0
    assert all(one.until is not None for one in roles if one.id in modes[0].roles)
    later = [one for one in cases if one.closed is None or one.closed > response.ended]
    assert later
    assert all("peace_clocks" not in one.facts for one in later)
    assert {one.reserved for one in resources} == {0}
    assert next(one for one in cases if one.id == response.case).warnings


def test_nobody_checks_or_closes_what_he_dispatched_or_handled(cases: list[Case]) -> None:
    for case in cases:
        did = {
            name: {one.account for one in case.deeds if one.action == name}
            for name in {d.action for d in case.deeds}
        }
        worked = did.get("dispatch", set()) | did.get("take", set()) | did.get("feed_back", set())
        assert not worked & (did.get("check_pass", set()) | did.get("close", set()))


def test_the_journal_explains_a_closed_case(running: RunningCity, cases: list[Case]) -> None:
    case = next(one for one in cases if one.ending == "closed" and one.category.code == "drainage.flooding")
    with running.store.reader() as reader:
        told = explanation(running.desk, reader, case)
        files = [one for one in everything(reader, File) if one.case == case.id and one.stage == "handle"]
    assert told.definitions == (case.definition,)
    assert running.rulebook.procedure_of(case.definition).name == "urban.case"
    assert told.opened_by
    assert all(row.number is not None for row in told.opened_by)
    assert {one["digest"] for one in told.files} >= {one.digest for one in files}
    text = told.text.zh
    for words in ("派遣", "反馈", "核查通过", "结案", "模拟派遣岗", "模拟监督岗", case.number):
        assert words in text


def test_the_journal_verifies_and_names_every_deed(running: RunningCity, cases: list[Case]) -> None:
    report = running.store.verify()
    assert report.sound, report.faults[:3]
    case = max(cases, key=lambda one: len(one.deeds))
    with running.store.reader() as reader:
        kinds = [record.kind for record in records_of(reader, case)]
    assert [f"case.{deed.action}" for deed in case.deeds] == [
        kind for kind in kinds if kind.split(".")[1] in {deed.action for deed in case.deeds}
    ]


def test_made_things_say_that_they_are_made(running: RunningCity) -> None:
    with running.store.reader() as reader:
        things = everything(reader, Thing)
    kinds = {
        kind: {one.provenance.kind for one in things if one.type == kind}
        for kind in {one.type for one in things}
    }
    assert kinds["base.road"] == {"recorded"}
    assert kinds["drainage.manhole"] == {"derived"}
    assert kinds["drainage.rain_gauge"] == {"simulated"}
    assert kinds["base.water_body"] == {"derived"}


def test_erasing_a_person_leaves_the_case_but_not_the_name(
    running: RunningCity, cases: list[Case], folder: Path
) -> None:
    directory = running.directory()
    account = next(
        one for one in directory.accounts.values() if directory.account_name(one.id).zh == "模拟市容岗"
    )
    name, login = "模拟市容岗".encode(), b"sim-shirong"
    erase_person(running.desk, account.subject, "本人申请（测试）", SYSTEM)
    running.directory_changed()
    assert running.directory().account_name(account.id).zh != "模拟市容岗"
    assert running.store.verify().sound
    for path in (one for one in folder.rglob("*") if one.is_file() and one.suffix != ".yaml"):
        content = path.read_bytes()
        assert name not in content, path
        assert login not in content, path
