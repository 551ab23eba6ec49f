"""Units that clash, numbers without a source, labels and words that are missing."""

import pytest


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("things.yaml", "unit: m,", "unit: metre,"),
        ("observations.yaml", "unit: m\n", "unit: mtr\n"),
        ("parameters.yaml", "unit: m\n", "unit: Meter\n"),
    ],
)
def test_a_unit_that_is_not_ucum(pack, file, old, new):
    pack.replace(file, old, new)
    pack.says(file, new.strip(), "is not a UCUM unit", "")


def test_a_property_beside_a_level_of_another_dimension(pack):
    pack.replace("things.yaml", "unit: m,", "unit: m3/s,")
    reason = "compares trees.level in m with a level in m3/s"
    pack.says("rules.yaml", "when: {above: {thing: alert}}", reason, "compare like with like")


def test_a_property_beside_a_parameter_of_another_dimension(pack):
    pack.replace("parameters.yaml", "unit: m\n", "unit: mm/h\n")
    reason = "compares trees.level in m with a level in mm/h"
    pack.says("rules.yaml", "clear: {below: {parameter: calm}}", reason, "compare like with like")


def test_levels_within_all_and_any_are_compared_too(pack):
    pack.replace("parameters.yaml", "unit: m\n", "unit: A\n")
    pack.replace(
        "rules.yaml",
        "clear: {below: {parameter: calm}}",
        "clear:\n      any:\n        - {below: {parameter: calm}}",
    )
    pack.says("rules.yaml", "- {below", "in m with a level in A", "compare like with like")


def test_a_level_of_the_same_dimension_in_another_unit_is_no_clash_but_must_be_the_same_unit(pack):
    """Levels are compared as they stand, so centimetres beside metres would be wrong by a hundred."""
    pack.replace("parameters.yaml", "unit: m\n", "unit: cm\n")
    pack.says("rules.yaml", "clear: {below", "in m with a level in cm", "compare like with like")


def test_a_parameter_without_a_source(pack):
    pack.replace("parameters.yaml", "source: city rule", 'source: ""')
    pack.says("parameters.yaml", 'source: ""', "the number has no source", "name the standard and clause")


def test_a_parameter_without_a_value(pack):
    text = (pack.folder / "parameters.yaml").read_text("utf-8")
    pack.write("parameters.yaml", text[: text.index("    values:")] + "    values: []\n")
    pack.says("parameters.yaml", "values: []", "no value is given", "give a dated value")


def test_a_value_since_no_day(pack):
    pack.replace("parameters.yaml", '"2026-01-01"', '"2026-02-30"')
    pack.says("parameters.yaml", "2026-02-30", "'2026-02-30' is not a date", "write YYYY-MM-DD")


def test_a_rule_whose_numbers_have_no_source(pack):
    pack.replace("rules.yaml", "    source: city rule (L)\n", "")
    pack.says(
        "rules.yaml", "- name: too_high", "the rule's numbers have no source", "name the standard and clause"
    )


def test_a_label_without_english(pack):
    pack.replace("things.yaml", "{zh: 监测点, en: Site}", "{zh: 监测点}")
    pack.says("things.yaml", "{zh: 监测点}", "the label has no en text", "give both zh and en")


def test_a_label_without_chinese(pack):
    pack.replace("scenarios/too_high.yaml", "zh: 水平过高立案，恢复后解除, ", 'zh: "", ')
    pack.says("scenarios/too_high.yaml", 'zh: ""', "the label has no zh text", "give both zh and en")


def test_a_label_with_a_key_that_is_no_language(pack):
    pack.replace("views.yaml", "{zh: 监测点, en: Sites}", "{zh: 监测点, en: Sites, fr: Sites}")
    pack.says("views.yaml", "fr: Sites", "a label has no 'fr'", "give zh and en, and nothing else")


def test_words_of_one_language_only(pack):
    pack.write("words/en.yaml", "pack.trees: Trees\nsite.note: A note\n")
    pack.says("words/zh.yaml", 1, "1 word(s) missing", "add site.note")


def test_a_missing_word_file(pack):
    (pack.folder / "words/en.yaml").unlink()
    pack.says("words/en.yaml", 1, "1 word(s) missing", "add pack.trees")


def test_a_sentence_with_a_blank_that_nobody_fills(pack):
    pack.replace("rules.yaml", "{thing}: level {value}", "{thing}: level {reading}")
    pack.says(
        "rules.yaml", "{reading}", "nothing fills {reading}", "use {thing} {value} {unit} {level} {place}"
    )


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("{season: month}", "invalid enum value 'month'"),
        ("{beyond: 0}", "expected `float` > 0"),
        ("{learn: a while}", "'a while' is not a span"),
        ("{probability: 0.001}", "unknown field `probability`"),
    ],
)
def test_mistakes_in_what_is_unusual(pack, given, reason):
    pack.replace("rules.yaml", "when: {above: {thing: alert}}", "when: {unusual: {season: day}}")
    assert pack.problems() == []
    pack.replace("rules.yaml", "when: {unusual: {season: day}}", f"when: {{unusual: {given}}}")
    pack.says("rules.yaml", given, reason, "")
