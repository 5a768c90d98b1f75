"""Taking events out of a recipient again: the way back of :func:`store.landing.insert_events`.

The recipient is folded anew from all events that remain; clickers, links, the campaign's dates, the counters and the
address follow. Whoever put the events in knows what else followed from them.
"""

from __future__ import annotations

from collections.abc import Sequence

from store import derive
from store.database import Store
from store.fold import SENDING, Folded, Marks, fold
from store.vocabulary import Actor, BounceKind, Decision, EventType

_FACTS = (
    "sent_at",
    "deferred_at",
    "delivered_at",
    "bounced_at",
    "failed_at",
    "opened_at",
    "machine_opened_at",
    "clicked_at",
    "machine_clicked_at",
    "engaged_at",
    "replied_at",
    "complained_at",
    "unsubscribed_at",
    "partly",
    "reason",
    "status",
    "reply",
    "clicks",
)
_WORDS = ("delivery", "engagement", "triage", "bounce_kind")
_SENDING = ", ".join(str(type_.code) for type_ in sorted(SENDING))
_CLICKED, _MACHINE = EventType.CLICKED.code, Actor.MACHINE.code


def withdraw(store: Store, recipient_id: int, dedupes: Sequence[bytes]) -> None:
    """Take a recipient's events with these dedupe keys out; call it inside a transaction."""
    sql = "SELECT id, campaign_id, type, ts, link_id FROM event WHERE recipient_id = ? AND dedupe IN ({})"
    found = list(store.among(sql, dedupes, (recipient_id,)))
    if not found:
        return
    store.execute_many("DELETE FROM event WHERE id = ?", [(row[0],) for row in found])
    refold(store, recipient_id, sorted({link for *_, link in found if link is not None}))
    _date(store, found[0][1], [ts for _, _, type_, ts, _ in found if EventType.of(type_) in SENDING])


def refold(store: Store, recipient_id: int, links: Sequence[int]) -> None:
    """Derive a recipient anew from all of its events, and its clicks on these links; call it inside a transaction."""
    derive.touch(store, [recipient_id])
    with derive.counted(store):
        _write(store, recipient_id)
    derive.settle(store)
    _collect_clicks(store, recipient_id, links)


def _write(store: Store, recipient_id: int) -> None:
    """Write what follows from the events that a recipient has now."""
    skip, override, override_at, cleared_at, decision, decided_at = store.execute(
        "SELECT skip_reason, override, override_at, cleared_at, decision, decided_at FROM recipient WHERE id = ?",
        (recipient_id,),
    ).fetchone()
    marks = Marks(
        skip is not None,
        BounceKind.of(override) if override is not None else None,
        override_at,
        cleared_at,
        Decision.of(decision) if decision is not None else None,
        decided_at,
    )
    state: Folded = fold(derive.happenings(store, recipient_id), marks)
    words = [getattr(state, name) for name in _WORDS]
    values = [*(getattr(state, name) for name in _FACTS), *(word and word.code for word in words)]
    sets = ", ".join(f"{name} = ?" for name in (*_FACTS, *_WORDS))
    store.execute(
        f"UPDATE recipient SET {sets}, (outcome_min, outcome_max) ="
        " (SELECT min(outcome), max(outcome) FROM event WHERE recipient_id = recipient.id) WHERE id = ?",
        (*values, recipient_id),
    )


def _collect_clicks(store: Store, recipient_id: int, links: Sequence[int]) -> None:
    """Count a recipient's clicks on these links anew, and drop links that no event names any more."""
    for link in links:
        store.execute("DELETE FROM clicker WHERE link_id = ? AND recipient_id = ?", (link, recipient_id))
        store.execute(
            "INSERT INTO clicker (campaign_id, link_id, recipient_id, clicks, machine_clicks, first_at, last_at)"
            f" SELECT campaign_id, link_id, recipient_id, sum(actor <> {_MACHINE}), sum(actor = {_MACHINE}), min(ts),"
            f" max(ts) FROM event WHERE recipient_id = ? AND link_id = ? AND type = {_CLICKED} GROUP BY 1, 2, 3",
            (recipient_id, link),
        )
        store.execute(
            "DELETE FROM link WHERE id = ? AND NOT EXISTS (SELECT 1 FROM clicker AS c WHERE"
            " c.campaign_id = link.campaign_id AND c.link_id = link.id)"
            " AND NOT EXISTS (SELECT 1 FROM event AS e WHERE e.link_id = link.id)",
            (link,),
        )


def _date(store: Store, campaign_id: int, times: Sequence[int]) -> None:
    """Find the campaign's first and last event of its sending anew, if it may have been one of those taken out."""
    bounds = store.execute("SELECT started_at, ended_at FROM campaign WHERE id = ?", (campaign_id,)).fetchone()
    if set(bounds) & set(times):
        store.execute(
            "UPDATE campaign SET (started_at, ended_at) = (SELECT min(ts), max(ts) FROM event"
            f" WHERE campaign_id = campaign.id AND type IN ({_SENDING})) WHERE id = ?",
            (campaign_id,),
        )
