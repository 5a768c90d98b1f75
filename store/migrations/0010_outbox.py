"""Send from here: messages, and one row for each recipient of a message; what a campaign is a child of."""

from typing import Any

from peewee import SqliteDatabase

TABLES = """
ALTER TABLE campaign ADD COLUMN parent_id INTEGER;
CREATE INDEX campaign_parent ON campaign (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE message (
    id {serial}, campaign_id INTEGER NOT NULL UNIQUE, state SMALLINT NOT NULL, why TEXT NOT NULL,
    subject TEXT NOT NULL, sender TEXT NOT NULL, reply_to TEXT NOT NULL, text TEXT NOT NULL, html TEXT NOT NULL,
    headers TEXT NOT NULL, fields TEXT NOT NULL, parts TEXT NOT NULL, front TEXT NOT NULL, digest TEXT NOT NULL,
    relay TEXT NOT NULL, rate DOUBLE PRECISION, connections INTEGER,
    made_at BIGINT NOT NULL, made_by TEXT NOT NULL, starts_at BIGINT, began_at BIGINT, ended_at BIGINT,
    claimant TEXT, beat_at BIGINT);

CREATE TABLE outbox (
    id {serial}, message_id INTEGER NOT NULL, recipient_id INTEGER NOT NULL UNIQUE, state SMALLINT NOT NULL,
    attempts INTEGER NOT NULL, next_at BIGINT NOT NULL, first_at BIGINT, claimed_at BIGINT, claimant TEXT,
    settled_at BIGINT, landed BOOLEAN NOT NULL, mail_id TEXT NOT NULL, command TEXT, reply INTEGER, status TEXT,
    diagnostic TEXT);
CREATE INDEX outbox_message ON outbox (message_id, state, next_at, id);
CREATE INDEX outbox_open ON outbox (message_id, state) WHERE state IN ({open});
CREATE INDEX outbox_unlanded ON outbox (message_id, id) WHERE NOT landed;
"""

_OPEN = "1, 5"
"""The codes of "sending" and "unsure"."""


def up(migrator: Any, db: Any) -> None:
    """Create the tables; a recipient stands in the outbox once, and so does each (message, recipient)."""
    serial = "INTEGER NOT NULL PRIMARY KEY" if isinstance(db, SqliteDatabase) else "SERIAL PRIMARY KEY"
    for statement in TABLES.format(serial=serial, open=_OPEN).split(";"):
        if statement.strip():
            db.execute_sql(statement)
