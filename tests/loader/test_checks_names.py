"""Dangling names, names of packs that are not needed, names that stand twice, and rule words misused."""

import pytest

DANGLING = {
    "link": (
        "things.yaml",
        "    properties:",
        "    links:\n      - {name: near, label: {zh: 邻近, en: Near}, to: sight}\n    properties:",
        "to: sight",
        "there is no thing type 'trees.sight'",
        "did you mean 'trees.site'?",
    ),
    "code table": (
        "things.yaml",
        "kind: number, unit: m, low: 0}",
        "kind: code, choices: kinds}",
        "choices: kinds",
        "there is no code table 'trees.kinds'",
        "define it",
    ),
    "observed at": (
        "observations.yaml",
        "of: [site]",
        "of: [sites]",
        "of: [sites]",
        "there is no thing type 'trees.sites'",
        "did you mean 'trees.site'?",
    ),
    "rule type": (
        "rules.yaml",
        "type: site",
        "type: sight",
        "type: sight",
        "there is no thing type 'trees.sight'",
        "did you mean",
    ),
    "rule property": (
        "rules.yaml",
        "property: level",
        "property: levle",
        "property: levle",
        "there is no observed property 'trees.levle'",
        "did you mean 'trees.level'?",
    ),
    "condition property": (
        "rules.yaml",
        "when: {above: {thing: alert}}",
        "when: {property: levle, above: {thing: alert}}",
        "levle",
        "there is no observed property 'trees.levle'",
        "did you mean 'trees.level'?",
    ),
    "parameter": (
        "rules.yaml",
        "parameter: calm",
        "parameter: clam",
        "parameter: clam",
        "there is no parameter 'trees.clam'",
        "did you mean 'trees.calm'?",
    ),
    "property of the thing": (
        "rules.yaml",
        "thing: alert",
        "thing: alarm",
        "thing: alarm",
        "there is no property of the thing type 'alarm'",
        "did you mean 'alert'?",
    ),
    "fold link": (
        "rules.yaml",
        "    source:",
        "    fold: {link: served_by, within: 2 h}\n    source:",
        "served_by",
        "there is no link 'served_by'",
        "define it",
    ),
    "category of a rule": (
        "rules.yaml",
        "code: trees.too_high}",
        "code: trees.to_high}",
        "trees.to_high",
        "there is no category 'other:trees.to_high'",
        "did you mean 'other:trees.too_high'?",
    ),
    "procedure of a category": (
        "cases.yaml",
        "procedure: urban.case",
        "procedure: urban.cases",
        "urban.cases",
        "there is no procedure 'urban.cases'",
        "did you mean 'urban.case'?",
    ),
    "layer type": (
        "views.yaml",
        "    type: site",
        "    type: sight",
        "type: sight",
        "there is no thing type 'trees.sight'",
        "did you mean",
    ),
    "layer shows": (
        "views.yaml",
        "shows: level",
        "shows: depth",
        "shows: depth",
        "there is no observed property 'trees.depth'",
        "did you mean",
    ),
    "card chart": (
        "views.yaml",
        "charts: [level]",
        "charts: [levels]",
        "charts: [levels]",
        "there is no observed property 'trees.levels'",
        "did you mean",
    ),
    "card property": (
        "views.yaml",
        "properties: [alert]",
        "properties: [alarm]",
        "properties: [alarm]",
        "there is no property of the type 'alarm'",
        "did you mean 'alert'?",
    ),
    "card column": (
        "views.yaml",
        "columns: [alert]",
        "columns: [alarm]",
        "columns: [alarm]",
        "there is no property of the type 'alarm'",
        "did you mean 'alert'?",
    ),
    "scenario rule": (
        "scenarios/too_high.yaml",
        "rule: trees.too_high",
        "rule: trees.too_hot",
        "trees.too_hot",
        "there is no rule 'trees.too_hot'",
        "did you mean",
    ),
    "scenario type": (
        "scenarios/too_high.yaml",
        "type: trees.site",
        "type: trees.sight",
        "trees.sight",
        "there is no thing type 'trees.sight'",
        "did you mean",
    ),
    "scenario property": (
        "scenarios/too_high.yaml",
        "property: trees.level",
        "property: trees.height",
        "trees.height",
        "there is no observed property 'trees.height'",
        "did you mean",
    ),
    "scenario thing": (
        "scenarios/too_high.yaml",
        "{thing: S1, property",
        "{thing: S2, property",
        "thing: S2, property",
        "there is no given thing 'S2'",
        "define it, or name one of the 1 there are",
    ),
}


def test_the_scaffold_is_sound(pack):
    assert pack.problems() == []


@pytest.mark.parametrize("case", DANGLING.values(), ids=DANGLING)
def test_a_dangling_name(pack, case):
    file, old, new, mark, reason, remedy = case
    pack.replace(file, old, new)
    pack.says(file, mark, reason, remedy)


