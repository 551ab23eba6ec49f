"""Reading on both databases: filters of every kind, also generated ones, against a naive evaluation."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.sensorthings.conftest import Client
from tests.api.sensorthings.read_face import NAMES, PROPERTIES, reading_face


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def face(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("read")
    with ExitStack() as stack:
        place: Any = folder
        if request.param == "postgresql":
            place = stack.enter_context(request.getfixturevalue("postgres_databases")())
        client, _ = stack.enter_context(reading_face(place, folder))
        yield client


def names(face: Client, path: str, text: str) -> list[str]:
    found = face.get(path, params={"$filter": text, "$orderby": "id", "$top": "1000"})["value"]
    return [one["name"] for one in found]


ROOMS = "description ge 'room' and description lt 'roon' and "
POINT = "geography'POINT(121.403 31.205)'"
BOX = "geography'POLYGON((121.4015 31.2,121.4035 31.2,121.4035 31.21,121.4015 31.21,121.4015 31.2))'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Datastreams/Observations/result gt 41", ["Entry", "Foyer"]),
        (
            "Datastreams/ObservedProperty/name eq 'Property 1' and Datastreams/name ne 'Den air'",
            ["Entry", "Foyer"],
        ),
        ("not (Datastreams/ObservedProperty/name eq 'Property 1')", ["Attic", "Bath", "Cellar"]),
        ("Locations/name eq 'House 1' or properties/n eq 1", ["Attic", "Bath", "Den", "Foyer"]),
        ("Locations/Things/name eq 'Den'", ["Den"]),
        ("HistoricalLocations/time gt 2026-01-01T00:00:00Z and Datastreams/name eq 'Den air'", ["Den"]),
        ("properties/n gt '2'", ["Bath", "Den", "Foyer"]),
        ("properties/n eq '7'", ["Den"]),
        ("properties/n ne '7' and properties/n gt 0", ["Attic", "Bath", "Foyer"]),
        ("properties/deep/x eq 1", ["Attic"]),
        ("properties/s eq 'a''b'", ["Foyer"]),
        ("properties/flag", ["Cellar"]),
        ("properties/s eq null", ["Den"]),
        ("substring(name,1,2) eq 'tt'", ["Attic"]),
        ("indexof(name,'t') eq 1 and length(concat(name,'!')) eq 6", ["Attic"]),
        ("trim(concat(' ',name)) eq 'Bath' and toupper(name) eq 'BATH'", ["Bath"]),
        ("(properties/n mul 2 sub 1) div 2 eq 2", ["Bath"]),
        ("properties/n mod 2 eq 0.5", ["Bath"]),
        (
            "round(properties/n) eq 3 or floor(properties/n) eq 1 or ceiling(properties/n) eq -3",
            ["Attic", "Bath", "Cellar"],
        ),
        (f"geo.distance(Locations/location,{POINT}) lt 0.0011", ["Attic", "Bath", "Cellar"]),
        (f"geo.distance(Locations/location,{POINT}) gt 0.0025", ["Entry", "Foyer"]),
        (f"geo.length(Locations/location) eq 0 and st_within(Locations/location,{BOX})", ["Attic", "Bath"]),
        (f"st_relate(Locations/location,{BOX},'T*F**F***')", ["Attic", "Bath"]),
        (f"geo.intersects(Locations/location,{POINT}) or st_equals({POINT},Locations/location)", ["Bath"]),
        (f"st_contains({BOX},Locations/location)", ["Attic", "Bath"]),
        (f"st_disjoint(Locations/location,{BOX}) and name lt 'E'", ["Cellar", "Den"]),
    ],
)
def test_things(face: Client, text: str, expected: list[str]) -> None:
    assert names(face, "/Things", f"{ROOMS}({text})") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("phenomenonTime ge 2026-07-18T14:00:00Z", ["Entry air", "Foyer air"]),
        ("phenomenonTime/end lt 2026-07-18T11:00:00Z", ["Attic air"]),
        ("during(phenomenonTime,2026-07-18T11:00:00Z/PT1H)", ["Bath air"]),
        (f"st_within(observedArea,{BOX})", ["Attic air", "Bath air"]),
        (
            "Thing/Locations/name eq 'House 1' and Sensor/name eq 'DHT22'",
            ["Bath air", "Den air", "Foyer air"],
        ),
        ("Observations/parameters/depth eq 1.5 and Observations/result lt 20", ["Attic air", "Bath air"]),
        ("Observations/phenomenonTime gt 2026-07-18T15:00:00Z", ["Foyer air"]),
        ("Thing/properties/n eq 100", ["Foyer air"]),
    ],
)
def test_datastreams(face: Client, text: str, expected: list[str]) -> None:
    assert names(face, "/Datastreams", f"({text}) and name ge 'A' and name lt 'G'") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("result gt '52'", [53]),
        ("parameters/depth ge 1 and parameters/who eq 'p2' and result lt 20", [2, 12]),
        ("fractionalseconds(phenomenonTime) eq 0.25 and hour(phenomenonTime) eq 15", [50, 51, 52, 53]),
        ("date(phenomenonTime) eq 2026-07-18 and time(phenomenonTime) lt 10:02:00", [0, 1]),
        (
            "year(resultTime) eq 2026 and month(resultTime) eq 7 and day(resultTime) eq 18 and result eq 3",
            [3],
        ),
        ("totaloffsetminutes(2026-01-01T00:00:00+08:00) eq 480 and result eq 5.0 or result eq 11", [11]),
        (
            "phenomenonTime lt now() and phenomenonTime gt mindatetime() and maxdatetime() gt now() and result eq 1",
            [1],
        ),
        ("resultTime sub phenomenonTime eq duration'PT29.75S' and result lt 2", [0, 1]),
        ("phenomenonTime add duration'PT1H' gt 2026-07-18T16:03:00Z", [53]),
        ("after(phenomenonTime,2026-07-18T15:02:00Z)", [52, 53]),
        ("before(phenomenonTime,2026-07-18T10:01:00Z/2026-07-18T11:00:00Z)", [0]),
        ("during(phenomenonTime,2026-07-18T10:01:00Z/PT2M)", [1, 2]),
        ("overlaps(phenomenonTime,PT2M/2026-07-18T10:02:00Z)", [0, 1]),
        (
            "starts(phenomenonTime,2026-07-18T10:01:00.250Z/P1D) or finishes(phenomenonTime,P1D/2026-07-18T10:02:00.250Z)",
            [1, 2],
        ),
        ("meets(phenomenonTime,2026-07-18T10:03:00.250Z/P1D)", [3]),
        ("Datastream/Thing/name eq 'Den' or result eq 1", [1, 30, 31, 32, 33]),
        ("not (Datastream/Thing/properties/n ne 100) and result mod 2 eq 1", [51, 53]),
        (f"st_within(FeatureOfInterest/feature,{BOX}) and result mod 10 eq 0", [0, 10]),
        ("Datastream/ObservedProperty/name eq 'Property 1' and result lt 32", [30, 31]),
        ("startswith(parameters/who,'p3') and result lt 20", [3, 13]),
        ("result in (1,'11',99)", [1, 11]),
        ("-result le -52", [52, 53]),
    ],
)
def test_observations(face: Client, text: str, expected: list[int]) -> None:
    found = face.get("/Observations", params={"$filter": text, "$top": "1000"})["value"]
    assert [one["result"] for one in found] == expected


def test_historical_locations_and_features(face: Client) -> None:
    where = {"$filter": "Thing/name eq 'Den' and time lt 2100-01-01T00:00:00Z", "$expand": "Thing,Locations"}
    found = face.get("/HistoricalLocations", params=where)["value"]
    assert [(one["Thing"]["name"], one["Locations"][0]["name"]) for one in found] == [("Den", "House 1")]
    none = face.get("/HistoricalLocations", params={"$filter": "Locations/name eq 'nowhere'"})
    assert none["value"] == []
    walked, url = [], "/HistoricalLocations?$top=2"
    while url:
        page = face.get(url)
        assert len(page["value"]) <= 2
        walked += [one["@iot.id"] for one in page["value"]]
        url = page.get("@iot.nextLink", "")
    every = face.get("/HistoricalLocations?$orderby=id&$top=1000")["value"]
    assert walked == [one["@iot.id"] for one in every]
    features = face.get("/FeaturesOfInterest", params={"$filter": "Observations/result eq 12"})["value"]
    assert [one["name"] for one in features] == ["House 1"]
    by_stream = {"$filter": "Observations/Datastream/name eq 'Den air'"}
    assert [one["name"] for one in face.get("/FeaturesOfInterest", params=by_stream)["value"]] == ["House 1"]


Test = Callable[[dict[str, Any]], bool]
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip


def _compared(sign: str, left: Any, right: Any) -> bool:
    if sign == "ne":
        return not _compared("eq", left, right)
    number = isinstance(left, int | float) and not isinstance(left, bool)
    if left is None or number != isinstance(right, int | float) or isinstance(left, bool):
        return False
    return _SIGNS[sign](left, right)


def _numeric(sign: str, shift: int, limit: float) -> tuple[str, Test]:
    def test(row: dict[str, Any]) -> bool:
        value = row["properties"].get("n")
        known = isinstance(value, int | float)
        return _compared(sign, value + shift if known else None, limit)  # type: ignore[operator]

    return f"properties/n add {shift} {sign} {limit}", test


def _textual(sign: str, path: str, text: str) -> tuple[str, Test]:
    def test(row: dict[str, Any]) -> bool:
        value = row["name"] if path == "name" else row["properties"].get("s")
        return _compared(sign, value, text)

    return f"{path} {sign} '{text.replace(chr(39), chr(39) * 2)}'", test


def _partly(function: str, text: str) -> tuple[str, Test]:
    act = {"contains": operator.contains, "startswith": str.startswith, "endswith": str.endswith}[function]

    def test(row: dict[str, Any]) -> bool:
        value = row["properties"].get("s")
        return isinstance(value, str) and bool(act(value, text))

    return f"{function}(properties/s,'{text.replace(chr(39), chr(39) * 2)}')", test


SIGN = st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"])
TEXT = st.sampled_from(["", "a", "b", "Z", "中文", "'", "a b", "Den", "%_"])
LEAF = st.one_of(
    st.builds(_numeric, SIGN, st.integers(-3, 3), st.sampled_from([-3, 0, 1, 2.5, 7, 1e300])),
    st.builds(_textual, SIGN, st.sampled_from(["name", "properties/s"]), TEXT),
    st.builds(_partly, st.sampled_from(["contains", "startswith", "endswith"]), TEXT),
)


def _both(word: str, one: tuple[str, Test], other: tuple[str, Test]) -> tuple[str, Test]:
    join = all if word == "and" else any
    return f"({one[0]}) {word} ({other[0]})", lambda row: join((one[1](row), other[1](row)))


def _negated(one: tuple[str, Test]) -> tuple[str, Test]:
    return f"not ({one[0]})", lambda row: not one[1](row)


FILTER = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.builds(_both, st.sampled_from(["and", "or"]), inner, inner), st.builds(_negated, inner)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=FILTER)
def test_generated_filters_answer_as_a_naive_evaluation(face: Client, made: tuple[str, Test]) -> None:
    text, test = made
    rows = [{"name": name, "properties": one} for name, one in zip(NAMES, PROPERTIES, strict=True)]
    assert names(face, "/Things", f"{ROOMS}({text})") == [row["name"] for row in rows if test(row)]


_WORDS = st.sampled_from(
    ["name", "id", "properties/n", "Datastreams/name", "result", "phenomenonTime", "1", "'x'", "null", "true", "and",
     "or", "not", "eq", "gt", "add", "mod", "(", ")", ",", "length(", "year(", "st_within(", "geo.distance(", "now()",
     "geography'POINT(1 2)'", "2026-07-18T00:00:00Z", "duration'PT1H'", "P1D/2026-07-18T00:00:00Z", "in", "'"]
)  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(_WORDS, max_size=9), path=st.sampled_from(["/Things", "/Observations", "/Datastreams"]))
def test_no_filter_breaks_the_server(face: Client, words: list[str], path: str) -> None:
    answer = face.send("GET", path, params={"$filter": " ".join(words), "$top": "2"})
    assert answer.status_code in (200, 400), (words, answer.text)
