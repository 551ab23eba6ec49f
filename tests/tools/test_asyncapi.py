"""The committed list of events is what the packs say."""

from __future__ import annotations

import yaml
from tests.tools.test_docs_run import tool

reference = tool("asyncapi")


def test_the_committed_document_is_current() -> None:
    assert reference.TARGET.read_text("utf-8") == reference.text(), "run: python tools/asyncapi.py"


def test_events_of_procedures_and_warnings_are_in_it() -> None:
    found = yaml.safe_load(reference.text())
    assert found["asyncapi"] == "3.0.0"
    assert {"case.open", "case.dispatch", "case.close", "case.overdue", "warning.raise"} <= set(
        found["components"]["messages"]
    )
    assert not {"text", "title", "subject"} & set(found["components"]["schemas"]["case"]["properties"])
