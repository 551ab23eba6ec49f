"""Registers that use what is not there: fields, conditions, the category and parameter of their rounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hutong.kernel.definition.register import Register, RegisterField
from hutong.loader.checks.known import Known
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_, YamlSource

FILE = "registers.yaml"


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    pack = source.pack
    yaml = source.sources.get(FILE)
    if pack is None or yaml is None:
        return
    fields = {one.name: one for other in known.packs.values() for one in other.register_fields}
    defined = Counter(one.name for other in known.packs.values() for one in other.register_fields)
    for index, field in enumerate(pack.register_fields):
        yield from _field(yaml, index, field, defined[field.name])
    for index, register in enumerate(pack.registers):
        yield from _fields(yaml, index, register, fields)
        yield from _rounds(yaml, index, register, known)


def _field(yaml: YamlSource, index: int, field: RegisterField, times: int) -> Iterator[Problem]:
    if times > 1:
        yield yaml.problem(
            ("fields", index, "name"), f"{field.name!r} is defined {times} times", "a field is defined once"
        )
    if field.kind == "choice" and not field.choices:
        yield yaml.problem(
            ("fields", index), f"{field.name!r} has no choices", "list them, or make it a text"
        )
    if field.kept and field.about == "household" and field.kept != "address":
        yield yaml.problem(
            ("fields", index, "kept"), f"a household keeps no {field.kept}", "only its address is kept by it"
        )


def _fields(
    yaml: YamlSource, index: int, register: Register, fields: dict[str, RegisterField]
) -> Iterator[Problem]:
    used: list[tuple[Path_, str]] = [
        (("registers", index, "fields", at), name) for at, name in enumerate(register.fields)
    ]
    used += [(("registers", index, "when", at, "field"), one.field) for at, one in enumerate(register.when)]
    for path, name in used:
        if name not in fields:
            yield yaml.problem(path, f"there is no field {name!r}", "define it under fields")
        elif fields[name].about != register.about:
            yield yaml.problem(
                path,
                f"{name!r} is about a {fields[name].about}, the register about a {register.about}",
                "use fields of the same kind",
            )


def _rounds(yaml: YamlSource, index: int, register: Register, known: Known) -> Iterator[Problem]:
    rounds = register.rounds
    if rounds is None:
        return
    path: Path_ = ("registers", index, "rounds")
    if (rounds.kind, rounds.code) not in known.categories:
        yield yaml.problem(
            path, f"there is no category {rounds.kind}:{rounds.code}", "name one of cases.yaml"
        )
    if rounds.every not in known.parameters:
        yield yaml.problem(path, f"there is no parameter {rounds.every!r}", "add it to parameters.yaml")
