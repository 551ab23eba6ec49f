"""A mistake in a pack or city: file, line, key, what is wrong and how to mend it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hutong.kernel.errors import Invalid


class Problem(msgspec.Struct, frozen=True, order=True):
    """One mistake. `key` is the path inside the file (`rules[0].when`)."""

    file: str
    line: int
    key: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.reason}. {self.remedy}".rstrip()


class Faulty(Invalid):
    """A pack or city that cannot be used; `problems` lists every mistake found."""

    def __init__(self, what: Path | str, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        listing = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(
            str(what), f"{len(self.problems)} mistake(s):\n{listing}", "mend them and run `hutong check`"
        )
