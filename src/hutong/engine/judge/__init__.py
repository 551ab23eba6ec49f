"""judge: runs all rules that watch the streams of a batch, vectorised; state belongs to (rule,
thing)."""

from hutong.engine.judge.findings import Found, Judged, Taken
from hutong.engine.judge.judge import Judge, compile_rules
from hutong.engine.judge.warnings import Causes, Setting, clear_warnings, raise_warnings, revise_warnings

__all__ = [
    "Causes",
    "Found",
    "Judge",
    "Judged",
    "Setting",
    "Taken",
    "clear_warnings",
    "compile_rules",
    "raise_warnings",
    "revise_warnings",
]
