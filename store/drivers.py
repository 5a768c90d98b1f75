"""Loads Peewee without the database drivers that it would load whenever they are installed.

``psycopg`` alone brings asyncio and ssl along and costs more than a whole command; who needs a driver imports it.
"""

from __future__ import annotations

import sys

_DRIVERS = ("psycopg", "psycopg2", "psycopg2cffi", "pymysql", "MySQLdb")


def _load_peewee() -> None:
    held = {name: sys.modules.get(name) for name in _DRIVERS}
    for name, module in held.items():
        if module is None:
            # Python's own sign for "this import fails" (importlib, sys.modules).
            sys.modules[name] = None  # type: ignore[assignment]
    try:
        import peewee  # noqa: F401
    finally:
        for name, module in held.items():
            if module is None:
                del sys.modules[name]


if "peewee" not in sys.modules:
    _load_peewee()
