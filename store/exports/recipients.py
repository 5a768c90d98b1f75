"""Recipients as objects for JSON, with how each of their messages ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from store.database import Store
from store.exports.json import recipient_object
from store.queries.history import with_outcomes
from store.rows import RecipientRow


def recipient_objects(store: Store, rows: Iterable[RecipientRow]) -> Iterator[dict[str, Any]]:
    """Yield the object of each recipient, read in batches."""
    return (recipient_object(row, outcomes) for row, outcomes in with_outcomes(store, rows))
