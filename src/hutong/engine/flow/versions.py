"""Versions of a case that say nothing new: it was written only so that of two deeds at once one sees the other (a part
ended, another case was joined to it). Nobody who saw it before such a version saw anything else."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from hutong.kernel.case import Case
from hutong.kernel.ports import Reader


def same_since(reader: Reader, case: Case, version: int) -> bool:
    """Whether the case stands as it did at an earlier version."""
    stood = (one for _, one in reader.versions(Case, case.id) if one.version == version)
    return any(_same(one, case) for one in stood)


def last_change(versions: Sequence[Case]) -> tuple[Case, Case] | None:
    """(the version before the last change, the version it made) of all versions in order; None if nothing changed."""
    for before, after in zip(reversed(versions[:-1]), reversed(versions), strict=False):
        if not _same(before, after):
            return before, after
    return None


def _same(one: Case, other: Case) -> bool:
    return replace(one, version=other.version) == other
