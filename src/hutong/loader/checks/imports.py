"""A pack's Python imports the kernel and numeric or simulation libraries, nothing else of Hutong."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from hutong.loader.checks.known import Known
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem

FORBIDDEN = ("api", "app", "cli", "engine", "gateways", "loader", "store")


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    assert source.pack is not None
    own = f"hutong.packs.{source.pack.head.name}"
    for path in sorted(source.folder.rglob("*.py")):
        shown = source.shown(path.relative_to(source.folder).as_posix())
        try:
            imports = _imports(path.read_text(encoding="utf-8"))
        except SyntaxError as error:
            yield Problem(
                shown, error.lineno or 1, "(file)", f"is not Python: {error.msg}", "mend the syntax"
            )
            continue
        for name, line in imports:
            if _forbidden(name, own):
                yield Problem(shown, line, name, "a pack may not import this", "use the kernel, or a library")


@lru_cache(maxsize=256)
def _imports(code: str) -> list[tuple[str, int]]:
    """What is imported, with its line; SyntaxError. Packs are checked for every city that has them."""
    nodes = ast.walk(ast.parse(code))
    return [(name, getattr(node, "lineno", 1)) for node in nodes for name in _imported(node)]


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom) or not node.module:
        return []
    whole = node.module in ("hutong", "hutong.packs")
    return [f"{node.module}.{alias.name}" for alias in node.names] if whole else [node.module]


def _forbidden(name: str, own: str) -> bool:
    parts = name.split(".")
    if parts[0] != "hutong" or name == own or name.startswith(own + "."):
        return False
    return len(parts) > 1 and (parts[1] in FORBIDDEN or parts[1] == "packs")
