"""Every scenario of every shipped pack, and of further folders named in HUTONG_PACKS, comes out as it expects."""

import os
from pathlib import Path

import pytest

from hutong.app.scenarios import run_scenario
from hutong.loader.check import sources_of
from hutong.loader.find import pack_folders
from hutong.loader.pack import PackSource

FURTHER = tuple(Path(one) for one in os.environ.get("HUTONG_PACKS", "").split(os.pathsep) if one)
FOLDERS = pack_folders(FURTHER)
PLAYED = [
    pytest.param(folder, scenario, id=f"{name}-{scenario.name}")
    for name, folder in FOLDERS.items()
    for scenario in (PackSource(folder).pack.scenarios)
]


@pytest.mark.parametrize(("folder", "scenario"), PLAYED)
def test_scenario(folder, scenario, tmp_path):
    sources = sources_of((folder, *FURTHER))
    assert run_scenario(sources, scenario, tmp_path / "city") == []
