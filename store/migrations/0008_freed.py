"""Keep when an operator freed a blocked address: what failed until then does not count any more."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    """Add the column."""
    db.execute_sql("ALTER TABLE address ADD COLUMN operator_freed_at BIGINT")
