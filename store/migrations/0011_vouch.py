"""Keep what operators put their names to before a send: ticks, and overrides with their reasons."""

from typing import Any

from peewee import SqliteDatabase

TABLE = """
CREATE TABLE vouch (
    id {serial}, digest TEXT NOT NULL, rule TEXT NOT NULL, subject TEXT NOT NULL,
    said TEXT, reason TEXT, given_at BIGINT, given_by TEXT);
CREATE UNIQUE INDEX vouch_digest ON vouch (digest, rule);
"""


def up(migrator: Any, db: Any) -> None:
    """Create the table; a message has one row for each rule, empty if what was given was taken back."""
    serial = "INTEGER NOT NULL PRIMARY KEY" if isinstance(db, SqliteDatabase) else "SERIAL PRIMARY KEY"
    for statement in TABLE.format(serial=serial).split(";"):
        if statement.strip():
            db.execute_sql(statement)
