"""Options of the fault suite."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=10, help="how often the night is killed")
    parser.addoption("--seed", type=int, default=1, help="which moments are drawn")
