"""Whom a message goes to: people who were chosen, and what speaks against writing to some of them.

Everything is looked at as it is today: the contact's address of today, and blocks, complaints, unsubscriptions and
consent as they are known now. The people stand in the temporary table ``sifting`` of one connection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from store.actions import members
from store.asking import RecipientFilter, Source
from store.cleaning import clean
from store.database import Store, spoken
from store.obstacles import TODAY, Obstacle
from store.outbox.content import Person
from store.queries.conditions import condition, where
from store.rows.outbox import SiftedRow
from store.syntax import is_address
from store.vocabulary import SkipReason

PAGE = 2000
"""People read at a time."""

_OBSTACLES = {
    Obstacle.NO_ADDRESS: SkipReason.NO_ADDRESS,
    Obstacle.COMPLAINED: SkipReason.COMPLAINED,
    Obstacle.UNSUBSCRIBED: SkipReason.UNSUBSCRIBED,
    Obstacle.FORMER: SkipReason.FORMER,
    Obstacle.BLOCKED: SkipReason.BLOCKED,
    Obstacle.NO_CONSENT: SkipReason.NO_CONSENT,
}
"""What forbids writing to somebody, and the reason it is told by; the first one that holds counts."""

_CREATE = (
    "CREATE TEMP TABLE sifting (id INTEGER PRIMARY KEY, contact_id INTEGER NOT NULL, recipient_id INTEGER NOT NULL,"
    " address TEXT NOT NULL, key TEXT NOT NULL, occurrence INTEGER NOT NULL DEFAULT 0, skip INTEGER)"
)
_ADDRESSES = "SELECT DISTINCT c.email FROM moving AS m CROSS JOIN contact AS c ON c.id = m.contact_id"
_SKIP = " ".join(f"WHEN today & {obstacle.value} <> 0 THEN {reason.code}" for obstacle, reason in _OBSTACLES.items())
_FILL = (
    "INSERT INTO sifting (contact_id, recipient_id, address, key, skip) SELECT contact_id, recipient_id, email,"
    f" email_key, CASE {_SKIP} WHEN NOT may_be_address(email) THEN {SkipReason.INVALID.code} END"
    f" FROM (SELECT c.id AS contact_id, m.recipient_id, c.email, c.email_key, {TODAY} AS today FROM moving AS m"
    " CROSS JOIN contact AS c ON c.id = m.contact_id ORDER BY m.recipient_id)"
)
# Two contacts may have one address: the first of them who may get it does.
_NUMBER = (
    "UPDATE sifting SET occurrence = n.nth FROM (SELECT id, row_number() OVER"
    " (PARTITION BY key ORDER BY skip IS NOT NULL, id) - 1 AS nth FROM sifting) AS n"
    " WHERE n.id = sifting.id AND n.nth > 0"
)
_TWICE = f"UPDATE sifting SET skip = {SkipReason.DUPLICATE.code} WHERE occurrence > 0 AND skip IS NULL"


@dataclass(frozen=True, slots=True)
class Whom:
    """Who was chosen: the people of a list or a segment, those whom a filter fits, or these recipients.

    Attributes:
        source: a list or a segment.
        wanted: a filter, for example a campaign's recipients in some state.
        ids: recipient ids, of any campaign, as they were marked on a screen.
        words: what was chosen, for people ("list Spring", "18 of Autumn newsletter").
    """

    source: Source | None = None
    wanted: RecipientFilter | None = None
    ids: tuple[int, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Sifted:
    """How many of those chosen get the message, and how many do not, by reason."""

    count: int
    left_out: dict[SkipReason, int]

    @property
    def chosen(self) -> int:
        """How many were chosen."""
        return self.count + sum(self.left_out.values())


@contextmanager
def sifted(store: Store, whom: Whom) -> Iterator[Sifted]:
    """Have those chosen in the table ``sifting`` meanwhile, and tell how many get the message.

    Use :func:`people` and :func:`everybody` inside. Nothing of the store is changed, also within a transaction.

    Raises:
        NotFound: the list or the segment is no longer there.
    """
    with store.connected(), spoken(store.place):
        fill(store, whom)
        try:
            numbers = store.execute("SELECT skip, count(*) FROM sifting GROUP BY skip ORDER BY skip").fetchall()
            left = {SkipReason.of(skip): count for skip, count in numbers if skip is not None}
            yield Sifted(next((count for skip, count in numbers if skip is None), 0), left)
        finally:
            store.execute("DROP TABLE IF EXISTS temp.sifting")


def fill(store: Store, whom: Whom) -> None:
    """Put those chosen into the table ``sifting``, each person once, in the order of their recipients.

    Raises:
        NotFound: the list or the segment is no longer there.
    """
    if whom.source is not None:
        members.gather(store, whom.source)
    elif whom.wanted is not None:
        asked = condition(whom.wanted)
        store.execute("CREATE TEMP TABLE IF NOT EXISTS chosen (contact_id INTEGER, recipient_id INTEGER)")
        store.execute("DELETE FROM temp.chosen")
        store.execute(
            f"INSERT INTO chosen SELECT r.contact_id, min(r.id) FROM recipient AS r{where(asked)}"
            " GROUP BY +r.contact_id",
            asked.parameters,
        )
        members.gather_from(store, ["SELECT contact_id, recipient_id, 0 FROM temp.chosen"])
    else:
        members.gather_ids(store, whom.ids)
    store.execute("DROP TABLE IF EXISTS temp.sifting")
    store.execute(_CREATE)
    store.teach("may_be_address", is_address, _ADDRESSES)
    store.execute(_FILL)
    store.execute(_NUMBER)
    store.execute(_TWICE)


def people(store: Store, limit: int | None = None) -> Iterator[Person]:
    """Yield those in ``sifting`` who get the message, as a mail is made for them, in the order of sending.

    Their Message-ID is not known yet, and stands as "".
    """
    for rows in _pages(
        store, "s.address, c.name, c.company, c.language, c.responsible, c.crm_id", "s.skip IS NULL", limit
    ):
        for address, name, company, language, responsible, crm_id in rows:
            yield Person(0, address, "", name, company, language, responsible, crm_id or "")


def everybody(store: Store, *, left_out: bool | None = None, limit: int | None = None) -> Iterator[SiftedRow]:
    """Yield those in ``sifting``: all, only those left out, or only those who get the message."""
    which = {None: "TRUE", True: "s.skip IS NOT NULL", False: "s.skip IS NULL"}[left_out]
    for rows in _pages(store, "s.contact_id, s.address, c.name, c.company, s.skip", which, limit):
        for contact, address, name, company, skip in rows:
            because = "" if skip is None else SkipReason.of(skip).value
            yield SiftedRow(contact, clean(address), clean(name), clean(company), because)


def _pages(store: Store, columns: str, which: str, limit: int | None) -> Iterator[Sequence[tuple[Any, ...]]]:
    last, left = 0, -1 if limit is None else limit
    while left:
        size = PAGE if left < 0 else min(PAGE, left)
        rows = store.execute(
            f"SELECT s.id, {columns} FROM sifting AS s CROSS JOIN contact AS c ON c.id = s.contact_id"
            f" WHERE s.id > ? AND {which} ORDER BY s.id LIMIT ?",
            (last, size),
        ).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        left -= len(rows) if left > 0 else 0
        yield [row[1:] for row in rows]
