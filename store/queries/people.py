"""People over all campaigns: who has some words in name, address (also an earlier one) or company."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from store.cleaning import clean
from store.database import Store
from store.queries.conditions import LONGEST_PATTERN, folded
from store.queries.history import EVENT_COLUMNS, event_row
from store.queries.recipient_rows import COLUMNS, JOINED, recipient_row
from store.queries.snapshot import Snapshot
from store.queries.view import Interrupted
from store.rows import RecipientRow
from store.rows.people import Happening, PersonRow

_NEWEST = (
    "SELECT r.id FROM recipient AS r CROSS JOIN campaign AS p ON p.id = r.campaign_id WHERE r.contact_id = c.id"
    " AND r.occurrence = 0 ORDER BY coalesce(p.started_at, p.created_at) DESC, r.id DESC LIMIT 1"
)
"""The row of ``contact AS c`` in the newest campaign; repetitions in a list never got the mail."""

_LAST = (
    "SELECT e.id FROM recipient AS r CROSS JOIN event AS e ON e.recipient_id = r.id WHERE r.contact_id = c.id"
    " ORDER BY e.ts DESC, e.id DESC LIMIT 1"
)
_OF_ROWS = "SELECT 1 FROM recipient AS r WHERE r.contact_id = c.id AND r.{} IS NOT NULL"
_PERSON = (
    "c.id, c.name, c.company, c.email, c.email_key, c.former, c.consent,"
    " (SELECT count(DISTINCT r.campaign_id) FROM recipient AS r WHERE r.contact_id = c.id),"
    " EXISTS (SELECT 1 FROM address AS a WHERE a.key = c.email_key AND a.blocked_at IS NOT NULL),"
    f" EXISTS ({_OF_ROWS.format('complained_at')}), EXISTS ({_OF_ROWS.format('unsubscribed_at')}),"
    f" ({_NEWEST}), ({_LAST})"
)
_CORRECTED = "json_extract(l.{}, '$.email_key')"
_CHANGED = "FROM journal_line AS l WHERE l.subject = 'contact'"


class PeopleView(Snapshot):
    """The people who have all of some words: first those whose name has them, then the others, each by name."""

    def build(self, text: str = "") -> int:
        """Take the snapshot and return how many people it holds, everybody without words; call it once.

        Each word may be in the name, the company, the address of today or an earlier one: one that stands in a plan,
        or in the journal because it was corrected.

        Raises:
            Interrupted: :meth:`interrupt` was called meanwhile.
        """
        words = folded(text.split())
        if not words:
            return self.fill("SELECT c.id FROM contact AS c ORDER BY c.sort_key, c.id")
        parameters: dict[str, Any] = {}
        having, named = _having(words, parameters), _all(words, "c.sort_key", parameters)
        return self.fill(
            f"SELECT c.id FROM ({having}) AS h CROSS JOIN contact AS c ON c.id = h.contact_id"
            f" ORDER BY {named} DESC, c.sort_key, c.id",
            parameters,
        )

    def first(self, text: str, limit: int, patience_s: float = 0.3) -> tuple[PersonRow, ...]:
        """Return the first people who have all words today, as far as they are found in a moment.

        Names and common words have their first people quickly, long before all are found and sorted.
        """
        words = folded(text.split())
        parameters: dict[str, Any] = {"limit": limit}
        by_name = "FROM contact AS c INDEXED BY contact_sort"
        named, now = _all(words, "c.sort_key", parameters), _all(words, "s.s", parameters)
        searched = f"{by_name} CROSS JOIN contact_search AS s ON s.contact_id = c.id WHERE {now} AND NOT {named}"
        until = time.monotonic() + patience_s
        ids: list[int] = []
        for sql in (f"{by_name} WHERE {named}", searched) if words else (by_name,):
            found = self._until(until, f"SELECT c.id {sql} ORDER BY c.sort_key, c.id LIMIT :limit", parameters)
            ids += [id_ for (id_,) in found]
        return self.people(ids[:limit])

    def _until(self, until: float, sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a statement if they are there before a moment of the monotonic clock, else none."""
        try:
            with self.working() as connection:
                with connection.within(until - time.monotonic()):
                    return list(connection.execute(sql, parameters).fetchall())
        except Interrupted:
            return []

    def page(self, offset: int, limit: int) -> tuple[PersonRow, ...]:
        """Return the people from position ``offset`` on, as they are now."""
        return self._people(
            "FROM v CROSS JOIN contact AS c ON c.id = v.id WHERE v.pos > ? AND v.pos <= ? ORDER BY v.pos",
            (offset, offset + limit),
        )

    def people(self, ids: Sequence[int]) -> tuple[PersonRow, ...]:
        """Return people by their numbers, in this order, whether they are in the snapshot or not."""
        return self._people(
            "FROM json_each(?) AS j CROSS JOIN contact AS c ON c.id = j.value ORDER BY j.key", (json.dumps(list(ids)),)
        )

    def _people(self, sql: str, parameters: Sequence[Any]) -> tuple[PersonRow, ...]:
        found = self.values(f"SELECT {_PERSON} {sql}", parameters)
        newest = self._newest([values[-2] for values in found if values[-2] is not None])
        last = self._last([values[-1] for values in found if values[-1] is not None])
        earlier = self._earlier({values[0]: values[4] for values in found})
        return tuple(
            PersonRow(
                id_,
                clean(name),
                clean(company),
                clean(email),
                earlier[id_],
                campaigns,
                newest.get(row),
                last.get(event),
                bool(former),
                bool(blocked),
                bool(complained),
                bool(unsubscribed),
                None if consent is None else bool(consent),
            )
            for (
                id_,
                name,
                company,
                email,
                _,
                former,
                consent,
                campaigns,
                blocked,
                complained,
                unsubscribed,
                row,
                event,
            ) in found
        )

    def _newest(self, ids: Iterable[int]) -> dict[int, RecipientRow]:
        found = self.values(
            f"SELECT {COLUMNS} FROM json_each(?) AS j CROSS JOIN recipient AS r ON r.id = j.value {JOINED}",
            (json.dumps(list(ids)),),
        )
        return {row.id: row for row in map(recipient_row, found)}

    def _last(self, ids: Iterable[int]) -> dict[int, Happening]:
        found = self.values(
            f"SELECT p.name, r.address, {EVENT_COLUMNS} FROM json_each(?) AS j CROSS JOIN event AS e ON e.id = j.value"
            " CROSS JOIN recipient AS r ON r.id = e.recipient_id CROSS JOIN campaign AS p ON p.id = r.campaign_id"
            " LEFT JOIN link AS l ON l.id = e.link_id",
            (json.dumps(list(ids)),),
        )
        return {values[0]: Happening(clean(name), event_row(values, clean(of))) for name, of, *values in found}

    def _earlier(self, today: dict[int, str]) -> dict[int, tuple[str, ...]]:
        """Return contact -> the addresses that they had beside today's."""
        found: dict[int, dict[str, str]] = defaultdict(dict)
        ids = json.dumps(list(today))
        for contact, key, address in self.values(
            "SELECT r.contact_id, r.address_key, r.address FROM json_each(?) AS j CROSS JOIN recipient AS r"
            " ON r.contact_id = j.value WHERE r.address_key <> '' ORDER BY r.id DESC",
            (ids,),
        ):
            found[contact].setdefault(key, clean(address))
        for contact, key, address in self.values(
            f"SELECT l.subject_id, {_CORRECTED.format('before')}, json_extract(l.before, '$.email')"
            " FROM json_each(?) AS j CROSS JOIN journal_line AS l ON l.subject = 'contact' AND l.subject_id = j.value"
            " ORDER BY l.journal_id DESC",
            (ids,),
        ):
            if key:
                found[contact].setdefault(key, clean(address))
        return {
            contact: tuple(address for key, address in found[contact].items() if key != own)
            for contact, own in today.items()
        }


