"""Sockets of one port: shared among processes of one server, never with another server."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest

from hutong.app import listening as module
from hutong.app.listening import joined, listening, port_of
from hutong.kernel.errors import Unavailable

HERE = "127.0.0.1"


def test_all_who_join_are_at_one_port() -> None:
    with ExitStack() as ending:
        (first,) = listening(HERE, 0, shared=True)
        ending.enter_context(first)
        port = port_of([first])
        for one in joined(HERE, port):
            ending.enter_context(one)
            assert port_of([one]) == port
            one.listen()
        with socket.create_connection((HERE, port), timeout=5):
            pass


@pytest.mark.parametrize("shared", [True, False])
def test_a_port_that_another_server_answers_on_is_refused(shared: bool) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind((HERE, 0))
        other.listen()
        with pytest.raises(Unavailable, match="in use"):
            listening(HERE, other.getsockname()[1], shared=shared)


def test_a_name_of_several_addresses_is_answered_at_all() -> None:
    found = listening("localhost", 0, shared=True)
    try:
        assert len({port_of([one]) for one in found}) == 1
    finally:
        for one in found:
            one.close()


def test_where_a_port_cannot_be_shared_one_process_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.sys, "platform", "darwin")
    with pytest.raises(Unavailable, match="--workers 1"):
        listening(HERE, 0, shared=True)
    for one in listening(HERE, 0, shared=False):
        one.close()
