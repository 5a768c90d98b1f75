"""Keep what was matched by address and time apart, so that later evidence can take it back."""

from typing import Any

from peewee import SqliteDatabase

TABLES = """
CREATE TABLE guess (
    id {serial}, recipient_id INTEGER NOT NULL, ts BIGINT NOT NULL, address_key TEXT NOT NULL, message_id TEXT,
    feed_id INTEGER, record TEXT NOT NULL, dedupe {blob} NOT NULL UNIQUE, due BOOLEAN NOT NULL);
CREATE INDEX guess_address ON guess (address_key);
CREATE INDEX guess_due ON guess (id) WHERE due;

ALTER TABLE campaign ADD COLUMN begun_at BIGINT;
ALTER TABLE campaign ADD COLUMN keyed_at BIGINT;
ALTER TABLE campaign ADD COLUMN guessed TEXT;
UPDATE campaign SET begun_at = started_at, keyed_at = CASE WHEN keyed THEN started_at END
"""


def up(migrator: Any, db: Any) -> None:
    """Create the table; what was guessed before stays as it is."""
    sqlite = isinstance(db, SqliteDatabase)
    serial = "INTEGER NOT NULL PRIMARY KEY" if sqlite else "SERIAL PRIMARY KEY"
    for statement in TABLES.format(serial=serial, blob="BLOB" if sqlite else "BYTEA").split(";"):
        if statement.strip():
            db.execute_sql(statement)
