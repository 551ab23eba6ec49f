"""What most store tests begin with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.store.samples import changes

from hutong.kernel.base import Entity
from hutong.kernel.changes import Applied
from hutong.store import CityStore

Put = Callable[..., Applied]


@pytest.fixture
def put(store: CityStore) -> Put:
    """Applies rows under one record."""

    def apply(*entities: Entity, **more: Any) -> Applied:
        return store.apply(changes(*entities, **more))

    return apply
