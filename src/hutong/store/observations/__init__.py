"""Observations: a tail of column chunks in arrival order, packed in the background into immutable column
segments.

`Observations` is the only face other modules use.
"""

from hutong.store.observations.observations import Observations
from hutong.store.observations.packer import Packer
from hutong.store.observations.same_time import SameTimeCode
from hutong.store.observations.tables import create_tables, statements

__all__ = ["Observations", "Packer", "SameTimeCode", "create_tables", "statements"]