def test_a_name_of_a_pack_that_is_not_needed(pack):
    pack.replace("pack.yaml", "needs: [base, urban]", "needs: [base, drainage]")
    pack.says("cases.yaml", "urban.case", "which is not needed", "add urban to needs")


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("things.yaml", "types"),
        ("observations.yaml", "properties"),
        ("parameters.yaml", "parameters"),
        ("rules.yaml", "rules"),
        ("views.yaml", "layers"),
    ],
)
def test_a_name_that_stands_twice(pack, file, key):
    lines = (pack.folder / file).read_text("utf-8").splitlines()
    start = lines.index(f"{key}:") + 1
    end = next((at for at in range(start, len(lines)) if not lines[at].startswith(" ")), len(lines))
    pack.write(file, "\n".join([*lines[:end], *lines[start:end], *lines[end:]]) + "\n")
    pack.says(file, end + 1, "stands twice", "rename one")


def test_a_category_that_stands_twice(pack):
    row = "  - {kind: other, code: trees.too_high, label: {zh: 高, en: High}, procedure: urban.case}\n"
    pack.write("cases.yaml", (pack.folder / "cases.yaml").read_text("utf-8") + row)
    pack.says("cases.yaml", "{zh: 高, en: High}", "stands twice", "keep one of them")


def test_a_condition_has_one_rule_word(pack):
    pack.replace("rules.yaml", "when: {above: {thing: alert}}", "when: {above: 1, below: 2}")
    pack.says("rules.yaml", "above: 1", "one rule word, here above and below", "use one of above, below")


def test_a_condition_has_a_rule_word(pack):
    pack.replace("rules.yaml", "when: {above: {thing: alert}}", "when: {}")
    pack.says("rules.yaml", "when: {}", "one rule word, here none", "use one of above, below")


def test_a_level_is_one_thing(pack):
    pack.replace("rules.yaml", "{thing: alert}", "{thing: alert, parameter: calm}")
    pack.says("rules.yaml", "parameter: calm}}", "a level has one of value, parameter, thing", "give one")


@pytest.mark.parametrize("text", ["2 mins", "soon"])
def test_a_span_that_is_none(pack, text):
    pack.replace("rules.yaml", "hold: 2 min", f"hold: {text}")
    pack.says(
        "rules.yaml", f"hold: {text}", f"'{text}' is not a span of time", "write a number and s, min, h or d"
    )


def test_an_interval_that_is_none(pack):
    pack.replace("observations.yaml", "interval: 1 min", "interval: 1 minute")
    pack.says("observations.yaml", "1 minute", "is not a span of time", "write a number and s, min, h or d")


INDICATORS = """\
indicators:
  - name: false_alarm_rate
    label: {zh: 误报率, en: False-alarm rate}
    unit: "%"
    formula: false_alarm_rate
    arguments: {rules: [trees.too_high]}
"""


def test_an_indicator_of_an_unknown_rule(pack):
    pack.write("indicators.yaml", INDICATORS)
    assert pack.problems() == []
    pack.replace("indicators.yaml", "trees.too_high", "trees.too_hih")
    pack.says(
        "indicators.yaml", "too_hih", "there is no rule 'trees.too_hih'", "did you mean 'trees.too_high'?"
    )


def test_an_indicator_of_a_figure_that_is_not_there(pack):
    pack.write("indicators.yaml", INDICATORS.replace("formula: false_alarm_rate", "formula: false_alarms"))
    pack.says(
        "indicators.yaml",
        "false_alarms",
        "there is no figure or function 'trees.false_alarms'",
        "did you mean 'false_alarm_rate'?",
    )


def test_an_indicator_in_a_unit_that_is_none(pack):
    pack.write("indicators.yaml", INDICATORS.replace('"%"', "percents"))
    pack.says("indicators.yaml", "percents", "is not a UCUM unit", "")


def _second_version(pack, first, second):
    """The pack's first rule gets another version."""
    text = (pack.folder / "rules.yaml").read_text(encoding="utf-8")
    head, _, body = text.partition("  - name: ")
    name, _, rest = body.split("\n  - ")[0].rstrip().partition("\n")
    rules = [f"  - name: {name}\n    {key}\n{rest}\n" for key in (first, second)]
    pack.write("rules.yaml", head + "\n".join(rules))


def test_versions_of_a_rule_that_follow_each_other(pack):
    _second_version(pack, "until: 2026-06-01", "since: 2026-06-01")
    assert not [str(one) for one in pack.problems() if "rules.yaml" in one.file]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("until: 2026-06-02", "since: 2026-06-01"),
        ("late: 5 min", "since: 2026-06-01"),
        ("late: 5 min", "late: 6 min"),
    ],
)
def test_versions_of_a_rule_that_overlap(pack, first, second):
    _second_version(pack, first, second)
    assert any("two versions of trees." in one.reason and "until" in one.remedy for one in pack.problems())


MOVING = "symbol: sensor\n    position: [level, depth]"


def test_a_position_is_observed_at_the_type_in_degrees(pack):
    pack.replace("things.yaml", "symbol: sensor", MOVING)
    pack.says("things.yaml", "position", "there is no observed property 'trees.depth'", "did you mean")
    pack.says("things.yaml", "position", "trees.level is in m, a position is in deg", "both in deg")
    pack.replace("things.yaml", "[level, depth]", "[level, base.noise_level]")
    pack.says(
        "things.yaml",
        "position",
        "base.noise_level is not observed at trees.site",
        "add trees.site to its `of`",
    )
