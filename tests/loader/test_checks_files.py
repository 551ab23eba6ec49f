"""Files: missing, unreadable, with unknown, wrong, missing or doubled keys; needs; imports."""

import pytest


def test_a_folder_without_a_head(pack):
    (pack.folder / "pack.yaml").unlink()
    pack.says("pack.yaml", 0, "is missing", "a pack is a folder with a pack.yaml")


def test_a_pack_without_a_noun(pack):
    for path in pack.folder.glob("*.yaml"):
        if path.name not in ("pack.yaml", "views.yaml", "parameters.yaml"):
            path.unlink()
    (pack.folder / "views.yaml").unlink()
    pack.says("pack.yaml", "name: trees", "the pack has no noun file", "add one of things.yaml")


def test_a_pack_without_a_scenario(pack):
    (pack.folder / "scenarios/too_high.yaml").unlink()
    pack.says("pack.yaml", "name: trees", "the pack has no scenario", "add scenarios/NAME.yaml")


def test_a_pack_without_a_readme(pack):
    (pack.folder / "README.md").unlink()
    pack.says("pack.yaml", "name: trees", "the pack has no README.md", "write in one page")


def test_a_file_that_no_pack_has(pack):
    pack.write("rule.yaml", "rules: []\n")
    pack.says("rule.yaml", 1, "no pack has such a file", "known are pack.yaml")


def test_a_name_other_than_the_folders(pack):
    pack.replace("pack.yaml", "name: trees", "name: shrubs")
    pack.says("pack.yaml", "name: shrubs", "but the folder is 'trees'", "give both the same name")


def test_a_needed_pack_that_is_absent(pack):
    pack.replace("pack.yaml", "needs: [base, urban]", "needs: [base, urban, heating]")
    pack.says("pack.yaml", "needs:", "there is no pack 'heating'", "install it, or take the line out")


def test_packs_that_need_each_other(pack):
    other = pack.folder.parent / "shrubs"
    head = (pack.folder / "pack.yaml").read_text("utf-8")
    other.mkdir()
    (other / "pack.yaml").write_text(
        head.replace("name: trees", "name: shrubs").replace("base, urban", "trees"), "utf-8"
    )
    pack.replace("pack.yaml", "needs: [base, urban]", "needs: [base, urban, shrubs]")
    from hutong.loader.check import check_all

    said = [str(one) for one in check_all([pack.folder, other])]
    assert any("trees/pack.yaml" in one and "'shrubs' needs 'trees' itself" in one for one in said), said


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("types:\n  - name: [site\n", 3, "is not YAML"),
        ("types:\n\t- name: site\n", 2, "is not YAML"),
        ("types: {a: 1\nb: 2\n", 2, "is not YAML"),
    ],
)
def test_a_file_that_is_not_yaml(pack, text, line, reason):
    pack.write("things.yaml", text)
    pack.says("things.yaml", line, reason, "mind the indentation, colons and quotes")


def test_a_file_that_is_not_utf8(pack):
    (pack.folder / "things.yaml").write_bytes("types: [] # 监测点".encode("gbk"))
    pack.says("things.yaml", 1, "is not UTF-8", "save the file as UTF-8")


def test_an_unknown_key(pack):
    pack.replace("rules.yaml", "    hold: 2 min", "    held: 2 min")
    pack.says("rules.yaml", "held: 2 min", "unknown field `held`", "take the key out, or see the schema")


def test_an_unknown_key_of_a_scenario(pack):
    pack.replace("scenarios/too_high.yaml", "began:", "begun:")
    pack.says("scenarios/too_high.yaml", "begun:", "unknown field `begun`", "take the key out")


def test_a_missing_key(pack):
    pack.replace("rules.yaml", "    colour: yellow\n", "")
    pack.says("rules.yaml", "- name: too_high", "missing required field `colour`", "add it")


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("things.yaml", "low: 0}", "low: none}", "expected `float | null`, got `str`"),
        ("rules.yaml", "colour: yellow", "colour: purple", "invalid enum value 'purple'"),
        ("things.yaml", "kind: number", "kind: figure", "invalid enum value 'figure'"),
        ("observations.yaml", "of: [site]", "of: site", "expected `array`, got `str`"),
    ],
)
def test_a_value_of_another_kind(pack, file, old, new, reason):
    pack.replace(file, old, new)
    pack.says(file, new, reason, "give a value of the kind that the schema asks for")


def test_a_key_that_stands_twice(pack):
    pack.replace("rules.yaml", "    hold: 2 min\n", "    hold: 2 min\n    hold: 3 min\n")
    pack.says("rules.yaml", "hold: 3 min", "stands twice", "keep one of them")


def test_yes_and_no_are_words(pack):
    pack.replace("views.yaml", "shows: level", "visible: no")
    pack.says("views.yaml", "visible: no", "expected `bool`, got `str`", "give a value of the kind")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import hutong.store.city_store", "hutong.store.city_store"),
        ("from hutong.engine.judge import Judge", "hutong.engine.judge"),
        ("from hutong.packs.drainage import formulas", "hutong.packs.drainage"),
        ("from hutong import engine", "hutong.engine"),
    ],
)
def test_a_forbidden_import(pack, line, name):
    pack.write("rules_of_thumb.py", f'"""Rules."""\n\nimport math\n{line}\n')
    pack.says("rules_of_thumb.py", line, "a pack may not import this", "use the kernel, or a library")
    assert any(one.key == name for one in pack.problems())


def test_kernel_and_libraries_may_be_imported(pack):
    pack.write("sums.py", "import numpy\nimport scipy\nfrom hutong.kernel.spans import span\n")
    assert pack.problems() == []


def test_python_that_is_none(pack):
    pack.write("sums.py", "x = 1\ndef broken(:\n")
    pack.says("sums.py", 2, "is not Python", "mend the syntax")


def test_formulas_that_do_not_load(pack):
    pack.write("formulas.py", "import numpy as np\n\nnp.no_such_thing()\n")
    pack.says("formulas.py", 3, "does not load: AttributeError", "mend the code")


def test_a_table_of_categories_that_is_absent(pack):
    pack.write(
        "cases.yaml", (pack.folder / "cases.yaml").read_text("utf-8") + "categories_from: [classes.csv]\n"
    )
    pack.says("cases.yaml", "categories_from", "there is no file classes.csv", "name a CSV of this folder")


def test_a_table_of_categories_without_a_column(pack):
    pack.write(
        "cases.yaml", (pack.folder / "cases.yaml").read_text("utf-8") + "categories_from: [classes.csv]\n"
    )
    pack.write("classes.csv", "kind,class_code,name\nother,1,x\n")
    pack.says("classes.csv", 1, "the column major_name is missing", "head the file with kind,major_name")
