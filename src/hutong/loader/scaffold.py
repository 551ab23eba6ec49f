"""Makes a small complete pack: one type, one observed property, one rule, one scenario, words and a README."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from hutong.kernel.errors import Conflict, Invalid
from hutong.loader.find import pack_folders
from hutong.loader.schemas import PUBLISHED, editor_line, write_schemas

TEMPLATE = Path(__file__).resolve().parent / "template"
_NAME = re.compile(r"[a-z][a-z0-9_]{1,40}")


def new_pack(name: str, folder: Path) -> Path:
    """Makes the pack `name` in `folder` and returns its folder.

    Invalid for a name that cannot be one, Conflict if it is taken.
    """
    if not _NAME.fullmatch(name):
        raise Invalid(
            "name", f"{name!r} cannot name a pack", "use lower-case letters, digits and _, as in street_trees"
        )
    if name in pack_folders():
        raise Conflict("name", f"a pack {name!r} is there already", "choose another name")
    made = folder / name
    if made.exists():
        raise Conflict("folder", f"{made} is there already", "choose another name or folder")
    words = {"name": name, "title": name.replace("_", " ").capitalize()}
    for path in sorted(TEMPLATE.rglob("*")):
        if path.is_file():
            _write(path, made / path.relative_to(TEMPLATE), made, words)
    if not any((up / PUBLISHED).is_dir() for up in made.resolve().parents):
        write_schemas(folder / ".schemas")
    return made


def _write(template: Path, target: Path, pack: Path, words: dict[str, str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    text = Template(template.read_text(encoding="utf-8")).substitute(words)
    if target.suffix == ".yaml":
        text = f"{editor_line(target, pack)}\n{text}"
    target.write_text(text, encoding="utf-8")
