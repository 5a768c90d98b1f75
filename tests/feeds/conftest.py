from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.feeds.listmonk_tables import ListmonkTables
from tests.postgres import Cluster, Database, new_database


@pytest.fixture(scope="session")
def _listmonk_database(postgres: Cluster) -> Iterator[Database]:
    with new_database(postgres) as database:
        ListmonkTables(database).create()
        yield database


@pytest.fixture
def listmonk(_listmonk_database: Database) -> ListmonkTables:
    """listmonk's tables, empty; who changes the tables themselves takes ``altered_listmonk``."""
    tables = ListmonkTables(_listmonk_database)
    tables.clear()
    return tables


@pytest.fixture
def altered_listmonk(postgres_database: Database) -> ListmonkTables:
    """listmonk's tables in a database of the test's own."""
    tables = ListmonkTables(postgres_database)
    tables.create()
    return tables
