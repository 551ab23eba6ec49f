"""Deeds that come at the same moment: one commit, each its own answer; and answers without a page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.api.conftest import Someone
from tests.api.people import do, report
from tests.api.town import Town

MINIMAL = {"Prefer": "return=minimal"}


def test_a_minimal_answer_has_the_version_and_no_page(someone: Someone) -> None:
    desk = someone("shouli")
    case = report(desk)
    path = f"/cases/{case['id']}/actions/accept"
    key = {**MINIMAL, "Idempotency-Key": "once", "If-Match": f'"{case["version"]}"'}
    done = desk.post(path, json={}, headers=key)
    assert (done.status_code, done.content) == (204, b"")
    assert done.headers["ETag"] == f'"{case["version"] + 1}"'
    again = desk.post(path, json={}, headers=key)
    assert (again.status_code, again.headers["ETag"]) == (204, done.headers["ETag"])
    other = desk.post(path, json={"answers": {"x": 1}}, headers=key)
    assert other.status_code == 409


def test_of_two_who_act_at_once_one_wins_and_the_other_is_told(someone: Someone, town: Town) -> None:
    desk = someone("shouli")
    cases = [report(desk)["id"] for _ in range(4)]

    def act(case: int) -> Any:
        return do(someone("shouli"), case, "accept")

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(act, [one for one in cases for _ in range(2)]))
    for at in range(4):
        codes = sorted(answer.status_code for answer in answers[2 * at : 2 * at + 2])
        assert codes in ([200, 422], [200, 409])
    with town.store.reader() as reader:
        kinds = [one.kind for one in reader.journal(limit=10_000)]
    assert kinds.count("case.accept") == 4
    assert town.store.verify().sound
