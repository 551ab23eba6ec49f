"""Lines, names and spans hold for any file, name and span."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hutong.kernel.base import DAY, HOUR, MINUTE, SECOND
from hutong.kernel.definition.rule import Condition, Fold, Level, Rise, Unusual
from hutong.kernel.errors import Invalid
from hutong.kernel.spans import span
from hutong.loader.find import SHIPPED
from hutong.loader.pack import PackSource
from hutong.loader.qualify import Qualifier
from hutong.loader.yaml_source import YamlSource, key_text, parse_path

QUIET = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
SCALARS = st.one_of(st.integers(-999, 999), st.booleans(), NAMES, st.text("中文 abc#:{}[]'\"-", max_size=8))
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=20,
)


def read(folder, text):
    path = folder / "file.yaml"
    path.write_text(text, "utf-8")
    return YamlSource(path, "file.yaml")


def paths_of(data, path=()):
    yield path, data
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield from paths_of(value, (*path, key))


@QUIET
@given(data=st.dictionaries(NAMES, TREES, min_size=1, max_size=4))
def test_every_path_has_the_line_that_holds_it(tmp_path, data):
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_flow_style=False)
    source = read(tmp_path, text)
    lines = text.splitlines()
    assert source.problems == []
    for path, value in paths_of(source.data):
        line = source.line_of(path)
        assert 1 <= line <= len(lines)
        if path and isinstance(path[-1], str) and not isinstance(value, dict | list):
            assert f"{path[-1]}" in lines[line - 1], (path, lines[line - 1])


@QUIET
@given(data=st.dictionaries(NAMES, TREES, min_size=1, max_size=4))
def test_what_was_written_is_read(tmp_path, data):
    assert read(tmp_path, yaml.safe_dump(data, allow_unicode=True)).data == data


@QUIET
@given(blank=st.integers(0, 30), data=st.dictionaries(NAMES, SCALARS, min_size=2, max_size=6))
def test_lines_count_comments_and_blank_lines(tmp_path, blank, data):
    text = "# note\n" * blank + yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10_000)
    source = read(tmp_path, text)
    assert source.line_of((next(iter(data)),)) == blank + 1


@given(path=st.lists(st.one_of(NAMES, st.integers(0, 99)), min_size=1, max_size=6))
def test_a_path_is_read_as_it_is_written(path):
    path = ["rules", *path]
    assert parse_path("$." + key_text(tuple(path))) == tuple(path)


def test_an_unknown_path_has_the_line_of_what_holds_it(tmp_path):
    source = read(tmp_path, "a:\n  b:\n    - c: 1\n")
    assert source.line_of(("a", "b", 0, "missing")) == 3
    assert source.line_of(("a", "other")) == 1
    assert source.line_of(("nothing",)) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("2026-07-18", "2026-07-18"),
        ("true", True),
        ("1.5", 1.5),
        ("~", None),
    ],
)
def test_scalars_mean_what_is_written(tmp_path, text, value):
    assert read(tmp_path, f"a: {text}\n").data == {"a": value}


@pytest.mark.parametrize("text", ["a: !!python/object/apply:os.getcwd []\n", "a: !thing b\n"])
def test_tags_are_mistakes_and_run_nothing(tmp_path, text):
    (problem,) = read(tmp_path, text).problems
    assert problem.line == 1
    assert "is not YAML" in problem.reason


LEVELS = st.one_of(
    st.floats(-9, 9), st.builds(Level, parameter=NAMES), st.builds(Level, thing=NAMES, plus=st.floats(0, 1))
)
CONDITIONS = st.recursive(
    st.one_of(
        st.builds(Condition, above=LEVELS, property=NAMES),
        st.builds(Condition, outside=st.tuples(LEVELS, LEVELS)),
        st.builds(Condition, rises_faster_than=st.builds(Rise, by=LEVELS, within=st.just("5 min"))),
        st.builds(Condition, unusual=st.builds(Unusual, season=st.sampled_from(["none", "day", "week"]))),
    ),
    lambda inner: st.builds(Condition, all=st.lists(inner, min_size=1, max_size=3).map(tuple)),
    max_leaves=6,
)


@given(pack=NAMES, condition=CONDITIONS)
def test_qualifying_twice_changes_nothing_more(pack, condition):
    q = Qualifier(pack)
    once = q.condition(condition)
    assert q.condition(once) == once


@given(pack=NAMES, other=NAMES, name=NAMES)
def test_names_of_other_packs_stay(pack, other, name):
    q = Qualifier(pack)
    assert q.name(f"{other}.{name}") == f"{other}.{name}"
    assert q.name(name) == f"{pack}.{name}"


@pytest.mark.parametrize("name", ["base", "drainage", "urban"])
def test_shipped_packs_are_qualified_once_and_for_all(name):
    pack = PackSource(Path(SHIPPED / name)).pack
    q = Qualifier(name)
    assert tuple(q.rule(rule) for rule in pack.rules) == pack.rules
    assert tuple(q.type(item) for item in pack.types) == pack.types
    assert tuple(q.layer(item) for item in pack.layers) == pack.layers
    assert tuple(q.card(item) for item in pack.cards) == pack.cards


UNITS = {"s": SECOND, "min": MINUTE, "h": HOUR, "d": DAY}


@given(
    amount=st.integers(0, 100_000),
    unit=st.sampled_from(sorted(UNITS)),
    space=st.sampled_from(["", " ", "  "]),
)
def test_a_span_is_its_number_of_its_unit(amount, unit, space):
    assert span(f"{amount}{space}{unit}") == amount * UNITS[unit]


@given(amount=st.decimals(0, 1000, places=3, allow_nan=False))
def test_a_span_may_have_a_fraction(amount):
    assert span(f"{amount} min") == round(float(amount) * MINUTE)


@pytest.mark.parametrize("text", ["", "3", "min", "3 mins", "-3 min", "3  m", "1e3 s", "三 min", "3 min 2 s"])
def test_what_is_no_span_is_refused_with_a_remedy(text):
    with pytest.raises(Invalid) as caught:
        span(text, "hold")
    assert caught.value.field == "hold"
    assert "3 min" in caught.value.remedy


def test_a_fold_keeps_its_link():
    """Links belong to the thing type, so they are not qualified."""
    rule = PackSource(Path(SHIPPED / "drainage")).pack.rules[0]
    assert (
        Qualifier("other").rule(replace(rule, fold=Fold(link="served_by", within="2 h"))).fold.link
        == "served_by"
    )
