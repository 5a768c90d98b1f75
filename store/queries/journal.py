"""What operators did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from store.addresses import search_fold
from store.asking import JournalFilter
from store.cleaning import clean, clean_or_none
from store.database import Connection, Store
from store.errors import NotFound
from store.queries.conditions import edge
from store.queries.snapshot import Snapshot
from store.rows import JournalRow, Page
from store.times import from_ms, from_ms_or_none, to_ms

COLUMNS = "j.id, j.ts, j.operator, j.host, j.verb, j.sentence, j.subjects, j.undone_at, j.undoable, j.undone_by"
"""What to select of ``journal AS j`` for :func:`journal_row`."""

_SAID = "j.operator || ' ' || j.host || ' ' || j.verb || ' ' || j.sentence"
_TEXT = f"fold({_SAID})"
_SHORTEST_CAMPAIGN = 3
"""Letters a word must have to be looked for in the names of campaigns: fewer are in nearly all of them."""


def journal(store: Store, limit: int = 100, offset: int = 0) -> Page[JournalRow]:
    """Return a page of the journal, the newest entry first."""
    total = store.rows("SELECT count(*) FROM journal")[0][0]
    found = store.rows(f"SELECT {COLUMNS} FROM journal AS j ORDER BY j.id DESC LIMIT ? OFFSET ?", (limit, offset))
    return Page(tuple(map(journal_row, found)), total, offset)


def journal_entry(store: Store, entry: int) -> JournalRow:
    """Return an entry.

    Raises:
        NotFound: there is none of this number.
    """
    found = store.row(f"SELECT {COLUMNS} FROM journal AS j WHERE j.id = ?", (entry,))
    if found is None:
        raise NotFound(f"There is no entry {entry} in the journal.")
    return journal_row(found)


def newer_entries(store: Store, entry: int) -> int:
    """Return how many entries came after this one."""
    return int(store.rows("SELECT count(*) FROM journal WHERE id > ?", (entry,))[0][0])


class JournalView(Snapshot):
    """The entries of the journal that fit a filter, the newest first.

    Attributes:
        newest: the number of the last entry when the snapshot was taken, whether it fits or not.
    """

    newest = 0

    def build(self, wanted: JournalFilter) -> int:
        """Take the snapshot and return how many entries it holds; call it once.

        Raises:
            Interrupted: :meth:`interrupt` was called meanwhile.
        """
        with self.working() as connection:
            connection.teach("fold", search_fold, f"SELECT name FROM campaign UNION SELECT {_SAID} FROM journal AS j")
            tests, parameters = _conditions(connection, wanted)
            self.newest = int(connection.execute("SELECT coalesce(max(id), 0) FROM journal").fetchone()[0])
        where = f" WHERE {' AND '.join(tests)}" if tests else ""
        return self.fill(f"SELECT j.id FROM journal AS j{where} ORDER BY j.id DESC", parameters)

    def page(self, offset: int, limit: int) -> tuple[JournalRow, ...]:
        """Return the entries from position ``offset`` on, as they are now."""
        found = self.values(
            f"SELECT {COLUMNS} FROM v CROSS JOIN journal AS j ON j.id = v.id WHERE v.pos > ? AND v.pos <= ?"
            " ORDER BY v.pos",
            (offset, offset + limit),
        )
        return tuple(map(journal_row, found))


def journal_row(values: Sequence[Any]) -> JournalRow:
    """Make a row of the values of :data:`COLUMNS`."""
    id_, ts, operator, host, verb, sentence, subjects, undone_at, undoable, undone_by = values
    return JournalRow(
        id_,
        from_ms(ts),
        clean(operator),
        clean(host),
        clean(verb),
        clean(sentence),
        subjects,
        from_ms_or_none(undone_at),
        bool(undoable),
        clean_or_none(undone_by),
    )


def _conditions(connection: Connection, wanted: JournalFilter) -> tuple[list[str], list[Any]]:
    campaigns = dict(connection.execute("SELECT id, fold(name) FROM campaign").fetchall())
    tests: list[str] = []
    parameters: list[Any] = []
    for column, value in (("operator", wanted.operator), ("verb", wanted.verb)):
        if value is not None:
            tests.append(f"j.{column} = ?")
            parameters.append(value)
    if wanted.since is not None:
        tests.append("j.ts >= ?")
        parameters.append(to_ms(wanted.since))
    if wanted.standing:
        tests.append("j.undone_at IS NULL")
    if wanted.campaign_id is not None:
        tests.append(f"({_touches(connection, [wanted.campaign_id])} OR instr({_TEXT}, ?) > 0)")
        parameters.append(campaigns.get(wanted.campaign_id, ""))
    for word in dict.fromkeys(search_fold(wanted.text).split()):
        named = [id_ for id_, name in campaigns.items() if word in name and len(word) >= _SHORTEST_CAMPAIGN]
        touched = f" OR {_touches(connection, named)}" if named else ""
        tests.append(f"(instr({_TEXT}, ?) > 0{touched})")
        parameters.append(word)
    return tests, parameters


def _touches(connection: Connection, campaigns: Iterable[int]) -> str:
    """Return the condition that an entry changed recipients or lists of these campaigns.

    The recipients of a campaign lie in a span of numbers; in it the lines of an entry are found without reading others.
    """
    tests = []
    for campaign in campaigns:
        low, high = connection.execute(f"SELECT {edge('min', str(campaign))}, {edge('max', str(campaign))}").fetchone()
        tests.append(
            "EXISTS (SELECT 1 FROM journal_line AS l CROSS JOIN recipient AS r ON r.id = l.subject_id"
            f" WHERE l.journal_id = j.id AND l.subject IN ('recipient', 'assigned') AND l.subject_id BETWEEN {low}"
            f" AND {high} AND r.campaign_id = {campaign})"
        )
    listed = ", ".join(map(str, campaigns))
    lists = (
        "EXISTS (SELECT 1 FROM journal_line AS l CROSS JOIN mail_list AS m ON m.id = l.subject_id"
        f" WHERE l.journal_id = j.id AND l.subject = 'mail_list' AND m.campaign_id IN ({listed}))"
    )
    return f"({' OR '.join([*tests, lists])})"
