"""Several processes answer for one city: what one of them does holds for all, one judges, and what dies comes back."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from msgspec.structs import replace
from tests.api.people import CATEGORY
from tests.api.sensorthings.conftest import thing_body
from tests.api.town import PASSWORD
from tests.app.served_city import Served, Talker, family, founded, served, talkers, until
from tests.conftest import Databases

from hutong.app.city import OpenCity
from hutong.app.clocks import SystemClock
from hutong.app.listening import listening, port_of
from hutong.app.seeding import Seeder
from hutong.app.web_worker import Task, work
from hutong.kernel.base import Entity, noun_name
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.pack import AccountEntry
from hutong.kernel.party import Account
from hutong.store import open_store
from hutong.store.checkpoints import read_heads

SEVERAL, TWO = 3, 2


class City:
    """The city that one kind of database keeps for all tests of this file, and its server."""

    def __init__(self, run: Served, database: str | None) -> None:
        self.run, self.database = run, database
        self.place = database or str(run.folder)

    def beside(self) -> OpenCity:
        return OpenCity(self.run.folder, SystemClock(), self.database, (), beside=True)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("served") / "city"
    if request.param == "sqlite":
        with served(founded(folder), SEVERAL) as run:
            yield City(run, None)
        return
    databases: Databases = request.getfixturevalue("postgres_databases")
    with databases() as place, served(founded(folder, place), TWO, place) as run:
        yield City(run, place)


@pytest.fixture
def people(city: City) -> Iterator[list[Talker]]:
    with talkers(city.run) as found:
        assert len(found) == city.run.workers
        yield found


def opened(talker: Talker) -> str:
    """The number of a case that this process opens."""
    body = {"category": CATEGORY, "source": "public", "text": "垃圾", "position": [121.405, 31.205]}
    answer = talker.post("/cases", json=body)
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


def numbers(talker: Talker) -> set[str]:
    rows = talker.client.get("/cases", params={"limit": 1000}).json()["rows"]
    return {row["number"] for row in rows}


def test_cases_of_all_processes_are_numbered_once(people: list[Talker]) -> None:
    assert people[0].sign_in("shouli").status_code == 200
    for other in people[1:]:
        other.joins(people[0])
    with ThreadPoolExecutor(len(people)) as threads:
        found = [
            number
            for part in threads.map(lambda one: [opened(one) for _ in range(20)], people)
            for number in part
        ]
    assert len(set(found)) == len(found) == 20 * len(people)
    for one in people:
        assert set(found) <= numbers(one)


def test_signing_out_at_one_process_ends_the_session_at_all(people: list[Talker]) -> None:
    assert people[1].sign_in("shouli").status_code == 200
    for other in people:
        other.joins(people[1])
        assert other.client.get("/session").status_code == 200
    cookies = dict(people[0].client.cookies)
    assert people[-1].client.delete("/session", headers=people[-1].headers).status_code == 204
    for other in people:
        other.client.cookies.update(cookies)
        assert other.client.get("/session").status_code == 401


def test_accounts_that_come_and_go_are_known_at_once_everywhere(city: City, people: list[Talker]) -> None:
    beside = city.beside()
    account = added(beside, "xin")
    for one in people:
        assert one.sign_in("xin").status_code == 200
        assert "judge warning" in one.client.get("/session").json()["account"]["may"]
    with beside.store.reader() as reader:
        row = reader.get(Account, account)
    written(beside, "account.disable", replace(row, disabled=beside.clock.city_time()))
    beside.directory_changed()
    for one in people:
        assert one.client.get("/session").status_code == 401
        assert one.sign_in("xin").status_code == 401
    beside.close()


def added(city: OpenCity, login: str) -> int:
    seeder = Seeder(city.store, city.city, city.clock.city_time())
    known = city.directory()
    seeder.organisations = dict(known.organisation_codes)
    entry = AccountEntry(login=login, name="新来", organisation="supervision", roles=("receptionist",))
    rows = seeder.account(entry, PasswordHasher(1, 8, 1).hash(PASSWORD))
    written(city, "account.add", *rows)
    city.directory_changed()
    return next(row.id for row in rows if isinstance(row, Account))


def written(city: OpenCity, kind: str, *rows: Entity) -> None:
    subjects = tuple((noun_name(type(row)), row.id) for row in rows)
    record = Record(kind=kind, actor=0, at=city.clock.city_time(), subjects=subjects)
    city.store.apply(Changes(puts=rows, records=(record,)))


def test_wrong_passwords_are_counted_over_all_processes(people: list[Talker]) -> None:
    guesses = [people[at % len(people)].sign_in("zhiban", f"wrong {at}").status_code for at in range(5)]
    assert guesses == [401] * 5
    # Whoever is too slow for the first wait meets the next, twice as long.
    assert until(lambda: {one.sign_in("zhiban", "again").status_code for one in people} == {429}, "a wait")


def sta(talker: Talker, method: str, path: str, body: Any = None) -> Any:
    url = str(talker.client.base_url).replace("/api/v1/", "/sta/v1.1")
    answer = talker.client.request(method, url + path, json=body, auth=("xitong", PASSWORD))
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def test_what_a_further_process_is_sent_is_judged_by_the_first(people: list[Talker]) -> None:
    worker = people[1]
    streams = sta(worker, "GET", "/Datastreams?$expand=Thing&$top=100")["value"]
    gauge = next(one["@iot.id"] for one in streams if one["Thing"]["name"].startswith("1号积水点"))
    now = datetime.now(UTC)
    for minutes in (4, 3, 2, 1, 0):
        row = {"result": 0.2, "phenomenonTime": (now - timedelta(minutes=minutes)).isoformat()}
        assert sta(worker, "POST", f"/Datastreams({gauge})/Observations", row)["@iot.id"]
    assert people[-1].sign_in("shouli").status_code == 200
    warnings = people[-1].client.get("/warnings").json()["rows"]
    assert [one["rule"] for one in warnings] == ["drainage.flooding"]
    assert warnings[0]["case"]["number"] in numbers(people[-1])


def test_a_thing_with_all_that_is_inside_it_comes_in_at_a_further_process(people: list[Talker]) -> None:
    body = thing_body()
    body["Datastreams"][0]["Observations"] = [{"result": 21.5, "phenomenonTime": "2026-07-18T10:00:00Z"}]
    made = sta(people[-1], "POST", "/Things", body)
    for one in people:
        (stream,) = sta(one, "GET", f"/Things({made['@iot.id']})/Datastreams")["value"]
        rows = sta(one, "GET", f"/Datastreams({stream['@iot.id']})/Observations")["value"]
        assert 21.5 in [row["result"] for row in rows]
        row = {"result": 20.0 + people.index(one)}
        assert sta(one, "POST", f"/Datastreams({stream['@iot.id']})/Observations", row)["@iot.id"]
    assert len(sta(people[0], "GET", f"/Datastreams({stream['@iot.id']})/Observations")["value"]) == 1 + len(
        people
    )


def test_every_process_tells_of_the_gateways_of_the_first(people: list[Talker]) -> None:
    for one in people:
        assert one.sign_in("xitong").status_code == 200
        answer = one.client.get("/gateways")
        assert answer.status_code == 200, answer.text
        assert one.client.get("/devices").status_code == 200


def test_a_killed_process_comes_back_and_nothing_is_lost(city: City, people: list[Talker]) -> None:
    first, victim = people[:2]
    assert first.sign_in("shouli").status_code == 200
    victim.joins(first)
    kept = [opened(victim) for _ in range(5)]
    os.kill(victim.process, signal.SIGKILL)
    assert set(kept) <= numbers(first)
    assert opened(first)
    before = {one.process for one in people}
    until(
        lambda: len(web := city.run.web()) == city.run.workers and victim.process not in web, "a new process"
    )
    with talkers(city.run) as again:
        (fresh,) = [one for one in again if one.process not in before]
        fresh.joins(first)
        assert set(kept) <= numbers(fresh)
        assert opened(fresh) not in kept


def events(talker: Talker, told: list[str]) -> bool:
    """Takes down all that is told until the stream ends, as it should."""
    with talker.client.stream("GET", "/events", headers=talker.headers) as stream:
        told.extend(stream.iter_text())
    return True


def test_ctrl_c_ends_all_and_the_records_are_sound(city: City, people: list[Talker]) -> None:
    """The last test of this file: nobody serves the city after it. Consoles are open, and hear what any process does."""
    processes = family(city.run.process.pid)
    assert len(processes) >= city.run.workers + 1  # The packing process too.
    assert people[0].sign_in("shouli").status_code == 200
    listeners = [Talker(city.run) for _ in people]
    told: list[list[str]] = [[] for _ in listeners]
    for one in (*people[1:], *listeners):
        one.joins(people[0])
    with ThreadPoolExecutor(len(listeners)) as threads:
        streams = [threads.submit(events, one, heard) for one, heard in zip(listeners, told, strict=True)]
        until(lambda: all(told), "the beginning of the streams")
        made = [opened(one) for one in people]
        until(lambda: all(number in "".join(heard) for number in made for heard in told), "the news")
        city.run.stop()
        assert all(one.result(30) for one in streams)
    assert not [one for one in processes[1:] if Path(f"/proc/{one}").exists() and one in family(one)]
    store = open_store(city.place, clock=SystemClock(), folder=city.run.folder, beside=True)
    try:
        report = store.verify()
        assert report.sound, report.faults
        with store.database.read() as tx:
            heads = read_heads(tx)
        points = store.checkpoints.read()
        assert points[-1].heads == heads
        positions = [point.heads[0].position for point in points]
        assert positions == sorted(set(positions))
    finally:
        store.abandon()
    assert "Traceback" not in city.run.said()


def test_who_reads_other_definitions_than_the_first_process_did_refuses_to_answer(tmp_path: Path) -> None:
    folder = founded(tmp_path / "city")
    ours, theirs = socket.socketpair()
    (port,) = listening("127.0.0.1", 0, shared=True)
    task = Task(
        folder=str(folder), database=None, packs=(), host="127.0.0.1", port=port_of([port]),
        line=theirs.detach(), definitions="of another day",
    )  # fmt: skip
    with ours, port:
        assert work(task) == 1
