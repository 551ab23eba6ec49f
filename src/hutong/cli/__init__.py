"""The command line: one module for each kind of command; they only translate, the work is in `app`."""

from __future__ import annotations

import sys

from rich.markup import escape

from hutong.cli import life  # first, so that help begins with demo

# isort: split
from hutong.cli import custody, devices, history, imports, replay, upper
from hutong.cli.root import app, screen
from hutong.kernel.errors import HutongError, Invalid

__all__ = ["app", "custody", "devices", "history", "imports", "life", "main", "replay", "upper"]


def main() -> None:
    """The entry point: errors of ours are told in words, without a trace."""
    try:
        app()
    except HutongError as error:
        _say(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _say(error: HutongError) -> None:
    screen.print(f"[bold]{escape(error.field)}[/]: {escape(error.reason)}", soft_wrap=True)
    if error.remedy:
        screen.print(f"→ {escape(error.remedy)}", soft_wrap=True)
    if isinstance(error, Invalid) and error.facts:
        screen.print(escape(str(error.facts)), soft_wrap=True)
