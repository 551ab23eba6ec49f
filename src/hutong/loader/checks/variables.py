"""Secrets stand in the environment: files name the variable, and a secret in clear looks otherwise."""

from __future__ import annotations

import re

REASON = "is no name of an environment variable"
REMEDY = "put the secret into the environment, and its variable's name (A–Z, 0–9, _) here"
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*\Z")


def is_variable(name: str) -> bool:
    return _VARIABLE.match(name) is not None
