"""Let an event stand for several, and know again those that were folded into others or dropped."""

from typing import Any

from peewee import SqliteDatabase

TABLES = """
ALTER TABLE event ADD COLUMN times INTEGER NOT NULL DEFAULT 1;

CREATE TABLE folded_key (dedupe {blob} NOT NULL PRIMARY KEY) {rowless};

CREATE TABLE folded_count (
    feed_id INTEGER NOT NULL, campaign_id INTEGER NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (feed_id, campaign_id)) {rowless}
"""


def up(migrator: Any, db: Any) -> None:
    """Create the tables and the column; every event so far stands for itself."""
    sqlite = isinstance(db, SqliteDatabase)
    ddl = TABLES.format(blob="BLOB" if sqlite else "BYTEA", rowless="WITHOUT ROWID" if sqlite else "")
    for statement in ddl.split(";"):
        if statement.strip():
            db.execute_sql(statement)
