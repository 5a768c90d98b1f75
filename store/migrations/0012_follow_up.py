"""Follow up: why a campaign was sent after another one, and which mails were pulled out of a mail queue."""

from typing import Any

from peewee import SqliteDatabase

TABLES = """
ALTER TABLE campaign ADD COLUMN follow_up SMALLINT;

CREATE TABLE pulled (
    id {serial}, campaign_id INTEGER NOT NULL, recipient_id INTEGER NOT NULL, instance TEXT NOT NULL,
    queue_id TEXT NOT NULL, arrived_at BIGINT NOT NULL, sender TEXT NOT NULL, message_id TEXT NOT NULL,
    state SMALLINT NOT NULL, changed_at BIGINT NOT NULL);
CREATE UNIQUE INDEX pulled_mail ON pulled (instance, queue_id, arrived_at, recipient_id);
CREATE INDEX pulled_campaign ON pulled (campaign_id, state);
"""


def up(migrator: Any, db: Any) -> None:
    """Add the column and create the table."""
    serial = "INTEGER NOT NULL PRIMARY KEY" if isinstance(db, SqliteDatabase) else "SERIAL PRIMARY KEY"
    for statement in TABLES.format(serial=serial).split(";"):
        if statement.strip():
            db.execute_sql(statement)
