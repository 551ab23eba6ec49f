"""One of several processes that write to the same lane: `writer_process.py URL NUMBER`; number 0 packs too."""

from __future__ import annotations

import sys

import numpy as np

from hutong.kernel.base import SECOND
from hutong.kernel.clock import FixedClock
from hutong.kernel.observation import batch
from hutong.store.observations import Observations, Packer, SameTimeCode
from hutong.store.postgresql import PostgresDatabase

START = 1_767_225_600_000_000
LANE = 1


def main(url: str, worker: int) -> None:
    database = PostgresDatabase(url)
    store = Observations(lambda tx, lane, streams: np.full(len(streams), SameTimeCode.KEEP_FIRST, np.uint8))
    packer = Packer(database, LANE, FixedClock(START), store)
    for turn in range(30):
        times = START + (turn * 10 + np.arange(10)) * SECOND
        rows = batch(f"w{worker}", np.tile([1, 2], 5), times + worker, np.arange(10) + worker)
        with database.write() as tx:
            store.append(tx, LANE, rows)
            store.flush(tx, LANE, START)
        if worker == 0 and turn % 5 == 0:
            packer.step(all_of_it=True)
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
