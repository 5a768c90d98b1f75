"""The bounce inbox: failures that nobody has decided about, in groups or one by one, as a snapshot.

The order stands in a temporary table ``(pos, id, grp)`` of an own connection, the groups in another one. What is
undecided of a group is counted anew on demand (:meth:`BounceView.recount`); a failure read later shows its newest
state, its place and its group stay as they were.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from typing import Any

from store.asking import Grouping
from store.cleaning import clean
from store.database import Connection, Store
from store.errors import NotFound
from store.queries.grouping import Failed, Gathering
from store.queries.recipient_rows import COLUMNS, JOINED, recipient_row, word_maker
from store.queries.snapshot import Snapshot
from store.queries.view import Interrupted
from store.rows import BounceGroupRow, BounceRow, BouncesLeft
from store.times import from_ms
from store.vocabulary import FAILED_DELIVERY, BounceKind, Decision, EventType, Triage

_CHUNK = 200
_UNDECIDED = f"r.bounced_at IS NOT NULL AND r.triage IN ({Triage.OPEN.code}, {Triage.LATER.code})"
_FAILURES = f"{EventType.BOUNCED.code}, {EventType.REJECTED.code}, {EventType.FAILED.code}"
_FAILED = ", ".join(str(delivery.code) for delivery in sorted(FAILED_DELIVERY))
_DIAGNOSTIC = (
    "(SELECT e.diagnostic FROM event AS e WHERE e.recipient_id = r.id AND e.ts = r.bounced_at"
    f" AND e.type IN ({_FAILURES}) ORDER BY coalesce(e.kind, {BounceKind.UNDETERMINED.code}) DESC, e.type DESC,"
    " e.dedupe DESC LIMIT 1)"
)
_TOLD = (
    f"SELECT r.id, r.triage = {Triage.LATER.code}, r.bounced_at, r.address,"
    " substr(r.address_key, instr(r.address_key, '@') + 1), p.name, r.reason, r.bounce_kind, r.status, r.reply,"
    f" {_DIAGNOSTIC} FROM recipient AS r CROSS JOIN campaign AS p ON p.id = r.campaign_id WHERE {_UNDECIDED}"
)
_kind, _decision = word_maker(BounceKind), word_maker(Decision)


class BounceView(Snapshot):
    """The undecided failures of a campaign, or of all, as they were when :meth:`build` was called.

    Methods may be called from any thread; :meth:`interrupt` also while another one works. Positions count from 0. A
    closed view raises Interrupted.

    Attributes:
        by: how they are grouped.
        campaign_id: the campaign; None: all.
        total: how many failures there are.
        group_count: how many groups.
    """

    def __init__(self, store: Store) -> None:
        """Open the view's own connection; :meth:`close` closes it."""
        super().__init__(store)
        self._stop = threading.Event()
        self.by = Grouping.NONE
        self.campaign_id: int | None = None
        self.group_count = 0

    def build(self, campaign_id: int | None, by: Grouping) -> int:
        """Take the snapshot and return how many failures it holds; call it once.

        Raises:
            Interrupted: :meth:`interrupt` was called meanwhile.
            StoreUnavailable, DiskFull: the store cannot be read, or there is no room for temporary files.
        """
        self.by, self.campaign_id = by, campaign_id
        with self.working() as connection:
            connection.execute(
                "CREATE TEMP TABLE v (pos INTEGER PRIMARY KEY, id INTEGER NOT NULL, grp INTEGER NOT NULL)"
            )
            connection.execute(
                "CREATE TEMP TABLE g (no INTEGER PRIMARY KEY, told TEXT NOT NULL, first INTEGER NOT NULL,"
                " last INTEGER NOT NULL, open INTEGER NOT NULL, later INTEGER NOT NULL, decision INTEGER)"
            )
            connection.execute("BEGIN")
            gathering = self._gathered(connection)
            self._keep(connection, gathering)
            connection.execute("CREATE INDEX temp.v_id ON v (id)")
            connection.execute("COMMIT")
        return self.total

    def interrupt(self) -> None:
        """Break off what is under way; it raises Interrupted."""
        self._stop.set()
        super().interrupt()

    def groups(self, offset: int, limit: int) -> tuple[BounceGroupRow, ...]:
        """Return the groups from position ``offset`` on, with what was left of them at the last :meth:`recount`."""
        found = self.values(
            "SELECT no, told, open, later, decision FROM g WHERE no > ? ORDER BY no LIMIT ?", (offset, limit)
        )
        return tuple(map(_group, found))

    def group(self, number: int) -> BounceGroupRow | None:
        """Return one group by its id; None if there is none."""
        return next(iter(self.groups(number - 1, 1)), None)

    def group_named(self, key: str) -> BounceGroupRow | None:
        """Return the group whose key begins so; None if there is none, or more than one."""
        found = self.values(
            "SELECT no, told, open, later, decision FROM g WHERE substr(json_extract(told, '$.key'), 1, ?) = ? LIMIT 2",
            (len(key), key),
        )
        return _group(found[0]) if len(found) == 1 else None

    def span(self, group: int | None) -> tuple[int, int]:
        """Return the first position of a group and how many failures it holds; of all failures for None."""
        if group is None:
            return 0, self.total
        found = self.values("SELECT first, last FROM g WHERE no = ?", (group,))
        return (found[0][0] - 1, found[0][1] - found[0][0] + 1) if found else (0, 0)

    def singles(self, offset: int, limit: int) -> tuple[BounceRow, ...]:
        """Return the failures from position ``offset`` on, as they are now."""
        found = self.values(
            f"SELECT {_DIAGNOSTIC}, {COLUMNS} FROM v CROSS JOIN recipient AS r ON r.id = v.id {JOINED}"
            " WHERE v.pos > ? AND v.pos <= ? ORDER BY v.pos",
            (offset, offset + limit),
        )
        return tuple(map(_single, found))

    def singles_of(self, ids: Iterable[int]) -> dict[int, BounceRow]:
        """Return id -> failure of these recipients, as they are now."""
        found = self.values(
            f"SELECT {_DIAGNOSTIC}, {COLUMNS} FROM json_each(?) AS j CROSS JOIN recipient AS r ON r.id = j.value"
            f" {JOINED}",
            (json.dumps(list(ids)),),
        )
        return {row.id: row for row in map(_single, found)}

    def undecided(self, groups: Iterable[int]) -> list[int]:
        """Return the recipients of these groups whose failures are still undecided, in order."""
        found = self.values(
            "SELECT v.id FROM json_each(?) AS j CROSS JOIN g ON g.no = j.value CROSS JOIN v ON v.pos BETWEEN g.first"
            f" AND g.last CROSS JOIN recipient AS r ON r.id = v.id WHERE {_UNDECIDED} ORDER BY v.pos",
            (json.dumps(list(groups)),),
        )
        return [id_ for (id_,) in found]

    def next_group(self, start: int, passed: Sequence[int] = (), *, later: bool = False) -> int | None:
        """Return the position of the nearest group from ``start`` on of which something is undecided.

        Args:
            start: where to begin.
            passed: groups that do not count.
            later: count those put off, too.
        """
        some = "open + later > 0" if later else "open > 0"
        found = self.values(
            f"SELECT no FROM g WHERE no > ? AND {some} AND no NOT IN (SELECT value FROM json_each(?))"
            " ORDER BY no LIMIT 1",
            (start, json.dumps(list(passed))),
        )
        return found[0][0] - 1 if found else None

    def next_single(self, start: int, end: int, passed: Sequence[int] = (), *, later: bool = False) -> int | None:
        """Return the position of the nearest undecided failure from ``start`` on, before ``end``.

        Args:
            start: where to begin.
            end: where to stop.
            passed: recipients that do not count.
            later: count those put off, too.
        """
        triage = f"{Triage.OPEN.code}, {Triage.LATER.code}" if later else f"{Triage.OPEN.code}"
        found = self.values(
            "SELECT v.pos FROM v CROSS JOIN recipient AS r ON r.id = v.id WHERE v.pos > ? AND v.pos <= ?"
            f" AND r.bounced_at IS NOT NULL AND r.triage IN ({triage})"
            " AND v.id NOT IN (SELECT value FROM json_each(?)) ORDER BY v.pos LIMIT 1",
            (start, end, json.dumps(list(passed))),
        )
        return found[0][0] - 1 if found else None

    def recount(self) -> BouncesLeft:
        """Count anew what is undecided in each group, and return what is left in all."""
        with self.working() as connection:
            connection.execute("BEGIN")
            found = connection.execute(
                "SELECT v.grp, sum(r.bounced_at IS NOT NULL AND r.triage = ?), sum(r.bounced_at IS NOT NULL AND"
                " r.triage = ?), min(coalesce(r.decision, 0)), max(coalesce(r.decision, 0))"
                " FROM v CROSS JOIN recipient AS r ON r.id = v.id GROUP BY v.grp",
                (Triage.OPEN.code, Triage.LATER.code),
            ).fetchall()
            connection.executemany(
                "UPDATE g SET open = ?, later = ?, decision = ? WHERE no = ?",
                [(open_, later, low if low == high else None, no) for no, open_, later, low, high in found],
            )
            within, given = ("", ()) if self.campaign_id is None else (" AND campaign_id = ?", (self.campaign_id,))
            known = connection.execute(
                f"SELECT coalesce(sum(n), 0) FROM campaign_stat WHERE delivery IN ({_FAILED})"
                f" AND triage IN ({Triage.OPEN.code}, {Triage.LATER.code}){within}",
                given,
            ).fetchone()[0]
            connection.execute("COMMIT")
        open_, later = sum(row[1] for row in found), sum(row[2] for row in found)
        return BouncesLeft(self.total, open_, later, max(0, known - open_ - later))

    def _gathered(self, connection: Connection) -> Gathering:
        gathering = Gathering(self.by)
        within, given = ("", ()) if self.campaign_id is None else (" AND r.campaign_id = ?", (self.campaign_id,))
        cursor = connection.execute(f"{_TOLD}{within} ORDER BY r.bounced_at, r.id", given)
        while chunk := cursor.fetchmany(_CHUNK):
            if self._stop.is_set():
                raise Interrupted("The bounces were not read to their end.")
            for values in chunk:
                gathering.add(Failed(*values))
        return gathering

    def _keep(self, connection: Connection, gathering: Gathering) -> None:
        """Write the snapshot: failures by group, within a group in the order of time."""
        groups, order = gathering.ordered()
        ids = gathering.ids
        last = 0
        kept = []
        for number, group in enumerate(groups, start=1):
            first, last = last + 1, last + group.n
            members = ((ids[at], number) for at in order[first - 1 : last])
            connection.executemany("INSERT INTO v (id, grp) VALUES (?, ?)", members)
            put_off = group.n if group.later else 0
            kept.append((number, group.told(), first, last, group.n - put_off, put_off))
        connection.executemany("INSERT INTO g (no, told, first, last, open, later) VALUES (?, ?, ?, ?, ?, ?)", kept)
        self.total, self.group_count = len(order), len(groups)


