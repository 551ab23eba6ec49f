"""Plays scenarios of packs through the real intake, judge and desks of a tiny city, and says what came otherwise."""

from hutong.app.scenarios.run import run_pack, run_scenario

__all__ = ["run_pack", "run_scenario"]
