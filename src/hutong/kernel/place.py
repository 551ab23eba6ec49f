"""区域: places, in separate trees."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Entity, Label

Tree = Literal["division", "unit_grid", "duty_grid", "community", "zone"]


class Place(Entity, frozen=True, kw_only=True):
    """A place of one tree.

    `division` 行政区划 (district, street), `community` 社区, `unit_grid` 单元网格 (location),
    `duty_grid` 责任网格 (a 监督员's beat), `zone` anything else. `parent` is the next wider place
    that contains it (unit grid → community → street → district); `members_of` lists places of
    other trees it belongs to (a unit grid's duty grid and zones).
    """

    tree: Tree
    code: str
    name: Label
    parent: int | None = None
    members_of: tuple[int, ...] = ()
    geometry: bytes | None = None
    """WKB, EPSG:4326/4490, lon lat."""
