from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sample_data.world import FIXED_NOW
from store.database import open_store
from tests.hostile.world import fill, poison_store


@pytest.fixture(scope="session")
def _hostile_path(_sample_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(shutil.copy(_sample_path, tmp_path_factory.mktemp("hostile") / "hostile.db"))
    store = open_store(path)
    fill(store, FIXED_NOW)
    store.close()
    poison_store(path)
    return path


@pytest.fixture
def hostile_path(_hostile_path: Path, tmp_path: Path) -> Path:
    """The file of a store of the test's own in which every text was written by somebody who means ill."""
    return Path(shutil.copy(_hostile_path, tmp_path / "hostile.db"))
