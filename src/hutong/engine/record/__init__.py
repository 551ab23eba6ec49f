"""record: what the journal tells about a case."""

from hutong.engine.record.explain import Defined, Explanation, Names, Proved, Step, explain

__all__ = ["Defined", "Explanation", "Names", "Proved", "Step", "explain"]
