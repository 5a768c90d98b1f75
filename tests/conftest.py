"""Fixtures for all tests: a fresh store, a store that has read the sample world, and a clock that stands still."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings

from sample_data.demo import build
from sample_data.world import FIXED_NOW
from store.database import Store, open_store
from tests.dovecot import dovecot, imap_user
from tests.feeds.listmonk_tables import altered_listmonk, listmonk, listmonk_database
from tests.postfix import postfix, postfix_server
from tests.postgres import postgres, postgres_database

__all__ = [
    "altered_listmonk",
    "dovecot",
    "imap_user",
    "listmonk",
    "listmonk_database",
    "postfix",
    "postfix_server",
    "postgres",
    "postgres_database",
]

# The same examples each time, and no limit to an example's time: a machine that is busy is no reason to fail.
# `make fuzz` tries others.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("other", deadline=None, print_blob=True)
settings.load_profile("same")

# Begun with `&` by a script, tests and all that they start would be deaf to Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def clock() -> datetime:
    """The moment at which tests take place: aware, UTC, the one for which the sample world is made."""
    return FIXED_NOW


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new, empty store in a file."""
    opened = open_store(tmp_path / "aftersend.db")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def _sample_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("sample"), FIXED_NOW)


@pytest.fixture
def sample_path(_sample_path: Path, tmp_path: Path) -> Path:
    """The file of a store of the test's own that has read the sample world."""
    return Path(shutil.copy(_sample_path, tmp_path / "sample.db"))


@pytest.fixture
def sample_store(sample_path: Path) -> Iterator[Store]:
    """A store of the test's own that has read the sample world."""
    opened = open_store(sample_path)
    yield opened
    opened.close()
