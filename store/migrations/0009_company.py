"""Find the colleagues of a contact without reading all contacts: how a company writes its addresses."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    """Add the index; contacts without a company are not in it."""
    db.execute_sql("CREATE INDEX contact_company ON contact (company_key) WHERE company_key <> ''")
