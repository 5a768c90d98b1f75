"""Know forgotten people again by a keyed hash; keep since when a contact's word about tracking holds, and whence."""

from typing import Any

TABLES = """
CREATE TABLE forgotten (digest TEXT NOT NULL PRIMARY KEY, contact_id INTEGER NOT NULL, forgotten_at BIGINT NOT NULL);

ALTER TABLE contact ADD COLUMN tracking_at BIGINT;
ALTER TABLE contact ADD COLUMN tracking_source TEXT
"""


def up(migrator: Any, db: Any) -> None:
    """Create the table and the columns; since when older words hold is not known."""
    for statement in TABLES.split(";"):
        if statement.strip():
            db.execute_sql(statement)
