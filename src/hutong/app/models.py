"""Runs a pack's model in a worker process: SWMM and its like want a process of their own."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing.managers import SyncManager
from pathlib import Path
from queue import Empty
from typing import Any

from hutong.kernel.definition.pack import City
from hutong.kernel.errors import NotFound
from hutong.loader.pack import load_module

Progress = Callable[[float, str], None]


def model_place(city: City, name: str) -> tuple[str, str, str]:
    """(file of models.py, module name, function) of a qualified model name."""
    for pack in city.packs:
        for model in pack.models:
            if model.name == name:
                return (
                    str(Path(pack.folder) / "models.py"),
                    f"hutong_pack_{pack.head.name}_models",
                    model.function,
                )
    raise NotFound("model", f"no pack of this city has a model {name!r}", "see models.yaml of the packs")


def _work(place: tuple[str, str, str], inputs: dict[str, Any], workdir: str, told: Any) -> dict[str, Any]:
    path, module_name, function = place
    module = load_module(Path(path), module_name)
    if module is None:
        raise NotFound("model", f"{path} is not there", "mend the pack")
    sys.modules.setdefault(module_name, module)
    result: dict[str, Any] = getattr(module, function)(
        inputs, Path(workdir), lambda share, words: told.put((share, words))
    )
    return result


def run_model(
    city: City,
    name: str,
    inputs: dict[str, Any],
    workdir: Path,
    progress: Progress,
    executor: Executor | None = None,
) -> dict[str, Any]:
    """The model's result. Progress is passed on while it works; its errors come out here."""
    workdir.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn")
    with SyncManager(ctx=context) as manager:
        told = manager.Queue()
        pool = executor or ProcessPoolExecutor(1, mp_context=context)
        stop = threading.Event()
        listener = threading.Thread(target=_listen, args=(told, progress, stop), daemon=True)
        listener.start()
        try:
            return pool.submit(_work, model_place(city, name), inputs, str(workdir), told).result()
        finally:
            stop.set()
            listener.join()
            if executor is None:
                pool.shutdown()


def _listen(told: Any, progress: Progress, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            share, words = told.get(timeout=0.2)
        except (Empty, EOFError):
            continue
        progress(share, words)
