"""Two parts that end at the same moment: the whole goes on by itself, once. A case joined to another may go on, not end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from tests.api.conftest import Someone
from tests.api.people import attach, do, report
from tests.api.town import Town

from hutong.engine.flow.cases import Act
from hutong.engine.handle.procedure import compile_procedure
from hutong.kernel.base import Label
from hutong.kernel.case import Case
from hutong.kernel.definition.procedure import CHILDREN_ENDED, MAIN_ENDED, Action

DIGEST = "a" * 64
GOES_ON = Action(
    name="parts_done", label=Label("协办完毕"), of=("handling",), to="to_check", automatic=True, at=CHILDREN_ENDED,
    clocks={"handling": "stop", "checking": "start"},
)  # fmt: skip
ANSWERED = Action(
    name="answer_joined", label=Label("答复"), of=("joining",), to="to_file", automatic=True, at=MAIN_ENDED
)


@pytest.fixture
def changed(town: Town) -> Iterator[None]:
    """The city's procedure, but a case goes on when its parts have ended, and one that is joined is taken up again."""
    book = town.rulebook
    procedure = book.procedures["urban.case"].procedure
    actions = tuple(one for one in procedure.actions if one.name != "end_joined")
    made = replace(procedure, actions=(*actions, GOES_ON, ANSWERED))
    compiled = compile_procedure(made, book.roles.values(), DIGEST)
    book.procedures["urban.case"] = book._by_digest[DIGEST] = compiled
    return


def handling(someone: Someone, town: Town) -> int:
    case: int = report(someone("jiandu"), source="collector")["id"]
    do(someone("zhiban"), case, "file")
    do(
        someone("paiqian"),
        case,
        "dispatch",
        answers={"organisation": town.directory.organisation("drainage")},
    )
    return case


@pytest.mark.usefixtures("changed")
def test_two_parts_end_at_once(someone: Someone, town: Town) -> None:
    case = handling(someone, town)
    units = [town.directory.organisation(one) for one in ("drainage", "roads")]
    parts = do(someone("paiqian"), case, "assist", answers={"units": units, "task": "清掏"}).json()["parts"]
    logins = {units[0]: "paishui", units[1]: "daolu"}
    start = threading.Barrier(2)
    errors: list[Exception] = []

    def finish(part: int, unit: int) -> None:
        account = next(one for one in town.directory.accounts.values() if one.login == logins[unit])
        actor = town.directory.actor(account.id, town.clock.city_time())
        start.wait()
        try:
            town.cases.act(Act(case=part, action="finish_task", answers={"result": "完成"}), actor)
        except Exception as error:
            errors.append(error)

    for part in parts:
        attach(someone(logins[part["organisation"]["id"]]), part["id"], "handle", "near")
    threads = [threading.Thread(target=finish, args=(one["id"], one["organisation"]["id"])) for one in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with town.store.reader() as reader:
        whole = reader.get(Case, case)
        kinds = [one.kind for one in reader.journal(subject=("case", case), limit=100)]
    assert (whole.state, kinds.count("case.parts_done")) == ("to_check", 1)
    assert [clock.mark for clock in whole.clocks if clock.name == "handling"] == ["stopped"]


@pytest.mark.usefixtures("changed")
def test_what_is_joined_may_go_on(someone: Someone, town: Town) -> None:
    """As an order of the hotline does: the main case ended, it is answered by itself and not ended with it."""
    main = report(someone("jiandu"), source="collector")["id"]
    joined = report(someone("jiandu"), source="collector")["id"]
    assert do(someone("zhiban"), joined, "join", answers={"main": main}).json()["state"] == "joining"
    assert do(someone("zhiban"), main, "void", answers={"reason": "误报"}).json()["state"] == "void"
    page = someone("zhiban").get(f"/cases/{joined}").json()
    assert (page["state"], page["closed"], page["ending"]) == ("to_file", None, "")
    assert page["facts"]["main_ending"] == "void"
