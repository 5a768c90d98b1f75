"""The store of a test on each engine: a file, and a database of a PostgreSQL server that the tests start themselves.

``store`` stands here for both; tests/store and tests/outbox take it from here. A test that is about a file of SQLite
itself is marked ``@pytest.mark.only_sqlite("why")``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from store.database import Store, open_store
from tests.postgres import Cluster, Database, new_database

SQLITE, POSTGRESQL = "sqlite", "postgresql"

_EMPTY = """
DO $$ DECLARE name text; found boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN
        ('schema_migration', 'store_state') LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO found;
        IF found THEN EXECUTE format('TRUNCATE %I', name); END IF;
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL
        AND sequencename <> 'schema_migration_id_seq' LOOP
        PERFORM setval(quote_ident(name)::regclass, 1, false);
    END LOOP;
END $$
"""
"""Empties the tables that hold anything, in 3 to 15 ms; TRUNCATE of all takes 80, a copy of the database 150."""

_ALONE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> {}"


@pytest.fixture(scope="session")
def store_database(postgres: Cluster) -> Iterator[Database]:
    """A database with the tables of a store, empty at the beginning of every test."""
    with new_database(postgres) as database:
        open_store(database.url()).close()
        yield database


@contextmanager
def emptied(database: Database) -> Iterator[Store]:
    """The store in a database while a test runs; whoever still had it open afterwards is shown out."""
    database.run(_EMPTY)
    opened = open_store(database.url())
    try:
        yield opened
    finally:
        opened.close()
        database.run(_ALONE.format(database.connection.info.backend_pid))


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A new, empty store, on each engine."""
    if request.param == SQLITE:
        opened = open_store(tmp_path / "aftersend.db")
        yield opened
        opened.close()
        return
    why = request.node.get_closest_marker("only_sqlite")
    if why is not None:
        pytest.skip(why.args[0])
    with emptied(request.getfixturevalue("store_database")) as opened:
        yield opened
