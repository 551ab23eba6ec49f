"""JSON Schemas of pack and city files, made from the types that read them; editors complete and check YAML with them."""

from __future__ import annotations

import ast
import inspect
import json
import os
import textwrap
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from hutong.kernel.base import Label
from hutong.kernel.definition.scenario import Scenario
from hutong.loader.city_source import CITY_FORMATS
from hutong.loader.pack import FORMATS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SUFFIX = ".schema.json"
PUBLISHED = Path("docs/reference/schemas")
"""Where the repository keeps them."""

KINDS: dict[str, Any] = {**FORMATS, **CITY_FORMATS, "scenario.yaml": Scenario, "words.yaml": dict[str, str]}


def schema_name(file: str) -> str:
    """`rules.yaml` → `rules.schema.json`; files in scenarios/ and words/ share one schema each."""
    folder, _, name = file.rpartition("/")
    stem = {"scenarios": "scenario", "words": "words"}.get(folder) or name.removesuffix(".yaml")
    return stem + SUFFIX


def schemas() -> dict[str, dict[str, Any]]:
    """File name → schema, for every file of a pack and of a city."""
    return {schema_name(file): _schema(file, kind) for file, kind in KINDS.items()}


def write_schemas(folder: Path) -> list[Path]:
    """Writes all schemas into the folder; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, schema in schemas().items():
        path = folder / name
        path.write_text(schema_text(schema), encoding="utf-8")
        paths.append(path)
    return paths


def schema_text(schema: dict[str, Any]) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def editor_line(file: Path, folder: Path) -> str:
    """The comment that tells an editor the schema of a YAML file of the pack or city in `folder`."""
    home = next((up / PUBLISHED for up in folder.resolve().parents if (up / PUBLISHED).is_dir()), None)
    schemas_at = home or folder.resolve().parent / ".schemas"
    name = schema_name(file.relative_to(folder).as_posix())
    path = Path(os.path.relpath(schemas_at / name, file.resolve().parent)).as_posix()
    return f"# yaml-language-server: $schema={path}"


def _schema(file: str, kind: Any) -> dict[str, Any]:
    (root,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    structs = _structs(kind, {})
    for name, part in parts.items():
        if name in structs:
            _describe(part, structs[name])
    return {"$schema": DIALECT, "title": file, **root, **({"$defs": parts} if parts else {})}


def _structs(kind: Any, found: dict[str, type[msgspec.Struct]]) -> dict[str, type[msgspec.Struct]]:
    """All structs that a type is made of, by name."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind.__name__ not in found:
            found[kind.__name__] = kind
            for hint in get_type_hints(kind).values():
                _structs(hint, found)
    else:
        for part in get_args(kind):
            _structs(part, found)
    return found


def _describe(part: dict[str, Any], struct: type[msgspec.Struct]) -> None:
    """Docstrings of the struct and of its fields become descriptions. A label must have both languages."""
    if struct.__doc__:
        part["description"] = " ".join(inspect.cleandoc(struct.__doc__).split())
    for field, text in field_docs(struct).items():
        if field in part.get("properties", {}):
            part["properties"][field]["description"] = text
    if struct is Label:
        part["required"] = ["zh", "en"]
        part["additionalProperties"] = False
        for language in ("zh", "en"):
            part["properties"][language] = {"type": "string", "minLength": 1}


@cache
def field_docs(struct: type) -> dict[str, str]:
    """Field → the string that stands below it in the source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(struct))).body[0]
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    found: dict[str, str] = {}
    for field, below in pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            found[field.target.id] = " ".join(str(below.value.value).split())
    return found
