"""Where retention has left hourly values alone: whole hours are answered, other windows refused, cases still explained."""

from __future__ import annotations

import numpy as np
import pytest
from tests.api.conftest import Person, Someone
from tests.api.feed import minutes, stream
from tests.api.town import Town

from hutong.engine.flow.explaining import explanation
from hutong.kernel.base import HOUR
from hutong.kernel.case import Case
from hutong.store.archive.thinning import Drop, Thinner

LEVELS = [0.0, 0.1, 0.3, 0.3, 0.3, 0.02, 0.01]
SPAN = "start=2026-07-18T11:00:00Z&end=2026-07-18T12:00:00Z"


@pytest.fixture
def person(someone: Someone, town: Town) -> Person:
    minutes(town, "W1", "ponding", LEVELS)
    return someone("shouli")


def thinned(town: Town, id: int) -> None:
    """Rows of a stream before now go, as the packer of a served city deletes them."""
    (packer,) = town.store.packers()
    assert packer.pack_all()
    files = town.store.archive
    thinner = Thinner(packer, town.store.database, 1, town.store.observations, files, "Asia/Shanghai")
    hour = (town.clock.city // HOUR + 1) * HOUR
    assert thinner.thin(Drop(np.array([id]), hour, 0)) == len(LEVELS)
    packer.leave_lease()


def test_whole_hours_are_answered_and_others_refused(person: Person, town: Town) -> None:
    id = stream(town, "W1", "ponding")
    paths = (f"/streams/{id}/rollups?{SPAN}", f"/streams/aggregates?streams={id}&{SPAN}")
    before = [person.get(path).json() for path in paths]
    assert [one["n"] for one in before] == [[7], [7]]
    assert person.get(f"/streams/{id}").json()["hourly_before"] is None
    thinned(town, id)
    assert person.get(f"/streams/{id}").json()["hourly_before"] == "2026-07-18T12:00:00Z"
    assert [person.get(path).json() for path in paths] == before
    for path in paths:
        refused = person.get(f"{path}&window=PT10M")
        assert (refused.status_code, refused.json()["field"]) == (400, "window")
        assert "rows before 2026-07-18T12:00:00Z are kept as hourly values only" in refused.json()["reason"]
        assert "whole hours" in refused.json()["remedy"]
        cut = person.get(path.replace("T11:00:00Z", "T11:00:30Z"))
        assert (cut.status_code, cut.json()["field"]) == (400, "start")
        early = person.get(path.replace("T12:00:00Z", "T11:59:00Z"))
        assert (early.status_code, early.json()["field"]) == (400, "end")
        later = "start=2026-07-18T12:00:30Z&end=2026-07-18T12:10:00Z"
        assert person.get(f"{path.replace(SPAN, later)}&window=PT1M").status_code == 200


def test_a_case_is_explained_by_rows_that_are_deleted(someone: Someone, town: Town) -> None:
    minutes(town, "W1", "ponding", LEVELS)
    desk = someone("shouli")
    raised = {one["rule"]: one for one in desk.get("/warnings").json()["rows"]}
    warning = raised["drainage.flooding"]
    verdict = {"verdict": "confirmed", "reason": "视频可见积水"}
    case = desk.post(f"/warnings/{warning['id']}/judge", json=verdict).json()["case"]["id"]
    pages = (f"/warnings/{warning['id']}", f"/cases/{case}", f"/cases/{case}/explanation")
    before = [desk.get(page).json() for page in pages]
    evidence = before[0]["evidence"]
    assert max(one["number"] for one in evidence) == 0.3
    id = stream(town, "W1", "ponding")
    links = [f"/sta/v1.1/Observations({one['observation']})" for one in evidence]
    assert {desk.client.get(link).status_code for link in links} == {200}
    thinned(town, id)
    assert [desk.get(page).json() for page in pages] == before
    with town.store.reader() as reader:
        told = explanation(town.cases, reader, reader.get(Case, case)).text
    assert "0.3" in told.zh
    for link in links:
        gone = desk.client.get(link)
        assert gone.status_code == 404
        assert "there is no Observation" in gone.text
