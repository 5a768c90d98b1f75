"""Keep the settings that operators change."""

from typing import Any

from peewee import SqliteDatabase


def up(migrator: Any, db: Any) -> None:
    """Create the table; a setting without a row, or without a value, has its default."""
    serial = "INTEGER NOT NULL PRIMARY KEY" if isinstance(db, SqliteDatabase) else "SERIAL PRIMARY KEY"
    db.execute_sql(f"CREATE TABLE setting (id {serial}, name TEXT NOT NULL UNIQUE, value TEXT)")
