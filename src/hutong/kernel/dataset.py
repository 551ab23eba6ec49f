"""数据资源: what is published or shared."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Entity, Facts, Instant, Label


class Dataset(Entity, frozen=True, kw_only=True):
    """A data resource of the directory (政务信息资源目录)."""

    code: str
    name: Label
    provider: int
    sharing: Literal["unconditional", "conditional", "refused"]
    sharing_basis: str = ""
    open: Literal["unconditional", "conditional", "no"] = "no"
    cadence: str = ""
    data_class: int = 2


class Table(Entity, frozen=True, kw_only=True):
    """One table of a dataset: its fields and where its rows come from."""

    dataset: int
    name: str
    fields: Facts
    source: Facts


class DataRequest(Entity, frozen=True, kw_only=True):
    """Somebody asks for a dataset, for a purpose."""

    dataset: int
    asker: int
    purpose: str
    case: int | None = None


class DataGrant(Entity, frozen=True, kw_only=True):
    """What was granted, to whom, for what, until when."""

    dataset: int
    request: int | None
    holder: int
    purpose: str
    since: Instant
    until: Instant | None = None
