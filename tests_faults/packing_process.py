"""Feeds a town without pause while packers press all the time; prints each minute once it is acknowledged."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from tests_faults.town import Gateway, opened

from hutong.store.observations.packer import Packer


def main(folder: Path) -> None:
    running = opened(folder)
    running.packing.close()
    for packer in running.store.packers():
        threading.Thread(target=_press, args=(packer,), daemon=True).start()
    gateway = Gateway(running)
    number = gateway.reached() + 1
    while True:
        gateway.send(number)
        print(number, flush=True)
        number += 1


def _press(packer: Packer) -> None:
    """Packs whatever there is, however small, so that every kill falls into packing or merging."""
    while True:
        packer.step(all_of_it=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