def newest_rows(store: Store, contact_ids: Sequence[int]) -> list[int]:
    """Return the row of each of these people in their newest campaign, in order; those in no plan are left out."""
    found = dict(store.among(f"SELECT c.id, ({_NEWEST}) FROM contact AS c WHERE c.id IN ({{}})", contact_ids))
    return [row for row in map(found.get, contact_ids) if row is not None]


def _tests(words: Sequence[str], parameters: dict[str, Any]) -> list[str]:
    """Put words among the parameters and return the condition of each on a text "{0}"."""
    tests = []
    for number, word in enumerate(words):
        plain = len(word) <= LONGEST_PATTERN and not {"%", "_", "\0"} & set(word)
        parameters[f"w{number}"] = f"%{word}%" if plain else word
        tests.append(f"{{0}} LIKE :w{number}" if plain else f"instr({{0}}, :w{number}) > 0")
    return tests


def _all(words: Sequence[str], text: str, parameters: dict[str, Any]) -> str:
    """Put words among the parameters and return the condition, in brackets, that a text has all of them."""
    return f"({' AND '.join(test.format(text) for test in _tests(words, parameters)) or 'TRUE'})"


def _having(words: Sequence[str], parameters: dict[str, Any]) -> str:
    """Return the statement of the contacts that have all words, and put these among the parameters.

    Most have them in their search text. Earlier addresses are looked at only for people who have a word in one of them;
    in plans, those that nobody has today, which an index tells in the same order.
    """
    tests = _tests(words, parameters)
    now = " AND ".join(test.format("s") for test in tests)
    planned = " OR ".join(test.format("r.address_key") for test in tests)
    corrected = " OR ".join(_corrected(test) for test in tests)
    each = " AND ".join(
        "(EXISTS (SELECT 1 FROM contact_search AS t WHERE t.contact_id = e.contact_id"
        f" AND {test.format('t.s')}) OR EXISTS (SELECT 1 FROM recipient AS r WHERE r.contact_id = e.contact_id"
        f" AND {test.format('r.address_key')})"
        f" OR EXISTS (SELECT 1 {_CHANGED} AND l.subject_id = e.contact_id AND {_corrected(test)}))"
        for test in tests
    )
    return (
        f"SELECT contact_id FROM contact_search WHERE {now} UNION SELECT e.contact_id FROM ("
        f"SELECT contact_id FROM recipient AS r INDEXED BY recipient_address WHERE ({planned})"
        " AND NOT EXISTS (SELECT 1 FROM contact AS o WHERE o.email_key = r.address_key)"
        f" UNION SELECT l.subject_id {_CHANGED} AND ({corrected})) AS e WHERE {each}"
    )


def _corrected(test: str) -> str:
    return f"({' OR '.join(test.format(_CORRECTED.format(column)) for column in ('before', 'after'))})"
