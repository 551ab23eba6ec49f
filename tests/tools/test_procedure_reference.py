"""The page of procedures shows every procedure that ships, as the packs have it."""

from __future__ import annotations

from tests.tools.test_docs_run import tool

reference = tool("procedure_reference")
PROCEDURES = reference.compiled()
TEXT = reference.page(PROCEDURES)


def test_the_committed_page_is_current() -> None:
    assert reference.PAGE.read_text("utf-8") == TEXT, "run: python tools/procedure_reference.py"


def test_every_state_and_action_is_on_it() -> None:
    for one in PROCEDURES:
        part = TEXT.split(f"\n## {one.name}\n")[1].split("\n## ")[0]
        for action in one.actions:
            assert f"`{action}`" in part, (one.name, action)
        for state in one.procedure.states:
            assert f"  {state.name}" in part.split("```")[1], (one.name, state.name)


def test_a_graph_has_a_line_for_every_way() -> None:
    (case,) = [one for one in PROCEDURES if one.name == "urban.case"]
    lines = list(reference.graph(case))
    assert '  handling -->|"反馈"| to_check' in lines
    assert '  return_pending -->|"驳回退单"| handling' in lines, "back to where it came from"
    assert not any("handling --> handling" in line or '"接单"' in line for line in lines)
