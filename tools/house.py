"""House rules that no linter knows: file and function length, and rooms with words that say nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 40
EMPTY_WORDS = {"util", "utils", "helper", "helpers", "manager", "managers", "misc", "common"}
MEASURED = {".py", ".ts", ".vue", ".js", ".css"}


def tracked() -> list[Path]:
    """Files of the project that git tracks or would track."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(name) for name in listing.stdout.splitlines() if Path(name).is_file()]


def long_functions(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(
                    f"{path}:{node.lineno}: {node.name} has {length} lines, at most {FUNCTION_LINES}"
                )
    return found


def faults(path: Path) -> list[str]:
    found = []
    if EMPTY_WORDS & {part.partition(".")[0].lower() for part in path.parts}:
        found.append(f"{path}: the name says nothing; name it by its noun or verb")
    if path.suffix in MEASURED:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > FILE_LINES:
            found.append(f"{path}: {lines} lines, at most {FILE_LINES}")
    return found + (long_functions(path) if path.suffix == ".py" else [])


def main() -> int:
    found = [fault for path in tracked() for fault in faults(path)]
    print("\n".join(found) or "house: every file and function is within its size")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
