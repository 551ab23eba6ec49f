"""The runner of documentation: which blocks it runs, what it says of a command that fails or never ends."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tool(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"tools_{name}", ROOT / "tools" / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


docs_run = tool("docs_run")


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return tmp_path / "page.md"


def test_only_marked_blocks_run_at_their_own_lines() -> None:
    text = "# page\n\n```sh run\ntouch a\n```\n\n```sh\nexit 1\n```\n\n~~~sh run\ntouch b\n~~~\n"
    script = docs_run.marked(text)
    assert [(number, line) for number, line in enumerate(script, 1) if line] == [
        (4, "touch a"),
        (12, "touch b"),
    ]


def test_a_shorter_fence_inside_a_block_does_not_end_it() -> None:
    script = docs_run.marked("````sh run\ncat <<'X'\n```\nX\n````\ntext\n")
    assert script == ["", "cat <<'X'", "```", "X", "", ""]


def test_an_indented_block_of_a_list_runs_without_its_indent() -> None:
    assert docs_run.marked("1. do\n   ```sh run\n   echo x\n     y\n   ```\n") == [
        "",
        "",
        "echo x",
        "  y",
        "",
    ]


def test_blocks_of_a_page_share_variables_and_folder(document: Path, tmp_path: Path) -> None:
    document.write_text(
        "a\n```sh run\nx=1; mkdir inner; cd inner\n```\nb\n```sh run\ntouch made-$x\n```\n", "utf-8"
    )
    assert docs_run.run(document, tmp_path) is None
    assert (tmp_path / "inner" / "made-1").is_file()


def test_the_failing_command_is_told_with_its_line_and_output(document: Path, tmp_path: Path) -> None:
    document.write_text("a\n\n```sh run\ntrue\necho seen; false\ntouch after\n```\n", "utf-8")
    failure = docs_run.run(document, tmp_path)
    assert (failure.line, failure.command, failure.reason) == (5, "echo seen; false", "exit 1")
    assert str(failure).startswith(f"{document}:5: exit 1")
    assert "seen" in str(failure)
    assert not (tmp_path / "after").exists()


def test_a_failure_inside_a_pipe_or_an_unset_variable_counts(document: Path, tmp_path: Path) -> None:
    for command in ("false | cat", "echo $no_such_variable"):
        document.write_text(f"a\n```sh run\n{command}\n```\n", "utf-8")
        assert docs_run.run(document, tmp_path).line == 3


def test_a_command_that_does_not_end_is_stopped_with_its_children(document: Path, tmp_path: Path) -> None:
    document.write_text("a\n```sh run\n\nsleep 60 | cat\n```\n", "utf-8")
    started = time.monotonic()
    failure = docs_run.run(document, tmp_path, 1.0)
    assert time.monotonic() - started < 20
    assert failure.line == 4
    assert "not finished" in failure.reason


def test_each_page_gets_a_copy_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "README.md").write_text("x\n```sh run\ntest ! -e node_modules\ntouch made\n```\n", "utf-8")
    (tmp_path / "docs" / "other.md").write_text("x\n```sh run\ntest ! -e made\n```\n", "utf-8")
    assert docs_run.run_all(tmp_path, docs_run.documents(tmp_path)) == []
    assert not (tmp_path / "made").exists()


def test_the_python_environment_is_on_the_path(document: Path, tmp_path: Path) -> None:
    document.write_text("a\n```sh run\nhutong --help >/dev/null\n```\n", "utf-8")
    assert docs_run.run(document, tmp_path) is None
