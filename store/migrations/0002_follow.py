"""Keep where following a feed stopped, and what its reader knew there."""

from typing import Any

from peewee import SqliteDatabase

TABLES = """
CREATE TABLE feed_position (
    feed_id INTEGER NOT NULL PRIMARY KEY, position TEXT NOT NULL, snapshot {blob}, updated_at BIGINT NOT NULL);

CREATE TABLE feed_piece (feed_id INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (feed_id, name)) {rowless};
"""


def up(migrator: Any, db: Any) -> None:
    """Create the tables."""
    sqlite = isinstance(db, SqliteDatabase)
    ddl = TABLES.format(blob="BLOB" if sqlite else "BYTEA", rowless="WITHOUT ROWID" if sqlite else "")
    for statement in ddl.split(";"):
        if statement.strip():
            db.execute_sql(statement)
