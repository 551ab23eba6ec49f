"""Runs the documentation: every fenced block marked ```sh run, in order, in a throw-away copy of the repository.

    python tools/docs_run.py [FILE...]        default: README.md and docs/**/*.md

The blocks of one file are one bash script (so variables last from block to block), stopped by the first command that fails;
what failed is told as file:line. Each file gets a fresh copy. Only commands that end belong into such blocks.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

LIMIT_SECONDS = 300.0
OPENING = re.compile(r"^(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})\s*(?P<info>.*?)\s*$")
RUN = ["sh", "run"]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".demo", "node_modules", "__pycache__", ".*_cache", ".hypothesis", "dist", "build"
)
SHOWN_LINES = 20
PRELUDE = 'set -euo pipefail; trap \'printf "%s\\n" $LINENO >>"$DOCS_RUN_LINES"\' DEBUG; '


@dataclass(frozen=True)
class Failure:
    """A command of a document that failed: `line` of the document, what it was, and the end of what was printed."""

    path: Path
    line: int
    command: str
    reason: str
    output: str

    def __str__(self) -> str:
        end = "\n".join(f"    {line}" for line in self.output.splitlines()[-SHOWN_LINES:])
        return f"{self.path}:{self.line}: {self.reason}: {self.command}\n{end}"


def marked(text: str) -> list[str]:
    """The document's lines, those outside marked blocks empty: so a line of the script has the document's number."""
    script: list[str] = []
    fence, running, indent = "", False, 0
    for line in text.splitlines():
        opening = OPENING.match(line)
        if fence:
            closing = opening is not None and opening["info"] == "" and opening["fence"].startswith(fence)
            script.append(
                "" if closing or not running else line[min(indent, len(line) - len(line.lstrip())) :]
            )
            fence = "" if closing else fence
        else:
            script.append("")
            if opening is not None:
                fence, indent = opening["fence"], len(opening["indent"])
                running = opening["info"].split() == RUN
    return script


def run(path: Path, copy: Path, limit: float = LIMIT_SECONDS) -> Failure | None:
    """Runs one document in `copy`; None if every command ended well (or there is none)."""
    script = marked(path.read_text("utf-8"))
    if not any(script):
        return None
    told = copy / ".docs-run-lines"
    file = copy / ".docs-run.sh"
    # The prelude shares line 1, which is never inside a block: that would need its fence on line 0.
    file.write_text("\n".join([PRELUDE, *script[1:], ""]), "utf-8")
    environment = {
        **os.environ,
        "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ.get('PATH', '')}",
        "DOCS_RUN_LINES": str(told),
        "COLUMNS": "200",
    }
    started = subprocess.Popen(
        ["bash", str(file)], cwd=copy, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        output, _ = started.communicate(timeout=limit)
        reason = f"exit {started.returncode}"
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)
        output, _ = started.communicate()
        reason = f"not finished after {limit:.0f} s"
    if started.returncode == 0:
        return None
    line = _last_line(told)
    return Failure(path, line, script[line - 1].strip(), reason, output)


def _last_line(told: Path) -> int:
    lines = told.read_text("utf-8").split() if told.is_file() else []
    return int(lines[-1]) if lines else 1


def documents(root: Path) -> list[Path]:
    """README.md and everything under docs/, in order of name."""
    found = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    return [path for path in found if path.is_file()]


def run_all(root: Path, paths: list[Path], limit: float = LIMIT_SECONDS) -> list[Failure]:
    """Runs each document in a copy of its own, two at a time, and says how long each took."""
    chosen = [path for path in paths if any(marked(path.read_text("utf-8")))]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda path: _timed(root, path, limit), chosen))
    for path, (failure, seconds) in zip(chosen, results, strict=True):
        print(f"{'failed' if failure else 'ok    '} {path.relative_to(root)} ({seconds:.0f} s)")
    return [failure for failure, _ in results if failure]


def _timed(root: Path, path: Path, limit: float) -> tuple[Failure | None, float]:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hutong-docs-") as place:
        copy = Path(shutil.copytree(root, Path(place) / "hutong", ignore=LEFT_OUT))
        return run(path, copy, limit), time.monotonic() - started


def main() -> int:
    root = Path(__file__).resolve().parents[1]
    given = [Path(name).resolve() for name in sys.argv[1:]]
    failures = run_all(root, given or documents(root))
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
