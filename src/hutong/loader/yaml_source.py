"""YAML files with the line of every key, read by YAML 1.2's idea of true and false."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from hutong.loader.problem import Problem

T = TypeVar("T")
Path_ = tuple[str | int, ...]


_Fastest: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML was built with it: ten times as fast, the same lines."""


class _Loader(_Fastest):  # type: ignore[misc]
    """`no`, `on` and dates are text: a pack author means what is written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


class YamlSource:
    """One parsed file: `data`, and `line_of(path)` for messages."""

    def __init__(self, path: Path, shown: str) -> None:
        self.path = path
        self.shown = shown
        self.problems: list[Problem] = []
        self._lines: dict[Path_, int] = {}
        self.data: Any = None
        self._parse()

    def _parse(self) -> None:
        try:
            text = self.path.read_text(encoding="utf-8")
            loader = _Loader(text)
            node = loader.get_single_node()
            if node is not None:
                self._walk(node, ())
                self.data = loader.construct_document(node)
        except UnicodeDecodeError as error:
            self._fault(1, "", f"is not UTF-8 (byte {error.start})", "save the file as UTF-8")
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self._fault(line, "", f"is not YAML: {error.problem}", "mind the indentation, colons and quotes")

    def _fault(self, line: int, key: str, reason: str, remedy: str) -> None:
        self.problems.append(Problem(self.shown, line, key, reason, remedy))

    def _walk(self, node: yaml.Node, path: Path_) -> None:
        self._lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    line = key.start_mark.line + 1
                    self._fault(line, key_text((*path, key.value)), "stands twice", "keep one of them")
                seen.add(key.value)
                self._walk(value, (*path, key.value))
                self._lines[(*path, key.value)] = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self._walk(item, (*path, index))

    def line_of(self, path: Path_) -> int:
        """The line of the deepest part of `path` that the file has."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def problem(self, path: Path_, reason: str, remedy: str) -> Problem:
        return Problem(self.shown, self.line_of(path), key_text(path), reason, remedy)

    def decode(self, kind: type[T]) -> T | None:
        """The data as `kind`; None, with a problem noted, where it does not fit."""
        if self.problems:
            return None
        try:
            return msgspec.convert(self.data if self.data is not None else {}, kind, strict=True)
        except msgspec.ValidationError as error:
            message, _, where = str(error).partition(" - at `")
            path = parse_path(where.rstrip("`"))
            unknown = re.search(r"unknown field `(.+?)`", message)
            if unknown:
                path = (*path, unknown[1])
            self.problems.append(self.problem(path, message[:1].lower() + message[1:], _remedy(message)))
            return None


def parse_path(where: str) -> Path_:
    """`$.rules[0].when` → ("rules", 0, "when")."""
    parts: list[str | int] = []
    for name, index in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", where):
        parts.append(int(index) if index else name)
    return tuple(parts)


def key_text(path: Path_) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or "(file)"


def _remedy(message: str) -> str:
    if "unknown field" in message:
        return "take the key out, or see the schema for the keys there are"
    if "missing required field" in message:
        return "add it"
    return "give a value of the kind that the schema asks for"
