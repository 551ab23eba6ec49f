"""Amendments of a command: checked against what stands, then written, with a record of what was and what is."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from hutong.kernel.base import Facts
from hutong.kernel.changes import Amendment, Changes, Record
from hutong.kernel.errors import Conflict, Invalid
from hutong.kernel.observation import ObservationBatch, unwritable
from hutong.store.chain import body_bytes
from hutong.store.observations.rows import Rows

KIND = "observation.amend"
RECORD_ROWS = 1000
"""Amendments that one record tells of."""


def values_of(batch: ObservationBatch) -> Facts:
    """The one row of a batch as the journal keeps it; what is not set is left out."""
    found: Facts = {"time": int(batch.time[0]), "quality": int(batch.quality[0])}
    number = float(batch.number[0])
    if not math.isnan(number):
        found["number"] = number
    for name, unset in (("end_time", -1), ("result_time", -1), ("feature", 0)):
        column = getattr(batch, name)
        if column is not None and int(column[0]) != unset:
            found[name] = int(column[0])
    for name in ("texts", "documents", "parameters"):
        value = getattr(batch, name).get(0)
        if value is not None:
            found[name] = value
    return found


def check_read(amends: tuple[Amendment, ...], before: list[Facts]) -> None:
    """Conflict if somebody amended meanwhile what an amendment was made from; Invalid if the row cannot be kept."""
    for one, found in zip(amends, before, strict=True):
        for fault in unwritable(one.row) if one.row is not None else ():
            raise Invalid(fault.field, fault.reason)
        if one.read is not None and not _same(values_of(one.read), found):
            raise Conflict(
                "observation",
                f"observation {one.id} was amended meanwhile",
                "read it again",
                expected="as read",
                id=one.id,
            )


def _same(first: Facts, second: Facts) -> bool:
    return msgspec.json.encode(first, order="sorted") == msgspec.json.encode(second, order="sorted")


def facts_of(rows: Rows) -> list[Facts]:
    """`values_of` of each row."""
    return [values_of(rows.take(slice(at, at + 1)).batch()) for at in range(len(rows))]


def amend_bodies(command: Changes, before: list[Facts]) -> list[tuple[Record, bytes, list[Any]]]:
    """Records of the amendments: who and why as the command's first record says, and each row before and after."""
    if not command.records:
        raise Invalid("records", "no record says who amends observations", f"add one of kind {KIND}")
    named = next((one for one in command.records if one.kind == KIND), command.records[0])
    told = [
        {"id": one.id, "before": was, "after": None if one.row is None else values_of(one.row)}
        for one, was in zip(command.amends, before, strict=True)
    ]
    found: list[tuple[Record, bytes, list[Any]]] = []
    for start in range(0, len(told), RECORD_ROWS):
        part = told[start : start + RECORD_ROWS]
        facts = {**named.facts, "count": len(part), "observations": part}
        record = msgspec.structs.replace(named, kind=KIND, facts=facts)
        found.append((record, body_bytes({"facts": facts, "explain": named.explain}), []))
    return found
