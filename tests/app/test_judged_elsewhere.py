"""The line between a web process and the one that judges: what is sent arrives as it was, and so do answers and errors."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hutong.app.judged_elsewhere import JudgingProcess, WebProcess
from hutong.app.spoken import beside_of, changes_of
from hutong.engine.flow.devices import PortState, Seen, Wire, WireFault
from hutong.engine.flow.upper import PlatformState
from hutong.kernel.base import Label
from hutong.kernel.changes import Amendment, Changes, Record
from hutong.kernel.errors import Conflict, HutongError, Invalid, Unavailable
from hutong.kernel.observation import ObservationBatch, Outcome, Refusal, batch
from hutong.kernel.thing import Datastream, Thing

SECONDS = 10.0
ROWS = ObservationBatch(
    source="test",
    stream=np.array([3, 1], np.int64),
    time=np.array([-5, 1 << 60], np.int64),
    number=np.array([float("nan"), -0.0]),
    quality=np.array([0, 17], np.uint8),
    feature=np.array([0, 9], np.int64),
    texts={0: "满\n"},
    documents={1: {"big": 1 << 80, "list": [1.5, None]}},
    parameters={0: {"a": True}},
)


class Judge:
    """An intake whose answers the test gives, and what else the judging process knows."""

    def __init__(self) -> None:
        self.sent: list[tuple[ObservationBatch, dict[str, Any]]] = []
        self.answers: list[Future[Outcome]] = []
        self.told = 0
        self.intake = self
        self.devices = SimpleNamespace(
            seen=lambda ids: {id: Seen(last=id, channels=("a",)) for id in ids if id != 2},
            wire=lambda: Wire(
                ports=[PortState(protocol="hj212", host="::", port=1)],
                faults=[WireFault(1, "hj212", "peer", "no message")],
                counts={"kept": 3},
                turned_away=4,
            ),
        )
        self.upper = SimpleNamespace(exchanges=lambda: {"12345": PlatformState(asked=8, trouble="no line")})

    def submit(self, rows: ObservationBatch, **given: Any) -> Future[Outcome]:
        self.sent.append((rows, given))
        self.answers.append(Future())
        return self.answers[-1]

    def changed(self) -> None:
        self.told += 1


@pytest.fixture
def judge() -> Judge:
    return Judge()


Ends = tuple[JudgingProcess, WebProcess, list[str]]


@pytest.fixture
def ends(judge: Judge) -> Iterator[Ends]:
    ours, theirs = socket.socketpair()
    ready: list[str] = []
    web = WebProcess(ours, judge, lambda: ready.append("ready"))
    judging = JudgingProcess(theirs)
    yield judging, web, ready
    judging.close()
    web.close()


def same(one: ObservationBatch, other: ObservationBatch) -> bool:
    return all(
        np.array_equal(mine, theirs, equal_nan=name == "number") and mine.dtype == theirs.dtype
        if isinstance(mine, np.ndarray)
        else mine == theirs
        for name in ObservationBatch.__struct_fields__
        for mine, theirs in [(getattr(one, name), getattr(other, name))]
    )


def sent(judge: Judge, judging: JudgingProcess) -> None:
    """Waits until the judging process has heard all that was said."""
    judging.changed()


def test_rows_arrive_as_they_were_sent_and_so_does_the_outcome(judge: Judge, ends: Ends) -> None:
    judging, _, _ = ends
    future = judging.submit(ROWS, cursors={"feed": "7"}, key="k", digest="d")
    sent(judge, judging)
    rows, given = judge.sent[0]
    assert same(rows, ROWS)
    assert given == {"cursors": {"feed": "7"}, "key": "k", "digest": "d", "beside": None}
    ids = np.array([3 << 32, (1 << 52) + 1], np.int64)
    judge.answers[0].set_result(Outcome(1, (Refusal(0, "time", "is late"),), np.array([1]), ids))
    found = future.result(SECONDS)
    assert (found.taken, found.refused) == (1, (Refusal(0, "time", "is late"),))
    assert found.rows is not None
    assert found.ids is not None
    assert (found.rows.tolist(), found.ids.tolist()) == ([1], ids.tolist())


def test_what_is_put_beside_arrives_as_the_rows_it_is_of() -> None:
    thing = Thing(
        id=5, type="base.sensor", code="S", name=Label("站"), geometry=b"\x01\xff", properties={"n": 1 << 70}
    )
    stream = Datastream(id=6, thing=5, sensor=1, observed_property=2, property_code="x", name="s", unit="m")
    record = Record(kind="thing.create", actor=1, at=2, subjects=(("thing", 5),), facts={"a": [1, "b"]})
    given = Changes(
        puts=(thing, stream), records=(record,), amends=(Amendment(9, ROWS, batch("t", [1], [2], [3.0])),)
    )
    found = changes_of(beside_of(given))
    assert (found.puts, found.records) == (given.puts, given.records)
    (amended,) = found.amends
    assert amended.row is not None
    assert same(amended.row, ROWS)


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("observations", "more rows wait than may", "send them again", retry_after=2),
        Conflict("state_version", "has moved", noun="rule_state", id=1, expected=2, found=3),
        Invalid("Observations[0].result", "is no number", "send one"),
    ],
)
def test_an_error_arrives_as_the_one_it_was(judge: Judge, ends: Ends, error: HutongError) -> None:
    judging, _, _ = ends
    future = judging.submit(ROWS)
    sent(judge, judging)
    judge.answers[0].set_exception(error)
    with pytest.raises(type(error)) as found:
        future.result(SECONDS)
    assert vars(found.value) == vars(error)


def test_a_fault_of_the_program_is_no_answer_of_the_city(judge: Judge, ends: Ends) -> None:
    judging, _, _ = ends
    future = judging.submit(ROWS)
    sent(judge, judging)
    judge.answers[0].set_exception(ZeroDivisionError("of nothing"))
    with pytest.raises(RuntimeError, match="ZeroDivisionError: of nothing"):
        future.result(SECONDS)


def test_answers_may_come_in_any_order(judge: Judge, ends: Ends) -> None:
    judging, _, _ = ends
    futures = [judging.submit(ROWS) for _ in range(3)]
    sent(judge, judging)
    for place in (2, 0, 1):
        judge.answers[place].set_result(Outcome(place))
    assert [one.result(SECONDS).taken for one in futures] == [0, 1, 2]


def test_a_change_is_known_when_it_was_told(judge: Judge, ends: Ends) -> None:
    judging, _, ready = ends
    judging.ready()
    judging.changed()
    assert (judge.told, ready) == (1, ["ready"])


def test_questions_about_what_only_the_judging_process_sees(judge: Judge, ends: Ends) -> None:
    judging, _, _ = ends
    assert judging.seen([1, 2]) == {1: Seen(last=1, channels=("a",))}
    assert judging.wire() == judge.devices.wire()
    assert judging.platforms() == {"12345": PlatformState(asked=8, trouble="no line")}


def test_who_waits_is_told_when_the_judging_process_has_gone(judge: Judge, ends: Ends) -> None:
    judging, web, _ = ends
    waiting = judging.submit(ROWS)
    sent(judge, judging)
    web.close()
    with pytest.raises(Unavailable) as found:
        waiting.result(SECONDS)
    assert found.value.facts["retry_after"] > 0
    with pytest.raises(Unavailable):
        judging.submit(ROWS).result(SECONDS)
    with pytest.raises(Unavailable):
        judging.changed()


def test_what_is_no_message_of_ours_ends_the_line(judge: Judge) -> None:
    ours, theirs = socket.socketpair()
    web = WebProcess(ours, judge, lambda: None)
    theirs.settimeout(SECONDS)
    theirs.sendall(b"\x02\x00\x00\x00{}")
    assert theirs.recv(1) == b""
    web.close()
    theirs.close()
    assert judge.sent == []
