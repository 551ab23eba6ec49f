"""What the rule words cannot say of a river: between two levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]


def near(level: Column, warning: float | Column, margin: float | Column) -> NDArray[np.bool_]:
    """The level (m) is less than the margin below the warning level and has not reached it; a city rule.

    Warning level 3.5 m, margin 0.3 m: near at 3.2 and at 3.49, not at 3.19, and no longer at 3.5.
    """
    return np.asarray((level >= warning - margin) & (level < warning), np.bool_)
