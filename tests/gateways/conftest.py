"""Ports to speak to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.town import Town, open_town, seed, tiny_city
from tests.gateways.port import Port

from hutong.kernel.definition.device import GatewayLimits

Opens = Callable[..., Port]


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city as it was founded; every test works on a copy."""
    folder = tmp_path_factory.mktemp("founded") / "city"
    seed(folder, tiny_city()[0])
    return folder


@pytest.fixture
def town(founded: Path, tmp_path: Path) -> Iterator[Town]:
    shutil.copytree(founded, tmp_path / "city")
    made = open_town(tmp_path / "city", *tiny_city())
    yield made
    made.close()


@pytest.fixture
def opens(town: Town) -> Iterator[Opens]:
    """Opens a port with these limits; it is stopped with the test."""
    made: list[Port] = []

    def port(submit: Any = None, transport: Any = "tcp", raw: Any = None, **limits: Any) -> Port:
        made.append(Port(town, GatewayLimits(**limits), submit, transport, raw))
        return made[-1]

    yield port
    for one in made:
        one.stop()
