"""`hutong check CITY`: what the procedures as the packs have them now, or as a file would change them, do to running cases."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from hutong.app.city import functions_of
from hutong.app.clocks import SystemClock
from hutong.engine.handle.differences import Affected, Difference, affected
from hutong.engine.handle.procedure import compile_procedure
from hutong.engine.rulebook import Rulebook
from hutong.kernel.case import Case
from hutong.kernel.ports import Reader
from hutong.kernel.query import IsNull, field
from hutong.loader.changed_procedures import read_procedures
from hutong.loader.city import load_city
from hutong.store import open_store
from hutong.store.opening import DATABASE

AS_CHANGED = "as changed"


def running_cases(
    city: Path, packs: tuple[Path, ...] = (), changed: Path | None = None, database: str | None = None
) -> list[Affected]:
    """One entry per version that open cases run on and that would no longer be the newest; also while the city is served."""
    if database is None and not (city / DATABASE).is_file():
        return []
    loaded, sources = load_city(city, packs)
    store = open_store(database or city, clock=SystemClock(), folder=city, beside=True)
    try:
        with store.reader() as reader:
            book = Rulebook(loaded, functions_of(sources), reader.definition)
            return _affected(reader, book, changed)
    finally:
        store.abandon()


def _affected(reader: Reader, book: Rulebook, changed: Path | None) -> list[Affected]:
    newest, roles = dict(book.procedures), dict(book.roles)
    if changed is not None:
        procedures, every = read_procedures(changed, book.procedures, book.roles.values())
        roles = {one.name: one for one in every}
        for one in procedures:
            if one.name not in newest or one != newest[one.name].procedure:
                newest[one.name] = compile_procedure(one, every, _short(one))
    found = []
    for (procedure, digest), states in sorted(_open(reader).items()):
        new = newest.get(procedure)
        if new is None or new.digest != digest or changed is not None:
            made = affected(digest, book.procedure_of(digest), new, states, roles)
            if new is None or new.digest != digest or made.lost:
                found.append(made)
    return found


def _short(procedure: Any) -> str:
    """Stands for a definition that is not kept yet."""
    return f"{AS_CHANGED} {hashlib.sha256(msgspec.json.encode(procedure)).hexdigest()[:12]}"


def _open(reader: Reader) -> dict[tuple[str, str], Counter[str]]:
    """(procedure, digest) → state → open cases."""
    columns = reader.columns(Case, ["procedure", "definition", "state"], IsNull(field("closed")))
    found: dict[tuple[str, str], Counter[str]] = {}
    for procedure, digest, state in zip(*columns.values(), strict=True):
        found.setdefault((procedure, digest), Counter())[state] += 1
    return found


def told(found: Mapping[str, Sequence[Affected]]) -> Iterator[str]:
    """City → its entries, in sentences."""
    for city, versions in found.items():
        if not versions:
            yield f"{city}: all open cases run on the newest procedures"
        for one in versions:
            yield from (f"{city}: {line}" for line in _told(one))


def _told(one: Affected) -> Iterator[str]:
    where = ", ".join(f"{n} in {state}" for state, n in sorted(one.states.items()))
    yield f"{one.procedure}: {one.cases} open case(s) keep the definition {one.digest[:12]} ({where})"
    if not one.newer:
        yield "  the procedure is no longer defined; no new case begins with it"
    if one.left:
        gone = ", ".join(f"{state} ({n})" for state, n in sorted(one.left.items()))
        yield f"  they stand in states that new cases do not have: {gone}"
    for why in one.lost:
        yield f"  they can no longer do {why}: rights and roles are of no version"
    for difference in one.differences:
        yield f"  new cases only: {_sentence(difference)}"
    if one.newer:
        yield (
            "  as it was for them: states, actions, conditions, clocks and limits of the procedure; at once for them too: "
            "limits and `at_most` of the city, the calendar, roles and rights"
        )


def _sentence(one: Difference) -> str:
    if one.change != "changed":
        return f"{one.part} {one.name} is {one.change}"
    if "limits" in one.fields:
        before, after = one.fields["limits"]
        rest = {name: values for name, values in one.fields.items() if name != "limits"}
        rows = f"limit rows: {before} gone, {after} new"
        return "; ".join([rows, *_changes(rest)])
    return f"{one.part} {one.name}: " + "; ".join(_changes(one.fields))


def _changes(fields: dict[str, tuple[Any, Any]]) -> list[str]:
    return [f"{name} {_shown(before)} → {_shown(after)}" for name, (before, after) in fields.items()]


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else f"{text[:57]}…"
