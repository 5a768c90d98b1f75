"""Everything here is tried on both engines."""

from __future__ import annotations

from tests.engines import store, store_database

__all__ = ["store", "store_database"]
