"""Resource paths: Things(1)/Datastreams(2)/Observations, …/name/$value, …/Datastreams/$ref."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from hutong.api.sensorthings.model import EntitySet, entity_set, nav
from hutong.kernel.errors import NotFound

Tail = Literal["", "$value", "$ref", "$count"]
_SEGMENT = re.compile(r"([A-Za-z]+)(?:\(([^()]*)\))?")
_ID = re.compile(r"'?(\d{1,19})'?")
LARGEST = 2**63 - 1


class Step(msgspec.Struct, frozen=True):
    """One segment: the set it is in, its name in the path, whether it names many, and the id if one was given."""

    set: EntitySet
    name: str
    many: bool
    id: int | None = None


class Resource(msgspec.Struct, frozen=True):
    """A parsed path. `inside` is a path into the last entity's properties."""

    steps: tuple[Step, ...]
    inside: tuple[str, ...] = ()
    tail: Tail = ""

    @property
    def last(self) -> Step:
        return self.steps[-1]

    @property
    def is_collection(self) -> bool:
        return self.last.many and self.last.id is None


def parse_path(path: str) -> Resource:
    """The resource of a path below the service root. NotFound for what cannot be."""
    segments = [one for one in path.strip("/").split("/") if one]
    tail: Tail = ""
    if segments[-1] in ("$value", "$ref", "$count"):
        tail = segments.pop()  # type: ignore[assignment]
    steps: list[Step] = []
    inside: list[str] = []
    for segment in segments:
        if inside or (steps and _is_property(steps[-1], segment)):
            inside.append(segment)
        else:
            steps.append(_step(steps[-1] if steps else None, segment))
    resource = Resource(tuple(steps), tuple(inside), tail)
    if (
        not steps
        or (tail == "$value") != bool(inside and tail)
        or (tail == "$count" and not resource.is_collection)
    ):
        raise NotFound("path", f"there is no {path}", "see the service root for what there is")
    return resource


def _is_property(step: Step, segment: str) -> bool:
    single = not step.many or step.id is not None
    return single and segment in step.set.properties


def _step(before: Step | None, segment: str) -> Step:
    match = _SEGMENT.fullmatch(segment)
    if match is None:
        raise NotFound("path", f"{segment!r} names nothing", "write Things(1)/Datastreams")
    name, key = match[1], match[2]
    if before is None:
        return Step(entity_set(name), name, True, _id(name, key))
    if before.many and before.id is None:
        raise NotFound("path", f"{before.name} is a list", f"name one: {before.name}(1)/{segment}")
    leads = nav(before.set, name)
    if key is not None and not leads.many:
        raise NotFound("path", f"{name} is one entity and takes no id", f"write …/{name}")
    return Step(entity_set(leads.to), name, leads.many, _id(name, key))


def _id(name: str, key: str | None) -> int | None:
    if key is None:
        return None
    match = _ID.fullmatch(key.strip())
    if match is None or int(match[1]) > LARGEST:
        raise NotFound("path", f"there is no {name}({key})", "ids are whole numbers")
    return int(match[1])
