"""Journal records as CloudEvents 1.0: what happened to which case or warning, without anything about people."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import shapely

from hutong.engine.directory import Directory
from hutong.engine.rulebook import Rulebook
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Facts, Label
from hutong.kernel.case import Case, Warning
from hutong.kernel.clock import iso
from hutong.kernel.ports import JournalRecord, Reader

NOUNS = ("case", "warning")
"""What is told to the outside at all."""
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
PING = "webhook.ping"


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A CloudEvent in structured JSON mode. `sequence` grows with the order of its lane (CloudEvents sequence extension)."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str = ""
    sequence: str = ""
    data: Facts = {}


class Told(msgspec.Struct, frozen=True):
    """An event, and whose it is to know: the noun and scope of the row it is about."""

    position: int
    kind: str
    noun: str
    scope: tuple[int, ...]
    event: Event

    def for_whom(self, actor: Actor, within: Sequence[int] = ()) -> bool:
        """Whether the actor may read the row, and it lies within all of these places and organisations."""
        return (
            all(one in self.scope for one in within) and decide(actor, "read", self.noun, self.scope).allowed
        )


def wanted(kinds: Iterable[str], kind: str) -> bool:
    """Whether one of the patterns names a kind."""
    return any(fnmatch.fnmatchcase(kind, pattern) for pattern in kinds)


def known_pattern(pattern: str) -> bool:
    """Whether a pattern can ever name something that is told."""
    noun = pattern.partition(".")[0]
    return pattern == "*" or ("." in pattern and any(fnmatch.fnmatchcase(one, noun) for one in NOUNS))


class Teller:
    """Makes events of records; rows are read as they are now."""

    def __init__(self, rulebook: Rulebook, directory: Directory) -> None:
        self.rulebook = rulebook
        self.directory = directory
        self.source = f"urn:hutong:city:{rulebook.city.head.name}"

    def told(self, reader: Reader, records: Sequence[JournalRecord]) -> list[Told]:
        """The events among these records, in order."""
        ids: dict[str, set[int]] = {noun: set() for noun in NOUNS}
        for record in records:
            noun, id = _about(record)
            if noun:
                ids[noun].add(id)
        cases = reader.many(Case, sorted(ids["case"]))
        warnings = reader.many(Warning, sorted(ids["warning"]))
        found = []
        for record in records:
            noun, id = _about(record)
            row: Case | Warning | None = cases.get(id) if noun == "case" else warnings.get(id)
            if noun and row is not None:
                found.append(self._told(record, noun, row))
        return found

    def _told(self, record: JournalRecord, noun: str, row: Case | Warning) -> Told:
        data = self._case(record, row) if isinstance(row, Case) else self._warning(row)
        access = row.procedure if isinstance(row, Case) else noun
        return Told(record.position, record.kind, access, row.scope, self.event(record, noun, row.id, data))

    def event(self, record: JournalRecord, noun: str, id: int, data: Facts) -> Event:
        return Event(
            specversion="1.0",
            id=f"{record.lane}-{record.position}",
            source=self.source,
            type=f"hutong.{record.kind.partition(':')[0]}",
            subject=f"{noun}/{id}",
            time=iso(record.at),
            datacontenttype="application/json",
            sequence=f"{record.position:020d}",
            data=data,
        )

    def ping(self, id: str, time: str) -> Event:
        """What a receiver is sent to try it."""
        return Event(
            specversion="1.0",
            id=f"ping-{id}",
            source=self.source,
            type=f"hutong.{PING}",
            subject="webhook",
            time=time,
            datacontenttype="application/json",
            data={"city": self.rulebook.city.head.name},
        )

    def _case(self, record: JournalRecord, case: Case) -> Facts:
        """Title and words of a case may be about people, so they stay here; a confidential one has no position either."""
        compiled = self.rulebook.procedure(case)
        state = str(record.facts.get("to") or case.state)
        label = compiled.states[state].label if state in compiled.states else Label(state, state)
        data: Facts = {
            "id": case.id,
            "number": case.number,
            "procedure": case.procedure,
            "category": {
                "kind": case.category.kind,
                "code": case.category.code,
                "label": _label(self.rulebook.category_names.get(case.category)),
            },
            "action": str(record.facts.get("action") or record.kind.partition(".")[2]),
            "from": record.facts.get("from"),
            "state": state,
            "state_label": _label(label),
            "source": case.source,
            "urgency": case.urgency,
            "organisation": self._organisation(case.organisation),
            "place": self._place(case.place),
            "opened": iso(case.opened),
            "closed": iso(case.closed) if case.closed is not None else None,
        }
        if case.position is not None and not case.confidential:
            at = shapely.from_wkb(case.position)
            data["position"] = [round(at.x, 7), round(at.y, 7)]
        return data

    def _warning(self, warning: Warning) -> Facts:
        return {
            "id": warning.id,
            "rule": warning.rule,
            "thing": warning.thing,
            "state": warning.state,
            "colour": warning.colour,
            "title": _label(warning.title),
            "place": self._place(warning.place),
            "raised": iso(warning.raised),
            "cleared": iso(warning.cleared) if warning.cleared is not None else None,
            "case": warning.case,
        }

    def _organisation(self, id: int | None) -> Facts | None:
        found = self.directory.organisations.get(id or 0)
        return {"code": found.code, "name": _label(found.label)} if found else None

    def _place(self, id: int | None) -> Facts | None:
        found = self.directory.places.get(id or 0)
        return {"code": found.code, "name": _label(found.name)} if found else None


def _about(record: JournalRecord) -> tuple[str, int]:
    """The noun and id that a record is told as; empty for one that is not told."""
    noun = record.kind.partition(".")[0]
    if noun not in NOUNS:
        return "", 0
    id = next((id for name, id, _ in record.subjects if name == noun), None)
    return (noun, id) if id is not None else ("", 0)


def _label(label: Label | None) -> dict[str, Any]:
    return {"zh": label.zh, "en": label.en} if label else {}


def encode(event: Event) -> bytes:
    return msgspec.json.encode(event)
