"""The gateway server over real sockets: what is acknowledged is kept, and nobody can hurt the others."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest
from tests.gateways.conftest import Opens
from tests.gateways.port import MN, Peer, Port, packet

from hutong.gateways import keeper, server
from hutong.gateways.hj212.frame import framed
from hutong.gateways.raw import RawLog
from hutong.kernel.access import SYSTEM
from hutong.kernel.errors import Unavailable
from hutong.kernel.observation import ObservationBatch, Outcome


def until(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Waits for something that another thread does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def until_refused(send: Callable[[bytes], None], made: Callable[[], bytes], times: int) -> bool:
    """Sends again and again; was the connection closed, or its reading stopped, before it was done?"""
    try:
        for _ in range(times):
            send(made())
    except OSError:
        return True
    return False


def test_an_answer_means_that_it_is_kept(opens: Opens) -> None:
    port = opens()
    device = port.admit()
    peer = Peer(port.number)
    answer = peer.told(packet(1, 1.25))
    assert "CN=9014" in answer
    assert port.kept(device) == [1.25]
    seen = port.town.devices.live.of(device.id)
    assert seen is not None
    assert (seen.packets, seen.rows, seen.refused) == (1, 1, 0)


def test_a_resend_is_answered_and_kept_once(opens: Opens) -> None:
    port = opens()
    device = port.admit()
    peer = Peer(port.number)
    assert ["CN=9014" in peer.told(packet(1, 1.25)) for _ in range(3)] == [True] * 3
    assert "CN=9014" in peer.told(packet(1, 99.0))
    assert port.kept(device) == [1.25]


def test_answers_come_in_order(opens: Opens) -> None:
    port = opens(unanswered=16)
    device = port.admit()
    peer = Peer(port.number)
    peer.send(b"".join(packet(minute, minute / 10) for minute in range(300)))
    answers = [peer.answer() for _ in range(300)]
    assert [one.split(";")[0][-17:] for one in answers] == [
        packet(minute).decode().split(";")[0][-17:] for minute in range(300)
    ]
    assert port.kept(device) == pytest.approx([minute / 10 for minute in range(300)])


def test_nothing_is_answered_before_the_commit(opens: Opens) -> None:
    waiting: list[tuple[ObservationBatch, Future[Outcome]]] = []

    def submit(batch: ObservationBatch) -> Future[Outcome]:
        waiting.append((batch, Future()))
        return waiting[-1][1]

    port = opens(submit)
    port.admit()
    peer = Peer(port.number)
    peer.socket.settimeout(0.5)
    peer.send(packet(1))
    with pytest.raises(TimeoutError):
        peer.answer()
    waiting[0][1].set_result(Outcome(1))
    peer.socket.settimeout(20)
    assert "CN=9014" in peer.answer()


def test_a_stranger_is_quarantined_then_admitted(opens: Opens) -> None:
    port = opens()
    peer = Peer(port.number)
    assert "QnRtn=4" in peer.told(packet(1))
    devices = port.town.devices
    devices.keep_up()
    waiting = devices.find("hj212", MN)
    assert waiting is not None
    assert waiting.state == "quarantined"
    assert waiting.options["peer"] == "127.0.0.1"
    devices.remove(waiting.id, SYSTEM)
    device = port.admit()
    assert "CN=9014" in peer.told(packet(2))
    devices.block(device.id, SYSTEM)
    assert "QnRtn=4" in peer.told(packet(3))
    assert len(port.kept(device)) == 1


def test_a_wrong_password_keeps_nothing(opens: Opens) -> None:
    port = opens()
    device = port.admit()
    peer = Peer(port.number)
    assert "QnRtn=3" in peer.told(packet(1, pw="000000"))
    assert "QnRtn=3" in peer.told(packet(1, pw=""))
    assert "CN=9014" in peer.told(packet(2))
    for guess in range(30):
        answer = peer.told(packet(3, pw=f"{guess:06d}"))
        if not answer:
            break
        assert "QnRtn=3" in answer
    assert len(port.kept(device)) == 1
    assert "CN=9014" in Peer(port.number).told(packet(4))


def test_values_without_a_channel_are_refused_alone(opens: Opens) -> None:
    port = opens()
    device = port.admit()
    peer = Peer(port.number)
    assert "CN=9014" in peer.told(packet(1, more=";w99999-Rtd=1"))
    nothing = packet(2).replace(b"w01018", b"w99999")
    assert "QnRtn=" in peer.told(nothing)
    seen = port.town.devices.live.of(device.id)
    assert seen is not None
    assert seen.unmapped >= 1
    assert "w99999-Rtd" in seen.channels


def test_a_future_time_is_refused_and_its_neighbours_are_kept(opens: Opens) -> None:
    port = opens()
    device = port.admit()
    peer = Peer(port.number)
    late = packet(1).decode()[6:-6].replace("DataTime=2026", "DataTime=2036").encode()
    peer.send(packet(1) + framed(late) + packet(2))
    answers = [peer.answer() for _ in range(3)]
    assert ["CN=9014" in one for one in answers] == [True, False, True]
    assert "QnRtn=2" in answers[1]
    assert len(port.kept(device)) == 2


def test_a_connection_cut_in_a_packet_leaves_nothing_behind(opens: Opens) -> None:
    port = opens()
    device = port.admit()
    peer = Peer(port.number)
    peer.send(packet(1) + packet(2)[:60])
    assert "CN=9014" in peer.answer()
    peer.close()
    assert until(lambda: not port.gateway.connections)
    assert port.gateway.bytes == 0
    assert "CN=9014" in Peer(port.number).told(packet(3))
    assert len(port.kept(device)) == 2


def test_a_store_that_cannot_keep_says_busy(opens: Opens) -> None:
    failing = True

    def submit(batch: ObservationBatch) -> Future[Outcome]:
        if failing:
            raise Unavailable("store", "the database is gone")
        return port.town.intake.submit(batch)

    port = opens(submit)
    device = port.admit()
    peer = Peer(port.number)
    answer = peer.told(packet(1))
    assert "CN=9012" in answer
    assert "ExeRtn=5" in answer
    failing = False
    assert "CN=9014" in peer.told(packet(1))
    assert len(port.kept(device)) == 1


def test_a_store_that_hangs_says_busy_and_holds_little(opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "PATIENCE", 1.0)
    never: list[Future[Outcome]] = []

    def submit(batch: ObservationBatch) -> Future[Outcome]:
        never.append(Future())
        return never[-1]

    port = opens(submit, rows=50)
    port.admit()
    peer = Peer(port.number)
    peer.send(b"".join(packet(minute) for minute in range(120)))
    answers = [peer.answer() for _ in range(120)]
    assert all("ExeRtn=5" in one for one in answers)
    assert port.gateway.house.keeper.rows <= 50
    for one in never:
        one.set_result(Outcome(1))


def test_one_poisoned_packet_does_not_spoil_the_others(opens: Opens) -> None:
    def submit(batch: ObservationBatch) -> Future[Outcome]:
        if (batch.number == 666.0).any():
            raise ValueError("poison")
        return port.town.intake.submit(batch)

    port = opens(submit)
    device = port.admit()
    peer = Peer(port.number)
    peer.send(packet(1, 1.0) + packet(2, 666.0) + packet(3, 3.0))
    answers = [peer.answer() for _ in range(3)]
    assert ["CN=9014" in one for one in answers] == [True, False, True]
    assert port.kept(device) == [1.0, 3.0]


def test_endless_garbage_is_shown_the_door(opens: Opens) -> None:
    port = opens(faults=5)
    port.admit()
    good = Peer(port.number)
    noise = Peer(port.number)
    chance = random.Random(1)
    assert until_refused(noise.send, lambda: chance.randbytes(4096), 10_000)
    assert "CN=9014" in good.told(packet(1))
    assert port.gateway.bytes < 100_000
    assert port.town.devices.live.faults()


def test_silent_connections_make_room(opens: Opens) -> None:
    port = opens(connections=20, per_address=15)
    port.admit()
    good = Peer(port.number)
    assert "CN=9014" in good.told(packet(1))
    silent = [Peer(port.number) for _ in range(60)]
    assert "CN=9014" in Peer(port.number).told(packet(2))
    assert "CN=9014" in good.told(packet(3))
    assert len(port.gateway.connections) <= 20
    assert port.gateway.turned_away >= 40
    assert sum(one.closed() for one in silent[:40]) == 40


def test_others_are_served_when_one_address_has_all_its_connections(opens: Opens) -> None:
    port = opens(connections=100, per_address=5)
    port.admit()
    held = [Peer(port.number) for _ in range(5)]
    for number, one in enumerate(held):
        assert "CN=9014" in one.told(packet(number))
    assert Peer(port.number).closed()
    assert "CN=9014" in Peer(port.number, "127.0.0.2").told(packet(9))


def test_who_says_nothing_in_time_is_let_go(opens: Opens) -> None:
    port = opens(first_seconds=0.3, idle_seconds=0.6)
    port.admit()
    silent, spoken = Peer(port.number), Peer(port.number)
    assert "CN=9014" in spoken.told(packet(1))
    assert silent.closed()
    assert spoken.closed()
    assert until(lambda: not port.gateway.connections)


def test_a_slow_reader_is_not_read_from(opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ANSWER_BYTES", 2048)
    monkeypatch.setattr(server, "SLOW_SECONDS", 2.0)
    port = opens()
    port.admit()
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    slow.connect(("127.0.0.1", port.number))
    slow.settimeout(2)
    data = b"".join(packet(minute) for minute in range(3000))
    assert until_refused(slow.sendall, lambda: data, 200)
    assert "CN=9014" in Peer(port.number).told(packet(1))
    assert until(lambda: len(port.gateway.connections) <= 1)
    slow.close()


def test_stopping_finishes_what_is_under_way(opens: Opens) -> None:
    release = threading.Event()

    def submit(batch: ObservationBatch) -> Future[Outcome]:
        answer: Future[Outcome] = Future()

        def later() -> None:
            release.wait(10)
            answer.set_result(port.town.intake.submit(batch).result())

        threading.Thread(target=later, daemon=True).start()
        return answer

    port = opens(submit)
    device = port.admit()
    peer = Peer(port.number)
    peer.send(packet(1))
    assert until(lambda: not port.gateway.house.keeper.idle)
    stopping = threading.Thread(target=port.stop)
    stopping.start()
    release.set()
    assert "CN=9014" in peer.answer()
    stopping.join(20)
    assert port.kept(device) == [1.5]
    assert peer.closed()


def test_datagrams_have_conversations_too(opens: Opens) -> None:
    port: Port = opens(transport="udp", connections=8)
    device = port.admit()
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(20)]
    for number, one in enumerate(sockets):
        one.settimeout(10)
        one.sendto(packet(number), ("127.0.0.1", port.number))
        assert b"CN=9014" in one.recvfrom(2000)[0]
        one.close()
    assert len(port.kept(device)) == 20
    assert port.gateway.state().connections <= 8


def test_raw_packets_are_kept_without_passwords(opens: Opens, tmp_path: Path) -> None:
    raw = RawLog(tmp_path / "raw", days=7, megabytes=1)
    port = opens(raw=raw)
    port.admit()
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "2020-01-01.log").write_text("old")
    assert "CN=9014" in Peer(port.number).told(packet(1))
    noise = Peer(port.number)
    noise.send(b"nothing that makes sense" * 10)
    port.stop()
    raw.close()
    (kept,) = (tmp_path / "raw").glob("*.log")
    text = kept.read_text()
    assert f"PW=***;MN={MN};Flag=5" in text
    assert "123456;" not in text
    assert "makes sense" not in text
    assert kept.stat().st_mode & 0o777 == 0o600
