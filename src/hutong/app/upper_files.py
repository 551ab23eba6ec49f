"""Orders of an upper platform by file, and what became of them as a file: for platforms that have no port."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from hutong.app.custody import opened
from hutong.engine.flow.upper import Taken
from hutong.gateways.upper.link import body_of
from hutong.kernel.clock import iso
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.upper import UpperOrder, UpperPage, UpperReport
from hutong.store.files import keep

DEADLINES = "deadlines."
FACTS = "facts."
CALLER = ("name", "phone", "confidential")
NUMBERS = ("longitude", "latitude")
TRUE = ("1", "true", "yes", "是")
COLUMNS = ("number", "event", "at", "facts")


def take_file(folder: Path, platform: str, path: Path, database: str | None) -> list[Taken]:
    """Takes the orders (and, of JSON, the words) of a file. Every row is answered; those taken before are known."""
    page = read_page(path)
    with opened(folder, database) as running:
        known = running.upper.platform(platform)
        answers = [running.upper.take(known, one) for one in page.orders]
        return answers + [running.upper.hear(known, one) for one in page.words]


def tell_file(folder: Path, platform: str, path: Path, database: str | None) -> int:
    """Writes every report that waits and is due into a CSV, then marks them as told; how many. A file that is there stays as
    it is: Invalid."""
    if path.exists():
        raise Invalid("out", f"{path} is there already", "name a file that is not there yet")
    with opened(folder, database) as running:
        desk = running.upper
        known = desk.platform(platform)
        desk.gather(known)
        due = desk.waiting(known, running.clock.recorded_at())
        keep(path, _table(due))
        for one in due:
            desk.settle(one, sent=True)
    return len(due)


def _table(reports: list[UpperReport]) -> bytes:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(("id", *COLUMNS))
    for one in reports:
        facts = msgspec.json.decode(body_of(one))["facts"]
        table.writerow((one.key, one.number, one.event, iso(one.at), msgspec.json.encode(facts).decode()))
    return out.getvalue().encode("utf-8-sig")


def read_page(path: Path) -> UpperPage:
    """JSON ({orders, words} or a list of orders) or CSV with a head; Invalid naming row and field."""
    if not path.is_file():
        raise NotFound("file", f"there is no file {path}")
    if path.suffix.lower() == ".csv":
        return UpperPage(orders=tuple(_csv_orders(path)))
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        if content.lstrip().startswith(b"["):
            return UpperPage(orders=tuple(msgspec.json.decode(content, type=list[UpperOrder])))
        return msgspec.json.decode(content, type=UpperPage)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Invalid(path.name, str(error), "see docs/how-to/upper-platform.md for its form") from error


def _csv_orders(path: Path) -> Iterator[UpperOrder]:
    """Columns are fields of an order; `caller.NAME`, `deadlines.STAGE` and `facts.NAME` are parts of them."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), 2):
                yield _order(path, line, {name: (value or "").strip() for name, value in row.items() if name})
    except UnicodeDecodeError as error:
        raise Invalid(path.name, f"is not UTF-8: {error}", "save it as UTF-8") from None
    except csv.Error as error:
        raise Invalid(path.name, f"is no CSV: {error}", "save it as CSV again") from None


def _order(path: Path, line: int, row: dict[str, str]) -> UpperOrder:
    fields: dict[str, Any] = {}
    for name, value in row.items():
        if not value:
            continue
        group, dot, part = name.partition(".")
        if dot and f"{group}." in (DEADLINES, FACTS):
            fields.setdefault(group, {})[part] = value
        elif dot and group == "caller" and part in CALLER:
            caller = fields.setdefault("caller", {})
            caller[part] = value.lower() in TRUE if part == "confidential" else value
        else:
            fields[name] = _number(path, line, name, value) if name in NUMBERS else value
    try:
        return msgspec.convert(fields, UpperOrder)
    except msgspec.ValidationError as error:
        raise Invalid(
            f"{path.name}:{line}", str(error), "mend the row; nothing was taken of this file"
        ) from None


def _number(path: Path, line: int, name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise Invalid(f"{path.name}:{line}", f"{name}: {value!r} is no number", "mend the row") from None
