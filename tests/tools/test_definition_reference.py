"""The pages of rule words, errors and settings say what the code says, and leave nothing out."""

from __future__ import annotations

import msgspec
import pytest
import yaml
from tests.tools.test_docs_run import tool

from hutong.api.problems import STATUS
from hutong.kernel.definition.pack import CityHead, StormNight
from hutong.kernel.definition.procedure import LimitRow
from hutong.kernel.definition.rule import Condition, Fold, FormulaCall, Level, Rise, Rule, Unusual
from hutong.loader.checks.names import WORDS
from hutong.loader.schemas import field_docs

reference = tool("definition_reference")
PAGES = {path.name: (path, text) for path, text in reference.pages().items()}


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_is_current(name: str) -> None:
    path, text = PAGES[name]
    assert path.read_text("utf-8") == text, "run: python tools/definition_reference.py"


@pytest.mark.parametrize(
    "struct", [CityHead, StormNight, LimitRow, Condition, Level, Rise, Unusual, FormulaCall, Fold, Rule]
)
def test_every_key_is_documented(struct: type[msgspec.Struct]) -> None:
    names = {field.name for field in msgspec.structs.fields(struct)}
    assert names == set(field_docs(struct))


def test_every_rule_word_is_on_its_page_with_an_example_that_is_one() -> None:
    text = PAGES["rule-words.md"][1]
    assert tuple(reference.words()) == WORDS
    assert set(reference.EXAMPLES) == set(WORDS)
    for word, example in reference.EXAMPLES.items():
        condition = msgspec.convert(yaml.safe_load(example), Condition)
        assert getattr(condition, word) is not None
        assert f"## {word}\n" in text


def test_every_error_has_a_status_and_a_line() -> None:
    text = PAGES["errors.md"][1]
    kinds = {kind for kind in reference.error_classes() if kind.__module__ == "hutong.kernel.errors"}
    assert len(kinds) == 9
    assert kinds == set(STATUS)
    for kind in kinds:
        assert kind.__doc__
        assert f"| `{kind.code}` | {STATUS[kind][0]} |" in text


def test_every_setting_of_a_city_is_on_its_page() -> None:
    text = PAGES["city-settings.md"][1]
    for field in msgspec.structs.fields(CityHead):
        assert f"| `{field.name}` | " in text
