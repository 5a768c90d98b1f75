"""Which recipients have to be folded one by one to know whether they are right: few, where a million are looked at.

What a recipient holds of each fact is the first or the last of such events, which is found for many at once. What
follows from the facts is another matter; but of a recipient without a failure, an operator's mark on its delivery and a
second mail it depends on nothing but which facts there are, and on the decision (:mod:`store.fold`): whoever has the
same ones must stand alike. One of them is folded then, and stands for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from store.derive import SEVERAL
from store.fold import SENDING
from store.merging import OF_EVENTS

if TYPE_CHECKING:
    from store.database import Connection

_SENDING = ", ".join(str(type_.code) for type_ in sorted(SENDING))
_FACTS = tuple(name for name in OF_EVENTS if name.endswith("_at"))
_BITS = (*_FACTS, "skip_reason", "bounced_at", "bounce_kind", "reason", "status", "reply", "decided_at")
_CODES = ("delivery", "engagement", "triage", "coalesce(r.decision, -1) + 1")
_CODE = 256
"""More than any word's code."""

_SUSPECT = -1
_TABLES = {
    "told": f"id INTEGER NOT NULL PRIMARY KEY, {', '.join(f'{name} BIGINT' for name in OF_EVENTS)},"
    " first_sent BIGINT, last_sent BIGINT",
    "screened": "id INTEGER NOT NULL PRIMARY KEY, campaign_id INTEGER, pattern BIGINT",
    "folding": "id INTEGER NOT NULL PRIMARY KEY",
}


def _pattern() -> str:
    """Return the SQL of a number that says which facts there are, and what is stored of what follows from them."""
    parts = [f"CASE WHEN r.{name} IS NULL THEN 0 ELSE {1 << at} END" for at, name in enumerate(_BITS)]
    parts.append(f"CASE WHEN r.partly THEN {1 << len(_BITS)} ELSE 0 END")
    weight = 1 << len(_BITS) + 1
    for code in _CODES:
        parts.append(f"CAST({code if '(' in code else f'r.{code}'} AS BIGINT) * {weight}")
        weight *= _CODE
    return " + ".join(parts)


def _differs() -> str:
    own = (f"coalesce(t.{name}, 0)" if name == "clicks" else f"t.{name}" for name in OF_EVENTS)
    return " OR ".join(f"r.{name} IS NOT {derived}" for name, derived in zip(OF_EVENTS, own, strict=True))


_TOLD = (
    f"INSERT INTO told (id, {', '.join(OF_EVENTS)}, first_sent, last_sent)"
    f" SELECT recipient_id, {', '.join(OF_EVENTS.values())}, min(CASE WHEN type IN ({_SENDING}) THEN ts END),"
    f" max(CASE WHEN type IN ({_SENDING}) THEN ts END) FROM event WHERE {{0}} GROUP BY recipient_id"
)
_SCREENED = (
    "INSERT INTO screened (id, campaign_id, pattern) SELECT r.id, r.campaign_id, CASE WHEN r.failed_at IS NOT NULL"
    f" OR r.override IS NOT NULL OR {SEVERAL.format('r.')} OR {_differs()} THEN {_SUSPECT} ELSE {_pattern()} END"
    " FROM recipient AS r LEFT JOIN told AS t ON t.id = r.id WHERE r.id BETWEEN ? AND ?"
)


class Screening:
    """Screens a store's recipients by spans of their ids.

    Attributes:
        dates: campaign -> the first and the last event of its sending, of the recipients screened so far.
    """

    def __init__(self, connection: Connection, campaign_id: int | None) -> None:
        """Screen the recipients of one campaign, or (None) of all."""
        self.dates: dict[int, tuple[int, int]] = {}
        self._connection = connection
        self._campaign = campaign_id
        self._proven: set[int] = set()
        for name, columns in _TABLES.items():
            connection.execute(f"CREATE TEMP TABLE {name} ({columns})")

    def span(self, after: int, size: int) -> tuple[int, int, int]:
        """Return the first and the last id of the next recipients after one, and how many they are."""
        # The + keeps SQLite from sorting the whole campaign for each of its spans.
        some = "" if self._campaign is None else f"AND +campaign_id = {self._campaign}"
        sql = (
            f"SELECT min(id), max(id), count(*) FROM (SELECT id FROM recipient WHERE id > ? {some} ORDER BY id LIMIT ?)"
        )
        first, last, count = self._connection.execute(sql, (after, size)).fetchone()
        return first or 0, last or 0, int(count)

    def screen(self, first: int, last: int) -> None:
        """Look at the recipients with these ids and all between; call it within one view of the store."""
        run = self._connection.execute
        run("DELETE FROM told")
        run("DELETE FROM screened")
        if self._campaign is None:
            run(_TOLD.format("recipient_id BETWEEN ? AND ?"), (first, last))
            run(_SCREENED, (first, last))
        else:
            some = "recipient_id IN (SELECT id FROM recipient WHERE id BETWEEN ? AND ? AND +campaign_id = ?)"
            run(_TOLD.format(some), (first, last, self._campaign))
            run(f"{_SCREENED} AND +r.campaign_id = ?", (first, last, self._campaign))
        for campaign, begun, ended in run(
            "SELECT s.campaign_id, min(t.first_sent), max(t.last_sent) FROM told AS t JOIN screened AS s ON s.id = t.id"
            " WHERE t.first_sent IS NOT NULL GROUP BY s.campaign_id"
        ).fetchall():
            earliest, latest = self.dates.get(campaign, (begun, ended))
            self.dates[campaign] = min(earliest, begun), max(latest, ended)

    def everyone(self) -> list[int]:
        """Return all that were looked at."""
        return [id_ for (id_,) in self._connection.execute("SELECT id FROM screened ORDER BY id").fetchall()]

    def suspects(self) -> list[int]:
        """Return those that have to be folded."""
        return self._with(_SUSPECT)

    def unproven(self) -> Iterator[tuple[int, int]]:
        """Yield each pattern that nobody was folded for yet, with one who has it."""
        for pattern, id_ in self._connection.execute(
            f"SELECT pattern, min(id) FROM screened WHERE pattern <> {_SUSPECT} GROUP BY pattern"
        ).fetchall():
            if pattern not in self._proven:
                yield pattern, id_

    def prove(self, pattern: int) -> None:
        """Note that whoever has this pattern is right."""
        self._proven.add(pattern)

    def alike(self, pattern: int) -> list[int]:
        """Return all of these recipients who have a pattern."""
        return self._with(pattern)

    def _with(self, pattern: int) -> list[int]:
        found = self._connection.execute("SELECT id FROM screened WHERE pattern = ? ORDER BY id", (pattern,))
        return [id_ for (id_,) in found.fetchall()]
