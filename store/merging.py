"""New events merged into their recipients: facts, facets, counters, clickers, addresses, set by set.

Recipients that nothing speaks against (no failure, no mark, one outcome) are settled in the pass that merges their
facts; the others go through the same steps as after a mark. A large batch is merged in slices of the recipients' ids,
in their order: a slice's pages stay in the cache from the first statement to the last, and each is written once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from store.database import Store
from store.derive import DELIVERY, ENGAGEMENT, FACTS, SEVERAL, TRIAGE, counted, empty_touched, facets
from store.fold import FAILURES, PROVING, SENDING
from store.standing import settle_keys
from store.vocabulary import Actor, EventType

_SLICE = 10_000
_CLICKED, _MACHINE = EventType.CLICKED.code, Actor.MACHINE.code
_SENDING = ", ".join(str(t.code) for t in sorted(SENDING))
_PROVING = ", ".join(str(t.code) for t in sorted(PROVING))
_FACTS_OF_R = re.sub(r"\b(\w+_at)\b", r"r.\1", FACTS)
_MIN_FACTS: dict[str, str] = {
    "sent_at": f"type IN ({_PROVING})",
    "delivered_at": f"type = {EventType.DELIVERED.code}",
    "opened_at": f"type = {EventType.OPENED.code} AND actor <> {_MACHINE}",
    "machine_opened_at": f"type = {EventType.OPENED.code} AND actor = {_MACHINE}",
    "clicked_at": f"type = {_CLICKED} AND actor <> {_MACHINE}",
    "machine_clicked_at": f"type = {_CLICKED} AND actor = {_MACHINE}",
    "replied_at": f"type = {EventType.REPLIED.code}",
    "complained_at": f"type = {EventType.COMPLAINED.code}",
    "unsubscribed_at": f"type = {EventType.UNSUBSCRIBED.code}",
}
_MAX_FACTS: dict[str, str] = {
    "deferred_at": f"type = {EventType.DEFERRED.code}",
    "failed_at": f"type IN ({', '.join(str(t.code) for t in sorted(FAILURES))})",
    "engaged_at": f"type IN ({EventType.OPENED.code}, {_CLICKED}) AND actor <> {_MACHINE}"
    f" OR type = {EventType.REPLIED.code}",
}
OF_EVENTS: dict[str, str] = {
    **{name: f"min(CASE WHEN {test} THEN ts END)" for name, test in _MIN_FACTS.items()},
    **{name: f"max(CASE WHEN {test} THEN ts END)" for name, test in _MAX_FACTS.items()},
    "clicks": f"coalesce(sum(CASE WHEN type = {_CLICKED} AND actor <> {_MACHINE} THEN times ELSE 0 END), 0)",
    "outcome_min": "min(outcome)",
    "outcome_max": "max(outcome)",
}
"""Column of a recipient -> what it is of the recipient's events."""

_TOLD = {
    **_MIN_FACTS,
    **_MAX_FACTS,
    "clicks": f"type = {_CLICKED} AND actor <> {_MACHINE}",
    "outcome_min": "outcome IS NOT NULL",
    "outcome_max": "outcome IS NOT NULL",
}
"""Column of a recipient -> which events tell anything of it."""

_FACETS = ("delivery", "engagement", "triage")
_INDEXED = {1: "delivery", 2: "opened_at", 4: "clicked_at"}
"""The bits of ``merged.moved``: columns with an index that get another value."""

_KEYS = (
    "SELECT DISTINCT address_key FROM merged WHERE failed_at IS NOT NULL OR marked OR complained_at IS NOT NULL"
    " OR unsubscribed_at IS NOT NULL OR address_key IN (SELECT key FROM address)"
)
_TABLES = {
    "batch": ("n", "recipient_id", *OF_EVENTS),
    "merged": (
        *("plain", "moved", "id", "campaign_id", "address_key", "skip_reason", "delivery", "bounced_at", "decision"),
        *("decided_at", "clicks", "opened_before", "clicked_before", "marked", "delivery_before", "triage_before"),
        *("facts_before", *_MIN_FACTS, "outcome_min", *_MAX_FACTS, "outcome_max"),
        *("delivery_after", "engagement_after", "triage_after", "facts_after"),
    ),
}
"""Temporary tables, made once a connection: a new one would have every statement prepared anew."""

