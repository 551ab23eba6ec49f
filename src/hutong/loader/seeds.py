"""triage.csv: words of classes, read with every mistake noted."""

from __future__ import annotations

import csv
from pathlib import Path

from hutong.kernel.definition.triage import SEED_COLUMNS, Seed
from hutong.loader.problem import Problem

FILE = "triage.csv"
TARGETS = ("component", "matter", "hotline", "service", "other", "urgency", "demand")


def read_seeds(folder: Path, shown: str) -> tuple[tuple[Seed, ...], list[Problem]]:
    """The rows of the file, none where there is no file."""
    path = folder / FILE
    if not path.is_file():
        return (), []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [column for column in SEED_COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            remedy = f"head the file with {','.join(SEED_COLUMNS)}"
            return (), [Problem(shown, 1, missing[0], f"the column {missing[0]} is missing", remedy)]
        rows = list(reader)
    problems: list[Problem] = []
    for line, row in enumerate(rows, 2):
        if row["target"] not in TARGETS:
            remedy = "choose one of " + ", ".join(TARGETS)
            problems.append(Problem(shown, line, "target", f"{row['target']!r} is no target", remedy))
        elif not row["code"] or not (row["words"] or "").split():
            problems.append(Problem(shown, line, "words", "is empty", "give a code and some words"))
    return tuple(Seed(row["target"], row["code"], _words(row["words"] or "")) for row in rows), problems


def _words(text: str) -> tuple[str, ...]:
    """Parted by blanks; a low line stands for a blank within."""
    return tuple(word.replace("_", " ") for word in text.split())
