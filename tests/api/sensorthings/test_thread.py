"""The thread: a thing with a datastream, observations in, observations out."""

from __future__ import annotations

from tests.api.sensorthings.conftest import BASE, Client, thing_body

SETS = [
    "Things",
    "Locations",
    "HistoricalLocations",
    "Datastreams",
    "Sensors",
    "ObservedProperties",
    "Observations",
    "FeaturesOfInterest",
]


def test_the_root_lists_exactly_the_eight_sets_with_absolute_addresses(admin: Client) -> None:
    root = admin.get("")
    assert [one["name"] for one in root["value"]] == SETS
    assert [one["url"] for one in root["value"]] == [f"{BASE}/{name}" for name in SETS]
    for one in root["value"]:
        assert isinstance(admin.get(one["url"])["value"], list)


def test_deep_insert_then_observations_then_reading_them_back(admin: Client) -> None:
    answer = admin.send("POST", "/Things", json=thing_body())
    assert answer.status_code == 201
    own = answer.headers["Location"]
    assert own == f"{BASE}/Things({answer.json()['@iot.id']})"
    thing = admin.get(own + "?$expand=Datastreams/Observations,Locations")
    assert thing["name"] == "Kitchen"
    assert thing["properties"]["floor"] == 2
    assert thing["Locations"][0]["location"] == {"type": "Point", "coordinates": [121.405, 31.205]}
    stream = thing["Datastreams"][0]
    assert stream["unitOfMeasurement"]["symbol"] == "°C"
    assert stream["Observations"] == []
    for minute, result in enumerate((20.5, 21.25, 22)):
        body = {"phenomenonTime": f"2026-07-18T10:0{minute}:00Z", "result": result}
        sent = admin.send("POST", f"/Datastreams({stream['@iot.id']})/Observations", json=body)
        assert sent.status_code == 201, sent.text
        assert admin.get(sent.headers["Location"])["result"] == result
    back = admin.get(f"/Datastreams({stream['@iot.id']})/Observations?$orderby=phenomenonTime desc")
    assert [one["result"] for one in back["value"]] == [22, 21.25, 20.5]
    assert back["value"][0]["phenomenonTime"] == "2026-07-18T10:02:00Z"
    assert back["value"][0]["resultTime"] is None
    alone = admin.get(f"/Datastreams({stream['@iot.id']})")
    assert alone["phenomenonTime"] == "2026-07-18T10:00:00Z/2026-07-18T10:02:00Z"


def test_data_arrays(admin: Client, stream: int) -> None:
    rows = [[f"2026-07-18T09:{minute:02}:00Z", minute + 0.5] for minute in range(60)]
    body = [
        {"Datastream": {"@iot.id": stream}, "components": ["phenomenonTime", "result"], "dataArray": rows}
    ]
    links = admin.post("/CreateObservations", body)
    assert len(links) == 60
    assert admin.get(links[7])["result"] == 7.5
    page = admin.get(f"/Datastreams({stream})/Observations?$count=true&$top=50")
    assert page["@iot.count"] == 60
    assert len(page["value"]) == 50
    rest = admin.get(page["@iot.nextLink"])
    assert page["@iot.nextLink"].startswith(BASE)
    assert [one["result"] for one in rest["value"]] == [minute + 0.5 for minute in range(50, 60)]
    assert "@iot.nextLink" not in rest