_TYPES = {"n": "INTEGER PRIMARY KEY", "plain": "BOOLEAN", "marked": "BOOLEAN", "address_key": "TEXT"}
"""Those of their columns that hold no whole numbers; ``n`` counts the rows from 1 on."""


def absorb(store: Store, after_event: int) -> None:
    """Merge the events with an id above ``after_event`` into their recipients; call it inside a transaction."""
    for name, columns in _TABLES.items():
        typed = ", ".join(f"{column} {_TYPES.get(column, 'INTEGER')}" for column in columns)
        store.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} ({typed})")
    told = _told(store, after_event)
    recipients = _gather(store, after_event, told)
    if "clicked_at" in told or "machine_clicked_at" in told:
        _collect_clickers(store, after_event)
    if "sent_at" in told:
        _date_campaigns(store, after_event)
    for first in range(1, recipients + 1, _SLICE):
        _merge(store, first, first + _SLICE - 1, told)
        _count_merged(store, -1, "delivery_before, triage_before, facts_before")
        _write_plain(store, told)
        _count_merged(store, +1, "delivery_after, triage_after, facts_after")
        empty_touched(store)
        store.execute("INSERT INTO touched (id) SELECT id FROM merged WHERE NOT plain")
        with counted(store):
            _write(store, "NOT m.plain", told)
            facets(store)
        settle_keys(store, [key for (key,) in store.execute(_KEYS).fetchall()])
    _withdraw_consent(store)


def _told(store: Store, after_event: int) -> list[str]:
    """Return the columns of which new events tell anything; the others stay as they are."""
    found = store.execute(
        f"SELECT {', '.join(f'max(CASE WHEN {test} THEN 1 ELSE 0 END)' for test in _TOLD.values())} FROM"
        " (SELECT DISTINCT type, actor, CASE WHEN outcome IS NOT NULL THEN 1 END AS outcome FROM event WHERE id > ?)"
        " AS kinds",
        (after_event,),
    ).fetchone()
    return [column for column, told in zip(_TOLD, found, strict=True) if told]


def _gather(store: Store, after_event: int, told: Sequence[str]) -> int:
    """Put the facts that new events bring into the temporary table ``batch``, a row a recipient; return how many."""
    store.execute("DELETE FROM temp.batch")
    store.execute(
        f"INSERT INTO batch ({', '.join(['recipient_id', *told])})"
        f" SELECT {', '.join(['recipient_id', *(OF_EVENTS[column] for column in told)])}"
        " FROM event WHERE id > ? GROUP BY +recipient_id ORDER BY +recipient_id",
        (after_event,),
    )
    return int(store.execute("SELECT coalesce(max(n), 0) FROM batch").fetchone()[0])


def _merge(store: Store, first: int, last: int, told: Sequence[str]) -> None:
    """Join rows of ``batch`` with what the recipients hold into ``merged``: facts, and the facets before and after."""

    def both(column: str, which: str) -> str:
        if column not in told:
            return f"r.{column}"
        return f"coalesce({which}(r.{column}, b.{column}), r.{column}, b.{column}) AS {column}"

    lower = [both(column, "min") for column in (*_MIN_FACTS, "outcome_min")]
    upper = [both(column, "max") for column in (*_MAX_FACTS, "outcome_max")]
    store.execute("DELETE FROM temp.merged")
    store.execute(
        f"INSERT INTO merged ({', '.join(_TABLES['merged'])})"
        f" SELECT failed_at IS NULL AND NOT marked AND NOT {SEVERAL.format('')} AS plain,"
        f" CASE WHEN {DELIVERY} <> delivery_before THEN 1 ELSE 0 END"
        " + CASE WHEN opened_at IS NOT opened_before THEN 2 ELSE 0 END"
        f" + CASE WHEN clicked_at IS NOT clicked_before THEN 4 ELSE 0 END AS moved, *, {DELIVERY} AS delivery_after,"
        f" {ENGAGEMENT} AS engagement_after, {TRIAGE} AS triage_after, {FACTS} AS facts_after"
        " FROM (SELECT r.id, r.campaign_id, r.address_key, r.skip_reason, r.delivery, r.bounced_at, r.decision,"
        " r.decided_at, r.clicks + coalesce(b.clicks, 0) AS clicks, r.opened_at AS opened_before,"
        " r.clicked_at AS clicked_before,"
        " r.override IS NOT NULL OR r.partly AS marked, r.delivery AS delivery_before, r.triage AS triage_before,"
        f" {_FACTS_OF_R} AS facts_before, {', '.join([*lower, *upper])}"
        " FROM batch AS b CROSS JOIN recipient AS r WHERE b.n BETWEEN ? AND ? AND r.id = b.recipient_id)",
        (first, last),
    )


