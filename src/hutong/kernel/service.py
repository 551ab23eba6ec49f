"""政务服务事项: services, after the 实施清单 of GB/T 39554."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Entity, Facts, Instant, Label


class Service(Entity, frozen=True, kw_only=True):
    """A matter that people or enterprises apply for."""

    code: str
    name: Label
    kind: str
    """事项类型: 行政许可, 公共服务, …"""
    organisation: int
    published: int | None = None
    """The ServiceVersion in force."""


class ServiceVersion(Entity, frozen=True, kw_only=True):
    """One edition of a service's 实施清单."""

    service: int
    edition: int
    since: Instant
    until: Instant | None = None
    legal_days: float
    promised_days: float
    day_unit: Literal["work_day", "calendar_day"] = "work_day"
    procedure: str
    elements: Facts = {}


class Form(Entity, frozen=True, kw_only=True):
    """A form of a service version, as JSON Schema."""

    service_version: int
    name: Label
    schema: Facts


class Material(Entity, frozen=True, kw_only=True):
    """Something an applicant brings, or a department already has."""

    service_version: int
    name: Label
    necessity: Literal["required", "optional", "later"] = "required"
    source: Literal["applicant", "department", "other"] = "applicant"
    basis: str = ""


class Bundle(Entity, frozen=True, kw_only=True):
    """高效办成一件事: services done together by one form."""

    name: Label
    services: tuple[int, ...]
