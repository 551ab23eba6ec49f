"""Registers that use what is not there are told by file and line."""

import pytest

REGISTERS = """fields:
  - {name: girth, label: {zh: 胸径, en: Girth}, about: household, kind: number}
  - {name: keeper, label: {zh: 养护人, en: Keeper}, about: person}
registers:
  - name: gardens
    label: {zh: 庭院, en: Gardens}
    about: household
    fields: [girth]
    when: [{field: girth, at_least: 1}]
"""
WRONG = {
    "field": ("fields: [girth]", "fields: [height]", "there is no field 'height'"),
    "condition": ("{field: girth, at", "{field: height, at", "there is no field 'height'"),
    "kind": ("fields: [girth]", "fields: [girth, keeper]", "'keeper' is about a person"),
    "twice": ("{name: keeper", "{name: girth", "'girth' is defined 2 times"),
    "choices": ("kind: number}", "kind: choice}", "'girth' has no choices"),
    "rounds": (
        "    fields: [girth]",
        "    fields: [girth]\n    rounds: {kind: other, code: nothing, every: days, done: seen}",
        "there is no category other:nothing",
    ),
}


def test_sound_registers_are_sound(pack):
    pack.write("registers.yaml", REGISTERS)
    assert pack.problems() == []


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_there(pack, case):
    old, new, reason = WRONG[case]
    pack.write("registers.yaml", REGISTERS.replace(old, new))
    assert any(reason in one.reason for one in pack.problems())
