"""Observations: `Observations` is the only face other modules use, `Packer` its background worker.

Each commit adds one chunk to the lane's tail: the rows of all its batches as compressed columns, grouped by
stream. The packer turns the oldest chunks into a run: segments of about 16,000 rows ordered by stream and
time (so a segment holds a part of one busy stream or many quiet ones), hourly rollups beside them, and a
catalog that says what each part may hold. Neighbouring runs of one level are merged, eight at a time, so a
stream's rows come to lie together. Runs follow each other in order of arrival; late rows make their times
overlap, and reads sort what they find. Pages keep the newest packed row of every stream, so the newest values
need no history. The amend table lies over all of this until a merge folds it in. Chunks, segments and runs
never change, so caches need no invalidation: a transaction sees which of them exist, and nothing else.
"""

from hutong.store.observations.observations import Observations
from hutong.store.observations.packer import Packer
from hutong.store.observations.same_time import SameTimeCode
from hutong.store.observations.tables import create_tables, statements

__all__ = ["Observations", "Packer", "SameTimeCode", "create_tables", "statements"]
