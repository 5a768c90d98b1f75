"""Loading a CSV file, and importing it as recipients, beside sqlite3's .import and sqlite-utils."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import bounds, material, subjects
from benchmarks.figure import Figure, Missing, measure

COLUMNS = ("email", "name", "company", "language", "consent")
_SLOW = 100_000
"""sqlite-utils takes a minute for more."""


def imports(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure T1 to T4: a CSV file into a bare table, with a unique key, and as a whole import."""
    source = material.recipients_csv(size)
    plain = bounds.sqlite_import(source, COLUMNS, None)
    keyed = bounds.sqlite_import(source, COLUMNS, "email")
    if plain is None or keyed is None:
        yield Missing("T1 CSV load", "sqlite3 is not installed")
        return
    for name, bound, subject, bound_name, target in (
        ("T1 CSV load", plain, lambda: subjects.load(source, COLUMNS, None), ".import", 0.60),
        ("T2 CSV load, unique key", keyed, lambda: subjects.load(source, COLUMNS, "email"), ".import, key", 0.75),
        ("T3 full import with search text", keyed, lambda: subjects.full_import(source, size), ".import, key", 0.20),
        ("T3 the same, and its index", keyed, lambda: subjects.full_import(source, size, True), ".import, key", 0.20),
    ):
        seconds, limit, busy = measure(rounds, subject, bound)
        yield Figure(name, "recipients/s", size / seconds, bound_name, size / limit, target, busy=busy)
    few = min(size, _SLOW)
    some = material.recipients_csv(few)
    for name, key, target in (("T4 full import", None, 1.5), ("T4 full import, unique key", "E-Mail", 3.0)):
        peer = bounds.sqlite_utils(some, key)
        if peer is None:
            yield Missing(name, "sqlite-utils is not installed")
            continue
        seconds, limit, busy = measure(1, lambda: subjects.full_import(some, few), peer)
        yield Figure(name, "recipients/s", few / seconds, "sqlite-utils", few / limit, target, busy=busy)
