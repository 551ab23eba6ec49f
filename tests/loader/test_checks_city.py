"""A city's files refer to what is there, and say so with file and line where they do not."""

import pytest

from hutong.loader.check import check_all
from hutong.loader.city import load_city
from hutong.loader.problem import Faulty


def test_the_city_is_sound(city):
    assert city.problems() == []


MISTAKES = {
    "pack": (
        "city.yaml",
        "drainage]",
        "drainage, heating]",
        "packs:",
        "there is no pack 'heating'",
        "install it",
    ),
    "rule": (
        "city.yaml",
        "- drainage.flooding",
        "- drainage.floding",
        "drainage.floding",
        "there is no rule 'drainage.floding'",
        "did you mean 'drainage.flooding'?",
    ),
    "parameter": (
        "city.yaml",
        "drainage.clear_depth",
        "drainage.clear_deep",
        "clear_deep",
        "there is no parameter",
        "did you mean 'drainage.clear_depth'?",
    ),
    "stage of a limit": (
        "city.yaml",
        "stage: handling",
        "stage: handlin",
        "stage: handlin",
        "there is no clock or window 'handlin'",
        "did you mean 'handling'?",
    ),
    "category of a limit": (
        "city.yaml",
        "code: drainage,",
        "code: sewers,",
        "code: sewers",
        "no pack has a category other:sewers",
        "mend the kind or the code",
    ),
    "limit without a source": (
        "city.yaml",
        "source: test}",
        "source: ''}",
        "stage: handling",
        "the limit has no source",
        "name the rule it is from",
    ),
    "zone": (
        "city.yaml",
        "division:",
        "zone: Asia/Shanghigh\ndivision:",
        "zone:",
        "there is no time zone 'Asia/Shanghigh'",
        "Asia/Shanghai",
    ),
    "division": ("city.yaml", '"310101"', '"3101"', "division", "'3101' has another form", "six digits"),
    "box": (
        "city.yaml",
        "[121.4, 31.2",
        "[31.2, 121.4",
        "box:",
        "is no box",
        "give west, south, east, north",
    ),
    "day": ("city.yaml", "2026-02-14", "2026-02-30", "2026-02-30", "is no date", "write YYYY-MM-DD"),
    "working period": (
        "city.yaml",
        '["08:30", "12:00"]',
        '["12:00", "08:30"]',
        '["12:00"',
        "is no working period",
        "give begin and end",
    ),
    "unknown setting": (
        "city.yaml",
        "licence:",
        "license:",
        "license:",
        "unknown field `license`",
        "take the key out",
    ),
    "parent": (
        "organisations.yaml",
        "parent: district",
        "parent: distrikt",
        "distrikt",
        "there is no organisation 'distrikt'",
        "did you mean 'district'?",
    ),
    "credit code": (
        "organisations.yaml",
        "side: leadership",
        "uscc: 91310000000000000X, side: leadership",
        "uscc",
        "",
        "",
    ),
    "organisation of an account": (
        "accounts.yaml",
        "organisation: roads",
        "organisation: rods",
        "organisation: rods",
        "there is no organisation 'rods'",
        "did you mean 'roads'?",
    ),
    "role of an account": (
        "accounts.yaml",
        "roles: [handler]",
        "roles: [handlers]",
        "[handlers]",
        "there is no role 'handlers'",
        "did you mean 'handler'?",
    ),
    "organisation of a responsibility": (
        "responsibilities.csv",
        "matter,01,*,roads",
        "matter,01,*,rods",
        "rods",
        "there is no organisation 'rods'",
        "did you mean 'roads'?",
    ),
    "category of a responsibility": (
        "responsibilities.csv",
        "matter,01",
        "matter,77",
        "matter,77",
        "no pack has a category matter:77",
        "mend the kind or the code",
    ),
    "column": (
        "responsibilities.csv",
        "organisation,basis",
        "unit,basis",
        "unit,basis",
        "the column organisation is missing",
        "head the file with kind,code,place,organisation,basis",
    ),
    "responsibility twice": (
        "responsibilities.csv",
        "other,drainage.flooding,*,roads,test",
        "matter,01,*,district,test",
        "district",
        "matter:01 at * has its unit in line 2 already",
        "keep one of the two",
    ),
}


@pytest.mark.parametrize("case", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_of_a_city(city, case):
    file, old, new, mark, reason, remedy = case
    city.replace(file, old, new)
    city.says(file, mark, reason, remedy)


def test_organisations_above_themselves(city):
    city.replace("organisations.yaml", "side: leadership", "side: leadership, parent: roads")
    city.says("organisations.yaml", "code: district", "'district' stands above itself", "let one of them")


@pytest.mark.parametrize(("file", "name"), [("organisations.yaml", "roads"), ("accounts.yaml", "wu")])
def test_a_name_that_stands_twice(city, file, name):
    lines = (city.folder / file).read_text("utf-8").splitlines()
    city.write(file, "\n".join([*lines, lines[-1]]) + "\n")
    city.says(file, len(lines) + 1, f"{name!r} stands twice", "rename one")


def test_a_night_of_unknown_models(city):
    night = (
        "night:\n  label: {zh: 夜, en: Night}\n  furnish: drainage.furnis\n  feed: drainage.night\n"
        '  start: "2026-07-18 19h"\n  hours: 8\n'
    )
    city.write("city.yaml", (city.folder / "city.yaml").read_text("utf-8") + night)
    city.says(
        "city.yaml", "furnish:", "there is no model 'drainage.furnis'", "did you mean 'drainage.furnish'?"
    )
    city.says("city.yaml", "start:", "is no local time", "write it like 2026-07-18 19:00")


def test_a_broken_city_does_not_load_and_says_every_mistake(city):
    city.replace("accounts.yaml", "roles: [handler]", "roles: [handlers]")
    city.replace("city.yaml", "- drainage.flooding", "- drainage.floding")
    with pytest.raises(Faulty) as caught:
        load_city(city.folder)
    said = str(caught.value)
    assert "2 mistake(s)" in said
    assert "town/accounts.yaml:2: accounts[0].roles[0]: there is no role 'handlers'" in said
    assert "town/city.yaml:9: opens_cases[0]: there is no rule 'drainage.floding'" in said
    assert "run `hutong check`" in said


def test_a_city_that_is_not_yaml_does_not_load(city):
    city.write("city.yaml", "name: [town\n")
    with pytest.raises(Faulty, match=r"town/city\.yaml:2: .*is not YAML"):
        load_city(city.folder)


def test_a_folder_that_is_no_city(tmp_path):
    (tmp_path / "empty").mkdir()
    (problem,) = check_all(cities=[tmp_path / "empty"])
    assert (problem.file, problem.reason) == ("empty/city.yaml", "is missing")
    assert "hutong new city" in problem.remedy
