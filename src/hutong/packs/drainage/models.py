"""The models of this pack as models.yaml names them: each is run(inputs, workdir, progress) in a worker process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from hutong.kernel.errors import Invalid
from hutong.packs.drainage.assets import Network
from hutong.packs.drainage.feed import StormNight
from hutong.packs.drainage.furnish import STREAMS, furnish
from hutong.packs.drainage.night import Night
from hutong.packs.drainage.scenario import storm_night
from hutong.packs.drainage.swmm import run

__all__ = ["furnish", "night", "run"]

Progress = Callable[[float, str], None]


def night(inputs: dict[str, Any], workdir: Path, progress: Progress) -> dict[str, Any]:
    """The storm night of a furnished network as its instruments report it.

    `inputs`: {"seed": int, "folder": where `furnish` left network.json}. Returns {"feed": file name, "summary": counts and
    water balance}. The file (.npz) holds seconds (T,), streams (S,) as `thing code|observed property`, values (T, S) and
    present (T, S): whether the row arrives.
    """
    source = Path(inputs["folder"]) / "network.json"
    if not source.is_file():
        raise Invalid("folder", "holds no network.json", "furnish the city first")
    network = msgspec.json.decode(source.read_bytes(), type=Network)
    result = run(storm_night(network), workdir, lambda share, words: progress(0.95 * share, words))
    progress(0.96, "reading the instruments")
    feed = StormNight(Night.load(Path(result["file"])), network, int(inputs["seed"]))
    target = workdir / "feed.npz"
    np.savez_compressed(
        target,
        seconds=feed.seconds,
        streams=np.array([f"{one.thing}|{STREAMS[one.property]}" for one in feed.streams]),
        values=feed.values,
        present=feed.present,
    )
    progress(1.0, "done")
    return {"feed": target.name, "summary": result["summary"]}
