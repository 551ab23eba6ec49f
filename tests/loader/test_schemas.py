"""The published schemas are those of the code, and they accept what ships and refuse what the loader refuses."""

import json
from pathlib import Path

import jsonschema
import pytest

from hutong.loader.find import SHIPPED
from hutong.loader.schemas import PUBLISHED, schema_name, schema_text, schemas
from hutong.loader.yaml_source import YamlSource

SCHEMAS = schemas()
ROOT = Path(__file__).resolve().parents[2]
HOMES = [
    *(path.parent for path in SHIPPED.glob("*/pack.yaml")),
    *(p.parent for p in (ROOT / "cities").glob("*/city.yaml")),
]
FILES = [
    (home, path)
    for home in sorted(HOMES)
    for pattern in ("*.yaml", "scenarios/*.yaml", "words/*.yaml")
    for path in sorted(home.glob(pattern))
]


def data_of(path):
    source = YamlSource(path, path.name)
    assert source.problems == []
    return source.data


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_committed_schema_is_current(name):
    committed = (ROOT / PUBLISHED / name).read_text("utf-8")
    assert committed == schema_text(SCHEMAS[name]), "run `hutong schemas`"


def test_nothing_else_is_committed():
    assert {path.name for path in (ROOT / PUBLISHED).iterdir()} == set(SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name):
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize(("home", "path"), FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_what_ships_is_valid(home, path):
    schema = SCHEMAS[schema_name(path.relative_to(home).as_posix())]
    jsonschema.Draft202012Validator(schema).validate(data_of(path))


@pytest.mark.parametrize(("home", "path"), FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_editor_finds_the_schema(home, path):
    first = path.read_text("utf-8").splitlines()[0]
    target = (path.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()
    assert target == ROOT / PUBLISHED / schema_name(path.relative_to(home).as_posix())


def test_a_scaffolded_pack_brings_its_schemas(pack, scaffolded):
    for path in scaffolded.rglob("*.yaml"):
        first = path.read_text("utf-8").splitlines()[0]
        target = (path.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()
        schema = json.loads(target.read_text("utf-8"))
        jsonschema.Draft202012Validator(schema).validate(data_of(path))


def errors(name, data):
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMAS[name]).iter_errors(data)]


def test_a_wrong_file_is_refused_by_the_schema(pack):
    data = data_of(pack.folder / "rules.yaml")
    rule = data["rules"][0]
    assert errors("rules.schema.json", data) == []
    for key, value in (("colour", "purple"), ("hold", 3), ("held", "3 min"), ("label", {"zh": "高"})):
        assert errors("rules.schema.json", {"rules": [{**rule, key: value}]}), key


def test_docstrings_are_descriptions():
    rules = SCHEMAS["rules.schema.json"]["$defs"]
    assert rules["Rule"]["properties"]["late"]["description"].startswith("How late a row may arrive")
    assert "Exactly one rule word" in rules["Condition"]["description"]
