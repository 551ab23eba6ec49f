"""The city's records in safe keeping. Verify and back up also beside a server; explain, restore and erase without one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hutong.app.beside import beside
from hutong.app.city import RunningCity, open_city
from hutong.app.clocks import SystemClock
from hutong.engine.flow.explaining import explanation
from hutong.engine.flow.parties import erase_person
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import Label
from hutong.kernel.case import Case
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.party import Account, Party
from hutong.kernel.query import EVERYTHING, Order, equals
from hutong.store import backup
from hutong.store.backup import Manifest
from hutong.store.restore import restore
from hutong.store.verify import Report


@contextmanager
def opened(folder: Path, database: str | None) -> Iterator[RunningCity]:
    """The whole city, which nobody serves meanwhile."""
    running = open_city(folder, SystemClock(), database=database)
    try:
        yield running
    finally:
        running.close()


def verify_city(folder: Path, database: str | None) -> Report:
    """The whole journal, every row it tells of, and the signed checkpoints."""
    with beside(folder, database) as store:
        return store.verify()


def explain_case(folder: Path, number: str, language: str, database: str | None) -> str:
    """The journal's account of a case, by its number."""
    with opened(folder, database) as running, running.store.reader() as reader:
        found = reader.find(Case, equals("number", number), limit=1).rows
        if not found:
            raise NotFound("case", f"there is no case {number}", "give its whole number")
        return explanation(running.desk, reader, found[0]).text.text(language)


NOT_DEFINITION = (
    "city.db*", "city.lock", "sessions.db*", "directory.changes", "files", "archive", "keys", "checkpoints",
    "accounts.yaml", "raw",
)  # fmt: skip
"""Of a city's folder: what the store keeps itself, and the names of people, which must not outlive an erasure;
raw packets of devices, which are kept for days only."""
DEFINITION = "city"


def newest_cases(folder: Path, language: str, database: str | None, limit: int = 30) -> list[str]:
    """Lines of number, state and title, the newest case first."""
    with opened(folder, database) as running, running.store.reader() as reader:
        found = reader.find(Case, EVERYTHING, order=(Order(("opened",), descending=True),), limit=limit).rows
        return [
            f"{one.number}  {_state(running, one).text(language)}  {one.title.text(language)}"
            for one in found
        ]


def _state(running: RunningCity, case: Case) -> Label:
    states = running.rulebook.procedure(case).procedure.states
    return next((one.label for one in states if one.name == case.state), Label(case.state, case.state))


def backup_city(folder: Path, target: Path, database: str | None) -> Manifest:
    """Database, files and checkpoints at one position, and the city's definition and map beside them."""
    if target.resolve().is_relative_to(folder.resolve()):
        raise Invalid("target", f"{target} lies in the city's folder", "name a folder on another disk")
    with beside(folder, database) as store:
        manifest = backup(store, target)
    shutil.copytree(folder, target / DEFINITION, ignore=shutil.ignore_patterns(*NOT_DEFINITION))
    return manifest


def restore_city(source: Path, folder: Path, keys: Path, database: str | None) -> None:
    """Into a new folder (or empty database); Corrupt if it does not verify, and then nothing is left of it.

    `keys` are copied into the city. Keys of people whose erasure the backup records are destroyed in that copy.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Invalid("folder", f"{folder} is not empty", "restore into a new folder")
    if not (keys / "master.key").is_file() and not (keys / "parties.keys").is_file():
        raise NotFound("keys", f"{keys} holds no keys", "name the keys folder that was kept apart")
    draft = folder.with_name(f"{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
        if (source / DEFINITION).is_dir():
            shutil.copytree(source / DEFINITION, draft, dirs_exist_ok=True)
        shutil.copytree(keys, draft / "keys")
        restore(source, database or draft, clock=SystemClock(), folder=draft).close()
        draft.replace(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def erase_party(folder: Path, person: str, basis: str, database: str | None) -> int:
    """A person becomes unreadable everywhere; returns the id. `person`: login, phone, identity number, or id."""
    with opened(folder, database) as running:
        party = _find_person(running, person.strip())
        erase_person(running.desk, party, basis, SYSTEM)
        return party


def _find_person(running: RunningCity, text: str) -> int:
    with running.store.reader() as reader:
        found = {one.subject for one in reader.search_hash(Account, "login", text)}
        for field in ("phone", "id_number"):
            found |= {one.subject for one in reader.search_hash(Party, field, text)}
    if len(found) > 1:
        raise Invalid("person", f"{text} fits {len(found)} people", f"give an id: {sorted(found)}")
    if not found and not text.isdecimal():
        raise NotFound("person", f"nobody has the login, phone or number {text}", "give it whole, or the id")
    return found.pop() if found else int(text)
