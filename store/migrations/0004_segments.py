"""Keep segments; and what was known of a list's members when they came on it, so that a reload can tell what is new."""

from typing import Any

from peewee import SqliteDatabase

TABLES = """
CREATE TABLE segment (
    id {serial}, name TEXT NOT NULL, spec TEXT NOT NULL, note TEXT NOT NULL, created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL, deleted_at BIGINT);
CREATE UNIQUE INDEX segment_name ON segment (name) WHERE deleted_at IS NULL;

ALTER TABLE mail_list ADD COLUMN reloaded_at BIGINT;
ALTER TABLE list_member ADD COLUMN known SMALLINT NOT NULL DEFAULT 0
"""


def up(migrator: Any, db: Any) -> None:
    """Create the table and the columns; of the members of older lists nothing is known."""
    serial = "INTEGER NOT NULL PRIMARY KEY" if isinstance(db, SqliteDatabase) else "SERIAL PRIMARY KEY"
    for statement in TABLES.format(serial=serial).split(";"):
        if statement.strip():
            db.execute_sql(statement)
