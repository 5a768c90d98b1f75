"""Lists of many members: combined, filled with journal lines, undone; and members written to files."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.figure import Figure, Missing, measure
from benchmarks.material import recipients_csv
from benchmarks.subjects import NOW, WHO, planned_store, timed
from store.actions import lists
from store.actions.undo import undo
from store.asking import Combining, RecipientFilter, Source
from store.database import Store, open_store
from store.exports.about import About
from store.exports.formats import Format, write
from store.queries.recipients import counted_stream
from store.vocabulary import ListKind


@contextmanager
def halves(planned: Path) -> Iterator[tuple[Store, list[Source]]]:
    """Open a store and make two lists of its recipients: the lower two thirds and the upper two thirds."""
    store = open_store(planned)
    ids = [id_ for (id_,) in store.rows("SELECT id FROM recipient ORDER BY id")]
    third = len(ids) // 3
    sources = []
    for name, some in (("lower", ids[: 2 * third]), ("upper", ids[third:])):
        found = store.row("SELECT id FROM mail_list WHERE name = ? AND deleted_at IS NULL", (name,))
        list_id = found[0] if found else lists.add(store, some, ListKind.SELECTION, name, WHO, NOW).list_id
        sources.append(Source(list_id=list_id))
    try:
        yield store, sources
    finally:
        store.close()


def union(store: Store, sources: list[Source]) -> float:
    """Make one list of two, and take it back."""
    target = lists.Target(ListKind.PROJECT, "both")
    seconds = timed(lambda: lists.combine(store, Combining.UNION, sources, target, WHO, NOW))
    undo(store, WHO, NOW)
    return seconds


def filling(store: Store, sources: list[Source]) -> tuple[float, float]:
    """Add a list to another one, with a journal line for each member, and undo it; return the seconds of both."""
    first, second = sources
    name = store.rows("SELECT name FROM mail_list WHERE id = ?", (first.list_id,))[0][0]
    adding = timed(lambda: lists.add_source(store, [second], ListKind.SELECTION, name, WHO, NOW))
    return adding, timed(lambda: undo(store, WHO, NOW))


def exporting(store: Store, kind: Format) -> float:
    """Write all recipients to a file."""
    with (
        tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder,
        counted_stream(store, RecipientFilter()) as (count, rows),
    ):
        about = About("recipients", "all", count, NOW, WHO)
        return timed(lambda: write(rows, Path(folder) / f"out{kind.suffix}", about, kind=kind))


def many_members(size: int, rounds: int) -> Iterator[Figure | Missing]:
    """Measure combining lists of two thirds of the recipients each, and writing all recipients to files."""
    with tempfile.TemporaryDirectory(prefix="aftersend-bench-") as folder:
        planned = planned_store(Path(folder), recipients_csv(size))
        with halves(planned) as (store, sources):
            seconds, _, _ = measure(rounds, partial(union, store, sources))
            yield Figure("union of two lists", "people/s", size / seconds, "", None, 150_000)
            runs = [filling(store, sources) for _ in range(rounds)]
            for name, column in (("adding a list to a list", 0), ("undoing it", 1)):
                spent = statistics.median(run[column] for run in runs)
                yield Figure(name, "members/s", size // 3 / spent, "", None, 50_000)
            for kind, target in ((Format.CSV, 8_000), (Format.XLSX, 2_500), (Format.HTML, 7_000)):
                seconds, _, _ = measure(rounds, partial(exporting, store, kind))
                yield Figure(f"export to {kind.upper()}", "recipients/s", size / seconds, "", None, target)