def _count_merged(store: Store, sign: int, columns: str) -> None:
    store.execute(
        "INSERT INTO campaign_stat (campaign_id, delivery, triage, facts, n)"
        f" SELECT campaign_id, {columns}, {sign} * count(*) FROM merged WHERE plain AND (facts_before <> facts_after"
        " OR delivery_before <> delivery_after OR triage_before <> triage_after)"
        f" GROUP BY campaign_id, {columns}"
        " ON CONFLICT (campaign_id, delivery, triage, facts) DO UPDATE SET n = campaign_stat.n + excluded.n"
    )


def _write_plain(store: Store, told: Sequence[str]) -> None:
    """Write facts and facets of those that need no more, and touch an index only where its column has changed.

    SQLite takes out and puts back the index entries of every column that is set, also where its value stays.
    """
    for (moved,) in store.execute("SELECT DISTINCT moved FROM merged WHERE plain").fetchall():
        same = {column for bit, column in _INDEXED.items() if not moved & bit}
        facts = [column for column in told if column not in same]
        _write(store, f"m.plain AND m.moved = {moved}", facts, [facet for facet in _FACETS if facet not in same])


def _write(store: Store, which: str, facts: Iterable[str], derived: Iterable[str] = ()) -> None:
    sets = (*(f"{fact} = m.{fact}" for fact in facts), *(f"{facet} = m.{facet}_after" for facet in derived))
    store.execute(f"UPDATE recipient SET {', '.join(sets)} FROM merged AS m WHERE {which} AND recipient.id = m.id")


def _collect_clickers(store: Store, after_event: int) -> None:
    store.execute(
        "INSERT INTO clicker (campaign_id, link_id, recipient_id, clicks, machine_clicks, first_at, last_at)"
        f" SELECT campaign_id, link_id, recipient_id, sum(CASE WHEN actor <> {_MACHINE} THEN 1 ELSE 0 END),"
        f" sum(CASE WHEN actor = {_MACHINE} THEN 1 ELSE 0 END), min(ts), max(ts)"
        f" FROM event WHERE id > ? AND type = {_CLICKED} AND link_id IS NOT NULL GROUP BY 1, 2, 3"
        " ON CONFLICT (campaign_id, link_id, recipient_id) DO UPDATE SET clicks = clicker.clicks + excluded.clicks,"
        " machine_clicks = clicker.machine_clicks + excluded.machine_clicks,"
        " first_at = min(clicker.first_at, excluded.first_at), last_at = max(clicker.last_at, excluded.last_at)",
        (after_event,),
    )


def _date_campaigns(store: Store, after_event: int) -> None:
    store.execute(
        "UPDATE campaign SET started_at = coalesce(min(started_at, b.first), started_at, b.first),"
        " ended_at = coalesce(max(ended_at, b.last), ended_at, b.last)"
        " FROM (SELECT campaign_id, min(ts) AS first, max(ts) AS last FROM event"
        f" WHERE id > ? AND type IN ({_SENDING}) GROUP BY campaign_id) AS b WHERE campaign.id = b.campaign_id",
        (after_event,),
    )


def _withdraw_consent(store: Store) -> None:
    """A complaint or an unsubscription is a withdrawal of consent (RFC 8058, section 1; GDPR, article 7(3))."""
    leaving = store.execute(
        "SELECT recipient_id FROM batch WHERE complained_at IS NOT NULL OR unsubscribed_at IS NOT NULL"
    ).fetchall()
    contacts = store.among("SELECT contact_id FROM recipient WHERE id IN ({})", [id_ for (id_,) in leaving])
    store.execute_many(
        "UPDATE contact SET consent = FALSE WHERE id = ? AND (consent IS NULL OR consent)", list(contacts)
    )
