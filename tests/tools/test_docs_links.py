"""Relative links of README, ARCHITECTURE and docs lead somewhere; how-tos stay short and come in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)")
ROLES = ("duty-desk", "handling-unit", "supervisor", "leader", "operator", "data-officer")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = [link for link in LINK.findall(page.read_text("utf-8")) if "://" not in link]
    assert [link for link in targets if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("role", ROLES)
def test_each_how_to_is_short_and_in_both_languages(role: str) -> None:
    for page in (ROOT / "docs/how-to" / f"{role}.md", ROOT / "docs/how-to/en" / f"{role}.md"):
        assert len(page.read_text("utf-8").splitlines()) <= 64


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(page.name[:4]) for page in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
