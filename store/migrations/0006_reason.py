"""Let an operator's block of an address say why: that the address was deleted."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    """Add the column; what operators blocked so far has no reason beyond that."""
    db.execute_sql("ALTER TABLE address ADD COLUMN operator_reason SMALLINT")
