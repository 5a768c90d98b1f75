"""Connections that keep SQLite's plan of every statement that is run on them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from store.engines.sqlite import FileConnection

_TABLES = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+(?:temp\.)?(\w+)(?:\s+(?:AS\s+)?(\w+))?", re.IGNORECASE)
_NO_NAMES = frozenset({"where", "on", "cross", "join", "order", "group", "indexed", "limit", "set", "union", "select"})
_READING = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")
_STEP = re.compile(r"^(SCAN|SEARCH) (\w+)")
_FRESH = re.compile(r"\d+")

plans: list[str] = []
"""Of the statements run so far, one text each; the steps name tables, whatever the statement calls them."""


class ExplainingCursor(sqlite3.Cursor):
    """Asks for the plan before it runs a statement."""

    def execute(self, sql: str, parameters: Any = (), /) -> ExplainingCursor:
        """Run a statement and keep its plan."""
        if sql.lstrip().upper().startswith(_READING):
            plain = sqlite3.Cursor(self.connection)
            steps = [row[3] for row in plain.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
            plans.append("\n".join(_named(step, sql) for step in steps))
        super().execute(sql, parameters)
        return self


class ExplainingConnection(FileConnection):
    """Gives cursors that keep plans."""

    def cursor(self, factory: Any = ExplainingCursor) -> Any:
        """Return such a cursor."""
        return super().cursor(factory)

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        """Run a statement on a new cursor and keep its plan."""
        return self.cursor().execute(sql, parameters)


@contextmanager
def explained() -> Iterator[list[str]]:
    """Give the list in which the plans of what the body runs on new connections are kept."""
    connect = sqlite3.connect

    def explaining(*given: Any, **named: Any) -> Any:
        return connect(*given, **named | {"factory": ExplainingConnection})

    sqlite3.connect = explaining
    plans.clear()
    try:
        yield plans
    finally:
        sqlite3.connect = connect


def _named(step: str, sql: str) -> str:
    names = {
        (alias or table).lower(): table
        for table, alias in _TABLES.findall(sql)
        if alias.lower() not in _NO_NAMES and not table.startswith("view_")
    }
    names |= {table.lower(): table for table, alias in _TABLES.findall(sql) if alias.lower() in _NO_NAMES}
    step = _STEP.sub(lambda found: f"{found[1]} {names.get(found[2].lower(), found[2])}", step)
    return _FRESH.sub("n", step) if "SUBQUERY" in step or "view_" in step else step
