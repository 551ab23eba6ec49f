"""Writes docs/reference/asyncapi.yaml: the events that webhooks tell, from the procedures and rules of the shipped packs.

python tools/asyncapi.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "reference" / "asyncapi.yaml"
CLOCKS = ("warn", "overdue", "escalate")
OTHERS = ("open", "add_warning", "take_over", "undo", "rate", "support", *CLOCKS)
WARNINGS = ("raise", "clear", "end", "confirmed", "false_alarm", "joined")
NAME = {"type": "object", "properties": {"zh": {"type": "string"}, "en": {"type": "string"}}}
PLACE = {"type": ["object", "null"], "properties": {"code": {"type": "string"}, "name": NAME}}
INSTANT = {"type": ["string", "null"], "format": "date-time"}
TEXT = {"type": "string"}
CASE = {
    "id": {"type": "integer"},
    "number": TEXT,
    "procedure": TEXT,
    "category": {"type": "object", "properties": {"kind": TEXT, "code": TEXT, "label": NAME}},
    "action": TEXT,
    "from": {"type": ["string", "null"]},
    "state": TEXT,
    "state_label": NAME,
    "source": TEXT,
    "urgency": TEXT,
    "organisation": PLACE,
    "place": PLACE,
    "opened": INSTANT,
    "closed": INSTANT,
    "position": {
        "type": "array",
        "items": {"type": "number"},
        "description": "lon, lat; not of confidential cases",
    },
}
WARNING = {
    "id": {"type": "integer"},
    "rule": TEXT,
    "thing": {"type": "integer"},
    "state": TEXT,
    "colour": TEXT,
    "title": NAME,
    "place": PLACE,
    "raised": INSTANT,
    "cleared": INSTANT,
    "case": {"type": ["integer", "null"]},
}


def event(type: str, title: str, noun: str) -> dict[str, Any]:
    """One message: a CloudEvent in structured mode."""
    envelope = dict.fromkeys(("specversion", "id", "source", "subject", "sequence", "datacontenttype"), TEXT)
    properties = {**envelope, "type": {"const": type}, "time": INSTANT}
    properties["data"] = {"$ref": f"#/components/schemas/{noun}"}
    return {
        "name": type,
        "title": title,
        "contentType": "application/cloudevents+json",
        "payload": {
            "type": "object",
            "required": ["specversion", "id", "source", "type"],
            "properties": properties,
        },
    }


def document() -> dict[str, Any]:
    from hutong.loader.find import load_packs, pack_folders, packs_of

    packs = packs_of(load_packs(tuple(sorted(pack_folders()))))
    titles: dict[str, list[str]] = {}
    for pack in packs:
        for procedure in pack.procedures:
            for action in procedure.actions:
                titles.setdefault(action.name, []).append(action.label.zh)
    messages = {
        f"case.{name}": event(
            f"hutong.case.{name}", " · ".join(dict.fromkeys(titles.get(name, ()))) or name, "case"
        )
        for name in sorted({*titles, *OTHERS})
    }
    messages |= {f"warning.{name}": event(f"hutong.warning.{name}", name, "warning") for name in WARNINGS}
    channel = {
        "address": None,
        "description": "The address of a subscription; each event is one POST, signed (docs/how-to/webhooks.md).",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Hutong events",
            "version": "1",
            "description": "CloudEvents 1.0 that webhooks are sent.",
        },
        "channels": {"webhook": channel},
        "operations": {"tell": {"action": "send", "channel": {"$ref": "#/channels/webhook"}}},
        "components": {
            "messages": messages,
            "schemas": {
                "case": {"type": "object", "properties": CASE},
                "warning": {"type": "object", "properties": WARNING},
            },
        },
    }


class _Plain(yaml.SafeDumper):
    """Without anchors: each message stands for itself."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def text() -> str:
    head = "# Made by tools/asyncapi.py. Do not edit.\n"
    return head + yaml.dump(document(), Dumper=_Plain, allow_unicode=True, sort_keys=False, width=120)


def main() -> None:
    TARGET.write_text(text(), "utf-8")
    print(TARGET.relative_to(ROOT))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
