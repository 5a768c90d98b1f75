"""Keep tripwires, and what tripped them."""

from typing import Any

from peewee import SqliteDatabase

TABLES = """
CREATE TABLE tripwire (id {serial}, campaign_id INTEGER NOT NULL, name TEXT NOT NULL, value TEXT);
CREATE UNIQUE INDEX tripwire_name ON tripwire (campaign_id, name);

CREATE TABLE trip (
    id {serial}, campaign_id INTEGER NOT NULL, wire TEXT NOT NULL, subject TEXT NOT NULL,
    part INTEGER NOT NULL, whole INTEGER NOT NULL, "limit" INTEGER NOT NULL, tripped_at BIGINT NOT NULL,
    over_at BIGINT, acked_at BIGINT, acked_by TEXT, hook_at BIGINT, hook_note TEXT);
CREATE UNIQUE INDEX trip_standing ON trip (campaign_id, wire, subject) WHERE over_at IS NULL;
"""


def up(migrator: Any, db: Any) -> None:
    """Create both tables; the index lets a wire of a campaign trip once, whoever sees it first."""
    serial = "INTEGER NOT NULL PRIMARY KEY" if isinstance(db, SqliteDatabase) else "SERIAL PRIMARY KEY"
    for statement in TABLES.format(serial=serial).split(";"):
        if statement.strip():
            db.execute_sql(statement)
