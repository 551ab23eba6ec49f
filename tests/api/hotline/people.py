"""What people of a hotline do, for several tests."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Person, Someone
from tests.api.people import do
from tests.api.town import Town

NUMBER = "13912345678"


def ring(person: Person, number: str = NUMBER, **more: Any) -> dict[str, Any]:
    answer = person.post("/calls", json={"number": number, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def order(person: Person, **more: Any) -> dict[str, Any]:
    """An order of a call, and its page."""
    body: dict[str, Any] = {
        "demand": "help",
        "code": "010601",
        "text": "路口积水没过脚面",
        "position": [121.405, 31.205],
        "position_text": "南京西路 100 号",
    }
    if "call" not in more and "number" not in more:
        body["call"] = ring(person)["call"]["id"]
    answer = person.post("/orders", json={**body, **more})
    assert answer.status_code == 201, answer.text
    page: dict[str, Any] = answer.json()
    return page


def act(person: Person, case: int, action: str, **answers: Any) -> dict[str, Any]:
    answer = do(person, case, action, answers=answers)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def dispatched(someone: Someone, town: Town, **more: Any) -> int:
    """An order that 排水所 has signed for."""
    unit = town.directory.organisation("drainage")
    id = int(order(someone("zuoxi"), **more)["id"])
    act(someone("zuoxi"), id, "accept")
    act(someone("paidan"), id, "dispatch", organisation=unit)
    act(someone("gongdan"), id, "sign")
    return id


def completed(someone: Someone, town: Town, **more: Any) -> int:
    """An order that awaits its 回访."""
    id = dispatched(someone, town, **more)
    act(someone("gongdan"), id, "contact", contacted="reached")
    act(someone("gongdan"), id, "reply", result="已抽排", answer="积水已排干", solved="solved")
    act(someone("banzhang"), id, "audit_pass")
    return id


def visit(person: Person, case: int, **said: Any) -> Any:
    return person.post(f"/orders/{case}/visit", json={"reached": True, **said})
