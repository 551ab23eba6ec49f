"""docs/how-to/packs.md: its examples work, and it names every file, rule word and scenario key."""

import re
from pathlib import Path

import msgspec
import pytest
import yaml

from hutong.app.scenarios import run_pack
from hutong.kernel.definition.procedure import CasesFile
from hutong.kernel.definition.rule import RulesFile
from hutong.kernel.definition.scenario import Expect, Given, Step
from hutong.loader.checks.names import WORDS
from hutong.loader.pack import FORMATS
from hutong.loader.scaffold import new_pack

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "packs.md"
TEXT = PAGE.read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def example(start):
    return next(text for text in EXAMPLES if text.startswith(start))


def test_the_rule_is_one():
    (rule,) = msgspec.convert(yaml.safe_load(example("rules:")), RulesFile).rules
    assert rule.name == "flooding"


def test_the_category_is_one():
    (category,) = msgspec.convert(yaml.safe_load(example("categories:")), CasesFile).categories
    assert category.procedure == "urban.case"


def test_the_scenario_comes_out(tmp_path):
    folder = new_pack("street_lamps", tmp_path)
    (folder / "scenarios/dark.yaml").write_text(example("name: a_dark_lamp"), "utf-8")
    assert run_pack(folder)["a_dark_lamp_is_mended"] == []


@pytest.mark.parametrize("name", [*FORMATS, *WORDS])
def test_every_file_and_rule_word_is_named(name):
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("struct", [Given, Expect, Step])
def test_every_key_of_a_scenario_is_named(struct):
    keys = {field.name for field in msgspec.structs.fields(struct)} - {"rule", "reason"}
    assert {key for key in keys if f"`{key}`" not in TEXT} == set()


@pytest.mark.parametrize("target", re.findall(r"\]\((\.\./[^)]+)\)", TEXT))
def test_links_lead_somewhere(target):
    assert (PAGE.parent / target).is_file()
