"""Rows that store tests put."""

from __future__ import annotations

from typing import Any

from hutong.kernel.base import Entity, Label
from hutong.kernel.case import Case, Category, Warning
from hutong.kernel.changes import Changes, Record
from hutong.kernel.party import Account, Party
from hutong.kernel.thing import Datastream, Thing
from hutong.store.layout import noun_of


def changes(*entities: Entity, kind: str = "test.put", actor: int = 7, at: int = 1, **more: Any) -> Changes:
    """Changes with one record that names all rows."""
    subjects = tuple((noun_of(type(entity)).name, entity.id) for entity in entities)
    record = Record(kind=kind, actor=actor, at=at, subjects=subjects, facts=more.pop("facts", {}))
    return Changes(puts=entities, records=(record,), **more)


def manhole(id: int, **more: Any) -> Thing:
    given = {"type": "drainage.manhole", "code": f"M{id}", "name": Label(f"检查井{id}号", f"Manhole {id}")}
    return Thing(id=id, **{**given, **more})


def a_case(id: int, **more: Any) -> Case:
    given: dict[str, Any] = {
        "number": f"N{id}",
        "procedure": "urban.case",
        "definition": "d",
        "state": "handling",
        "category": Category("component", "01234"),
        "title": Label("井盖破损"),
        "source": "public",
        "opened": 1000 + id,
    }
    return Case(id=id, **{**given, **more})


def a_warning(id: int, **more: Any) -> Warning:
    given: dict[str, Any] = {
        "rule": "drainage.flooding",
        "rule_version": "d",
        "thing": 1,
        "colour": "yellow",
        "title": Label("积水"),
        "explanation": Label("积水 0.2 m"),
        "began": 1,
        "raised": 2,
        "seen": 3,
    }
    return Warning(id=id, **{**given, **more})


def person(id: int, **more: Any) -> Party:
    given = {"kind": "person", "subject": id, "person_name": "欧阳若曦", "phone": "13912345678"}
    return Party(id=id, **{**given, **more})


def account(id: int, subject: int, login: str = "ouyang.ruoxi") -> Account:
    return Account(id=id, subject=subject, login=login, password_hash="argon2")


def stream(id: int, thing: int = 1, **more: Any) -> Datastream:
    return Datastream(id=id, name=f"level {id}", thing=thing, sensor=1, observed_property=1, **more)
