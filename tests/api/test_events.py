"""Server-sent events over a real connection: live, resumed, filtered, ended."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import uvicorn
from tests.api.feed import minutes
from tests.api.town import PASSWORD, Town

from hutong.api.application import create_app
from hutong.api.context import ApiContext, Limits
from hutong.api.outbox import Listener, Outbox, Seen

Event = dict[str, Any]


class Wire:
    """A signed-in client of a real server."""

    def __init__(self, base: str, login: str) -> None:
        self.http = httpx.Client(base_url=base, timeout=10)
        answer = self.http.post("/session", json={"login": login, "password": PASSWORD})
        self.http.headers["X-CSRF-Token"] = answer.json()["csrf"]

    def report(self, text: str = "") -> dict[str, Any]:
        body = {"category": {"kind": "matter", "code": "06010"}, "source": "public", "text": text}
        answer = self.http.post("/cases", json={**body, "position": [121.405, 31.205]})
        assert answer.status_code == 201, answer.text
        page: dict[str, Any] = answer.json()
        return page

    def events(
        self, until: Callable[[list[Event]], bool], then: Callable[[], Any] | None = None, **more: Any
    ) -> list[Event]:
        """Reads events until enough were seen; `then` is done once the stream has begun."""
        found: list[Event] = []
        event: Event = {}
        with self.http.stream("GET", "/events", **more) as answer:
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                if name in ("id", "event", "data"):
                    event[name] = json.loads(value) if name == "data" else value
                if line == "" and "event" in event:
                    found.append(event)
                    event = {}
                    if then is not None:
                        then()
                        then = None
                    if until(found):
                        return found
        return found


@pytest.fixture
def serve() -> Iterator[Callable[[ApiContext], str]]:
    """Starts real servers; gives the address of the API."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(context: ApiContext) -> str:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(context), log_level="error", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.02)
        return f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(5)


def records(events: list[Event]) -> list[Event]:
    return [one for one in events if one["event"] == "record"]


def test_what_happens_is_told_as_it_happens(town: Town, serve: Callable[[ApiContext], str]) -> None:
    wire = Wire(serve(town.context), "shouli")
    events = wire.events(lambda found: bool(records(found)), wire.report)
    assert events[0]["event"] == "clock"
    assert events[0]["data"]["city_time"] == "2026-07-18T11:00:00Z"
    (told,) = records(events)
    assert told["data"]["kind"] == "case.open"
    assert told["data"]["subject"]["noun"] == "case"
    assert told["data"]["case_state"] == "received"
    assert told["data"]["position_lonlat"] == [121.405, 31.205]
    assert told["data"]["actor"]["name"]["zh"] == "沈受理"
    assert told["id"] == str(told["data"]["position"])


def test_a_reader_that_comes_back_misses_nothing(town: Town, serve: Callable[[ApiContext], str]) -> None:
    base = serve(town.context)
    wire = Wire(base, "shouli")
    (first,) = records(wire.events(lambda found: bool(records(found)), wire.report))
    ids = [wire.report()["id"] for _ in range(3)]
    for more in ({"headers": {"Last-Event-ID": first["id"]}}, {"params": {"after": first["id"]}}):
        resumed = records(wire.events(lambda found: len(records(found)) == 3, **more))
        assert [one["data"]["subject"]["id"] for one in resumed] == ids
        positions = [int(one["id"]) for one in resumed]
        assert positions == sorted(positions)


def test_resuming_beyond_memory_reads_the_journal(town: Town, serve: Callable[[ApiContext], str]) -> None:
    wire = Wire(serve(town.context), "shouli")
    ids = [wire.report()["id"] for _ in range(2)]
    other = Wire(serve(town.context), "shouli")
    found = records(other.events(lambda seen: len(records(seen)) == 2, params={"after": 0}))
    assert [one["data"]["subject"]["id"] for one in found] == ids
    assert other.http.get("/events", headers={"Last-Event-ID": "x"}).status_code == 400


def test_warnings_and_observations_are_told(town: Town, serve: Callable[[ApiContext], str]) -> None:
    wire = Wire(serve(town.context), "shouli")

    def flood() -> None:
        minutes(town, "W1", "ponding", [0.2, 0.2, 0.2])

    def enough(found: list[Event]) -> bool:
        return bool(records(found)) and any(one["event"] == "observations" for one in found)

    events = wire.events(enough, flood)
    warning = records(events)[0]["data"]
    assert warning["kind"] == "warning.raise"
    assert warning["colour"] == "yellow"
    assert "积水" in warning["title"]["zh"]
    batches = [one["data"] for one in events if one["event"] == "observations"]
    assert batches[-1]["source"] == "test"
    assert 1 <= sum(one["count"] for one in batches) <= 3


def test_signing_out_ends_the_stream(town: Town, serve: Callable[[ApiContext], str]) -> None:
    wire = Wire(serve(town.context), "shouli")
    events = wire.events(lambda found: len(found) > 20, lambda: wire.http.delete("/session"))
    assert len(events) <= 3


def test_nobody_listens_without_signing_in(town: Town, serve: Callable[[ApiContext], str]) -> None:
    assert httpx.get(f"{serve(town.context)}/events").status_code == 401


def test_a_reader_too_far_behind_is_let_go() -> None:
    listener = Listener(2)
    for position in range(3):
        listener.give(Seen((), (), position))
    assert listener.lost
    assert listener.queue.qsize() == 2


def test_recent_events_are_newest_first(town: Town, serve: Callable[[ApiContext], str]) -> None:
    wire = Wire(serve(replace(town.context, limits=Limits())), "shouli")
    ids = [wire.report()["id"] for _ in range(3)]
    deadline = time.monotonic() + 5
    rows: list[dict[str, Any]] = []
    while len(rows) < 3 and time.monotonic() < deadline:
        rows = wire.http.get("/events/recent", params={"limit": 10}).json()["rows"]
        time.sleep(0.05)
    assert [row["subject"]["id"] for row in rows] == ids[::-1]
    assert len(wire.http.get("/events/recent", params={"limit": 2}).json()["rows"]) == 2


def test_the_journal_is_read_for_those_who_listen_and_remembered_when_asked(
    town: Town, serve: Callable[[ApiContext], str]
) -> None:
    told: list[frozenset[str]] = []
    outbox = Outbox(town.context)
    outbox.watch(told.append)
    wire = Wire(serve(town.context), "shouli")
    first = wire.report("甲")
    unread = outbox.look(outbox.position)
    assert unread is not None
    assert (unread.read, unread.happenings) == (False, ())
    assert any("case" in nouns for nouns in told)
    outbox._tell(unread)
    assert outbox.since(0) is None
    assert outbox.recent()[0].shape.subject.id == first["id"]

    listener = outbox.listen()
    second = wire.report("乙")
    read = outbox.look(outbox.position)
    assert read is not None
    outbox._tell(read)
    (found,) = listener.queue.get_nowait().happenings
    assert found.shape.subject.id == second["id"]
    assert [one.shape.subject.id for one in outbox.recent()[:2]] == [second["id"], first["id"]]
    assert outbox.since(found.position - 1) == (found,)
