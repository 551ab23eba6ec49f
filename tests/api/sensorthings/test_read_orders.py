"""Observations in other orders than that of time: pages go on behind the last row, whatever arrives between."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.sensorthings.conftest import Client

DAY = "2026-07-18T10:"


def send(admin: Client, stream: int, minute: int, result: float, **more: Any) -> None:
    body = {"phenomenonTime": f"{DAY}{minute:02}:00Z", "result": result, **more}
    admin.post(f"/Datastreams({stream})/Observations", body)


@pytest.mark.parametrize("order", ["result desc", "result", "parameters/depth desc,result"])
def test_pages_stay_while_rows_arrive(admin: Client, stream: int, order: str) -> None:
    """Rows come both before and behind the place where the page ended: none is told twice, none of the first is left out."""
    for minute, result in enumerate((3, 1, 1, 5, 4, 2)):
        send(admin, stream, minute, result, parameters={"depth": result % 2})
    asked = {"$orderby": order, "$top": "2"}
    whole = [one["@iot.id"] for one in admin.get("/Observations", params={"$orderby": order})["value"]]
    page = admin.get("/Observations", params=asked)
    found = [one["@iot.id"] for one in page["value"]]
    late = iter((6, 0, 1.5, 7, -1, 3.5))
    minute = 20
    while "@iot.nextLink" in page:
        for result in (next(late, None), next(late, None)):
            if result is not None:
                send(admin, stream, minute, result, parameters={"depth": 1})
                minute += 1
        page = admin.get(page["@iot.nextLink"])
        found += [one["@iot.id"] for one in page["value"]]
    assert len(set(found)) == len(found)
    assert [one for one in found if one in whole] == whole


def test_a_row_that_goes_between_pages_takes_no_other_with_it(admin: Client, stream: int) -> None:
    for minute in range(4):
        send(admin, stream, minute, minute)
    page = admin.get("/Observations?$orderby=result&$top=2")
    for one in page["value"]:
        assert admin.send("DELETE", f"/Observations({one['@iot.id']})").status_code == 200
    assert [one["result"] for one in admin.get(page["@iot.nextLink"])["value"]] == [2, 3]


def test_by_the_name_of_the_datastream(admin: Client, thing: dict[str, Any], stream: int) -> None:
    other = dict(thing["Datastreams"][0])
    made = admin.get(f"/Datastreams({stream})?$expand=Sensor,ObservedProperty")
    second = {name: other[name] for name in ("description", "observationType", "unitOfMeasurement")} | {
        "name": "A name before it",
        "Thing": {"@iot.id": thing["@iot.id"]},
        "Sensor": {"@iot.id": made["Sensor"]["@iot.id"]},
        "ObservedProperty": {"@iot.id": made["ObservedProperty"]["@iot.id"]},
    }
    before = admin.post("/Datastreams", second)["@iot.id"]
    send(admin, stream, 1, 1)
    send(admin, before, 2, 2)
    for order, expected in (("Datastream/name", [2, 1]), ("Datastream/name desc", [1, 2])):
        page = admin.get("/Observations", params={"$orderby": order, "$top": "1"})
        found = page["value"] + admin.get(page["@iot.nextLink"])["value"]
        assert [one["result"] for one in found] == expected


@pytest.mark.parametrize("token", ["x", "!!", "W10", "WyJhIiwiYiJd", "4", "bnVsbA", "W1tbXSwxXSwxXQ", "é"])
def test_a_place_of_somebody_else_is_refused(admin: Client, stream: int, token: str) -> None:
    send(admin, stream, 1, 1)
    answer = admin.send("GET", "/Observations", params={"$orderby": "result", "$skiptoken": token})
    assert answer.status_code == 400, answer.text
    assert "$skiptoken" in answer.text
