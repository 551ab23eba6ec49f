"""模型: simulators in the loop."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Entity, Facts, Instant, Label

RunState = Literal["waiting", "running", "done", "failed", "cancelled"]


class Model(Entity, frozen=True, kw_only=True):
    """A simulator or solver that a pack declares."""

    code: str
    name: Label
    digest: str


class Scenario(Entity, frozen=True, kw_only=True):
    """A named set of inputs for a model."""

    model: int
    name: Label
    inputs: Facts


class Run(Entity, frozen=True, kw_only=True):
    """One run of a model: progress from 0 to 1, what is being done, and the files of its result."""

    model: int
    scenario: int | None
    inputs: Facts
    state: RunState = "waiting"
    progress: float = 0.0
    doing: str = ""
    started: Instant | None = None
    ended: Instant | None = None
    result: tuple[int, ...] = ()
    error: str = ""
