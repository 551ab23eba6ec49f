"""Things people do through the API, for tests of several pages."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from tests.api.conftest import Person

CATEGORY = {"kind": "matter", "code": "06010"}


def picture(
    width: int = 64, height: int = 48, kind: str = "JPEG", colour: str = "#336699", **save: Any
) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind, **save)
    return out.getvalue()


def report(person: Person, **more: Any) -> dict[str, Any]:
    """Opens a case, and gives its page."""
    body = {
        "category": CATEGORY,
        "source": "public",
        "text": "路面有大量垃圾",
        "position": [121.405, 31.205],
        "position_text": "南京西路 100 号",
    }
    answer = person.post("/cases", json={**body, **more})
    assert answer.status_code == 201, answer.text
    page: dict[str, Any] = answer.json()
    return page


def do(person: Person, case: int, action: str, **more: Any) -> Any:
    """An action's answer."""
    headers = more.pop("headers", None)
    return person.post(f"/cases/{case}/actions/{action}", headers, json=more)


def attach(person: Person, case: int | None, stage: str, role: str = "near", **more: Any) -> dict[str, Any]:
    """Uploads a photo, and gives its row."""
    data = {"stage": stage, "role": role, **({"case": str(case)} if case else {})}
    data |= {name: str(value) for name, value in more.items()}
    answer = person.post("/files", data=data, files={"file": ("photo.jpg", picture(), "image/jpeg")})
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row
