"""A directory that several processes hold is read again as soon as one of them changed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hutong.app.directories import Changed, Directories


def test_a_change_is_seen_by_the_next_look_of_everybody(tmp_path: Path) -> None:
    read: list[Any] = []

    def reading() -> Any:
        read.append(object())
        return read[-1]

    one, other = Directories(tmp_path, reading), Directories(tmp_path, reading)
    first, second = one.now(), other.now()
    assert (one.now(), other.now(), len(read)) == (first, second, 2)
    other.changed()
    assert one.now() is not first
    assert other.now() is not second
    assert len(read) == 4
    one.close()
    other.close()


def test_a_change_while_it_is_read_makes_it_read_again(tmp_path: Path) -> None:
    changed, read = Changed(tmp_path), []

    def reading() -> Any:
        if not read:
            changed.tell()
        read.append(object())
        return read[-1]

    held = Directories(tmp_path, reading)
    assert held.now() is read[0]
    assert held.now() is read[1] is held.now()


def test_the_number_outlives_a_restart(tmp_path: Path) -> None:
    changed = Changed(tmp_path)
    changed.tell()
    changed.close()
    assert Changed(tmp_path).number == 1
