"""The page of commands says what the command line says."""

from __future__ import annotations

from tests.tools.test_docs_run import tool

reference = tool("command_reference")


def test_the_committed_page_is_current() -> None:
    assert reference.PAGE.read_text("utf-8") == reference.page(), "run: python tools/command_reference.py"


def test_every_command_option_and_help_is_on_the_page() -> None:
    text = reference.page()
    for words in (
        "## hutong new city",
        "hutong new city NAME --osm OSM --division DIVISION [OPTIONS]",
        "`[FOLDERS...]`",
    ):
        assert words in text
    assert "| `--port` | Port to serve on. | `8000` |" in text
    assert "|  |  |" not in text, "an option without help"