def group_members(store: Store, campaign_id: int | None, key: str) -> list[int]:
    """Return the recipients of the group that :attr:`store.rows.BounceGroupRow.key` names, as it is now.

    Raises:
        NotFound: there is no such group of undecided failures.
    """
    by = next((grouping for grouping in Grouping if key.startswith(grouping.value[0])), None)
    view = BounceView(store)
    try:
        if by is not None:
            view.build(campaign_id, by)
            group = view.group_named(key)
            if group is not None:
                return view.undecided([group.id])
    finally:
        view.close()
    raise NotFound(
        f"There is no group {clean(key)} of undecided bounces; `aftersend bounces --group cause` lists them."
    )


def _single(values: Sequence[Any]) -> BounceRow:
    diagnostic, *row = values
    return BounceRow(recipient_row(row), clean(diagnostic or ""))


def _group(values: Sequence[Any]) -> BounceGroupRow:
    number, text, open_, later, decision = values
    told = json.loads(text)
    reasons = told["reasons"]
    return BounceGroupRow(
        id=number,
        key=told["key"],
        reason=(clean(reasons[0]) or None) if len(reasons) == 1 else None,
        acts=_acts(reasons),
        kind=_kind(told["kind"]),
        causes=told["causes"],
        status=clean(told["status"]) if told["status"] else None,
        reply=told["reply"],
        words=told["words"],
        sample=told["sample"],
        domains=tuple((domain, count) for domain, count in told["domains"]),
        domain_count=told["domain_count"],
        campaigns=tuple(told["campaigns"]),
        first=from_ms(told["first"]),
        last=from_ms(told["last"]),
        n=told["n"],
        open=open_,
        later=later,
        decision=_decision(decision) if decision else None,
        one=told["one"],
    )


def _acts(reasons: Iterable[str]) -> str:
    """Return who has to act, as the classifier's rules say it; "" if that differs."""
    from store.feeds.bounces.rules import load

    rules = load().reasons
    found = {rules[reason].acts if reason in rules else "nobody" for reason in reasons}
    return found.pop() if len(found) == 1 else ""
