"""Procedures: unreachable and dead-end states, dangling names, rights nobody holds, 监管分离 that is not enforced."""

import pytest

CASES = """\
roles:
  - name: planter
    label: {zh: 种树人, en: Planter}
    side: handling
    may:
      open: [trees.work]
      act.put_in: [trees.work]
  - name: inspector
    label: {zh: 验收人, en: Inspector}
    side: supervision
    may:
      act.accept: [trees.work]
      act.refuse: [trees.work]
categories:
  - {kind: other, code: trees.too_high, label: {zh: 水平过高, en: Level too high}, procedure: trees.work}
procedures:
  - name: work
    label: {zh: 种树, en: Planting}
    noun: {zh: 工单, en: order}
    number: "T{date}{seq:04d}"
    start: ordered
    start_clocks:
      ordered: [planting]
    states:
      - {name: ordered, label: {zh: 待种, en: Ordered}}
      - {name: planted, label: {zh: 待验收, en: Planted}}
      - {name: done, label: {zh: 完成, en: Done}, kind: end, ending: closed}
    actions:
      - name: put_in
        label: {zh: 种下, en: Plant}
        of: [ordered]
        to: planted
        roles: [planter]
        unlike: [refuse]
        clocks: {planting: stop}
      - name: accept
        label: {zh: 验收, en: Accept}
        of: [planted]
        to: done
        roles: [inspector]
        unlike: [put_in]
        unlike_organisation: true
      - name: refuse
        label: {zh: 退回, en: Refuse}
        of: [planted]
        to: ordered
        roles: [inspector]
        unlike: [put_in]
        unlike_organisation: true
        clocks: {planting: resume}
    clocks:
      - {name: planting, label: {zh: 种植时限, en: Planting}, amount: 3, unit: work_day, source: city rule}
    separation:
      - [put_in, accept]
      - [put_in, refuse]
"""


@pytest.fixture
def planting(pack):
    pack.write("cases.yaml", CASES)
    (pack.folder / "scenarios/too_high.yaml").write_text(
        "name: s\nlabel: {zh: 空, en: Empty}\ngiven: {at: '2026-07-18 19:00'}\nexpect: {warnings: []}\n",
        "utf-8",
    )
    return pack


def test_the_procedure_is_sound(planting):
    assert planting.problems() == []


MISTAKES = {
    "a state that nothing leads to": (
        "      - {name: done,",
        "      - {name: watered, label: {zh: 已浇水, en: Watered}}\n      - {name: done,",
        "name: watered",
        "no case ever gets there",
        "lead an action to it, or remove it",
    ),
    "a state that nothing leads out of": (
        "of: [planted]\n        to: done",
        "of: [ordered]\n        to: planted",
        "name: planted",
        "no way leads from it to an end",
        "add an action that leads on",
    ),
    "an unknown state": (
        "to: planted",
        "to: plantd",
        "to: plantd",
        "there is no state 'plantd'",
        "use one of: ordered, planted, done",
    ),
    "an unknown start": (
        "start: ordered",
        "start: orderd",
        "start: orderd",
        "there is no state 'orderd'",
        "use one of: ordered",
    ),
    "an unknown role": (
        "roles: [planter]",
        "roles: [planner]",
        "roles: [planner]",
        "there is no role 'planner'",
        "use one of:",
    ),
    "an unknown clock": (
        "planting: stop",
        "plantin: stop",
        "plantin: stop",
        "there is no clock 'plantin'",
        "use one of: planting",
    ),
    "an action nobody holds": (
        "      act.put_in: [trees.work]\n",
        "",
        "roles: [planter]",
        "role planter does not hold act.put_in on trees.work",
        "add `act.put_in: [trees.work]` to what the role may",
    ),
    "an action nobody may do": (
        "        roles: [planter]\n",
        "",
        "- name: put_in",
        "nobody may do it",
        "name a role, or mark it automatic",
    ),
    "separation of an unknown action": (
        "- [put_in, accept]",
        "- [put_in, approve]",
        "- [put_in, approve]",
        "there is no action 'approve'",
        "use one of: put_in, accept, refuse",
    ),
    "separation that is not enforced": (
        "        roles: [inspector]\n        unlike: [put_in]\n        unlike_organisation: true\n      - name: refuse",
        "        roles: [inspector]\n      - name: refuse",
        "- name: accept",
        "one account could put_in and later accept the same case",
        "add put_in to `unlike`",
    ),
    "a condition on nothing that a case has": (
        "        unlike: [refuse]\n",
        "        unlike: [refuse]\n        when:\n          - {path: deeds.watered, given: true, label: {zh: 未浇, en: Dry}}\n",
        "path: deeds.watered",
        "'deeds.watered' cannot be read of a case",
        "use a field of the case",
    ),
    "a condition that asks for nothing": (
        "        unlike: [refuse]\n",
        "        unlike: [refuse]\n        when:\n          - {path: facts.watered, label: {zh: 未浇, en: Dry}}\n",
        "path: facts.watered",
        "asks for nothing",
        "give equals, one_of",
    ),
    "a child of a procedure that is not there": (
        "        unlike: [refuse]\n",
        "        unlike: [refuse]\n        opens:\n          - {procedure: watering}\n",
        "procedure: watering",
        "there is no procedure 'trees.watering'",
        "name one of",
    ),
    "a child for each of nothing": (
        "        unlike: [refuse]\n",
        "        unlike: [refuse]\n        opens:\n          - {procedure: work, each: units}\n",
        "each: units",
        "the action asks for no list of units 'units'",
        "name an ask of kind organisations",
    ),
    "a title with an unknown place": (
        "        unlike: [refuse]\n",
        "        unlike: [refuse]\n        opens:\n          - {procedure: work, title: {zh: '{who}', en: x}}\n",
        "title:",
        "{who} is not filled in",
        "use {title} and {number}",
    ),
    "a field of the parent that is no fact": (
        "        unlike: [refuse]\n",
        "        unlike: [refuse]\n        on_parent: {state: now}\n",
        "on_parent",
        "only facts of a parent are set",
        "write facts.NAME",
    ),
    "a list amended without a question": (
        "        unlike: [refuse]\n",
        "        unlike: [refuse]\n        amends_list: amend\n",
        "amends_list",
        "the action asks no yes or no 'amend'",
        "name an ask of kind flag",
    ),
    "an unknown window": (
        "        unlike: [refuse]\n",
        "        unlike: [refuse]\n        within: soon\n",
        "within: soon",
        "there is no window 'soon'",
        "use one of: none defined",
    ),
    "a person who acts by the clock": (
        "        unlike: [refuse]\n",
        "        unlike: [refuse]\n        at: children_ended\n",
        "at: children_ended",
        "a person does it when he wants to",
        "remove it, or mark it automatic",
    ),
    "a clock without a source": (
        "source: city rule}",
        "source: ''}",
        "name: planting",
        "the limit has no source",
        "name the standard and clause",
    ),
}


@pytest.mark.parametrize("case", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_of_a_procedure(planting, case):
    old, new, mark, reason, remedy = case
    planting.replace("cases.yaml", old, new)
    planting.says("cases.yaml", mark, reason, remedy)
