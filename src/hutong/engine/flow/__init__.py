"""Composes the verbs: loads what a command needs, lets the engine decide, and applies the Changes."""
