"""A case that joins another at the moment when that one ends, and those who looked at a case before another joined it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.api.conftest import Someone
from tests.api.people import do, report
from tests.api.town import Town

from hutong.engine.flow.cases import Act
from hutong.kernel.access import Actor
from hutong.kernel.case import Case
from hutong.kernel.errors import Conflict, Invalid


def actor(town: Town, login: str) -> Actor:
    account = next(one for one in town.directory.accounts.values() if one.login == login)
    return town.directory.actor(account.id, town.clock.city_time())


@pytest.fixture
def two(someone: Someone) -> tuple[int, int]:
    """The main case, and the one that is to join it."""
    main, other = (report(someone("jiandu"), source="collector")["id"] for _ in range(2))
    return main, other


@pytest.mark.parametrize("first", ["join", "void"])
def test_whichever_is_stored_first_none_waits_for_ever(two: tuple[int, int], town: Town, first: str) -> None:
    """Both are decided on the same view of the store; then one after the other is committed."""
    main, other = two
    join = Act(case=other, action="join", answers={"main": main})
    void = Act(case=main, action="void", answers={"reason": "误报"})
    chief = actor(town, "zhiban")
    with town.store.reader() as reader:
        decided = {
            name: town.cases.decided(reader, one, chief) for name, one in (("join", join), ("void", void))
        }
    (second,) = {"join", "void"} - {first}
    town.store.apply(decided[first].changes)
    with pytest.raises(Conflict):
        town.store.apply(decided[second].changes)
    if first == "join":
        town.cases.act(void, chief)
    else:
        with pytest.raises(Invalid, match="has ended"):
            town.cases.act(join, chief)
    with town.store.reader() as reader:
        ended, joined = reader.get(Case, main), reader.get(Case, other)
        kinds = [one.kind for one in reader.journal(subject=("case", other), limit=100)]
    assert ended.state == "void"
    assert joined.state == ("joined" if first == "join" else "to_file")
    assert kinds.count("case.end_joined") == (first == "join")


def test_a_race_of_threads_leaves_nobody_behind(someone: Someone, town: Town) -> None:
    chief = actor(town, "zhiban")
    errors: list[Exception] = []

    def run(start: threading.Barrier, wanted: Act, fits: type[Exception] | tuple[()]) -> None:
        start.wait()
        try:
            town.cases.act(wanted, chief)
        except Exception as error:
            if not isinstance(error, fits):
                errors.append(error)

    pairs = [[report(someone("jiandu"), source="collector")["id"] for _ in range(2)] for _ in range(4)]
    for main, other in pairs:
        start = threading.Barrier(2)
        works: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
            (run, (start, Act(case=other, action="join", answers={"main": main}), Invalid)),
            (run, (start, Act(case=main, action="void", answers={"reason": "误报"}), ())),
        ]
        threads = [threading.Thread(target=work, args=args) for work, args in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []
    with town.store.reader() as reader:
        assert {reader.get(Case, main).state for main, _ in pairs} == {"void"}
        assert {reader.get(Case, other).state for _, other in pairs} <= {"joined", "to_file"}


def test_joining_takes_nothing_from_those_at_the_main_case(
    someone: Someone, town: Town, two: tuple[int, int]
) -> None:
    """Who looked at it before may still act on what they saw, and take back what they did."""
    main, other = two
    seen = do(someone("zhiban"), main, "file").json()["version"]
    assert do(someone("zhiban"), other, "join", answers={"main": main}).status_code == 200
    page = someone("zhiban").get(f"/cases/{main}").json()
    assert page["version"] == seen + 1
    assert [one["action"] for one in page["timeline"]][-1] == "take_in"
    answers = {"organisation": town.directory.organisation("drainage")}
    header = {"If-Match": f'"{seen}"'}
    done = do(someone("paiqian"), main, "dispatch", answers=answers, headers=header)
    assert done.status_code == 200
    late = do(someone("paiqian"), main, "dispatch", answers=answers, headers=header)
    assert late.status_code == 409, "that did change what was seen"
    third = report(someone("jiandu"), source="collector")["id"]
    assert do(someone("zhiban"), third, "join", answers={"main": main}).status_code == 200
    undone = someone("paiqian").post(f"/cases/{main}/undo")
    assert (undone.status_code, undone.json()["state"]) == (200, "to_dispatch")
