"""A store for the screen: of one campaign a tenth bounced, everybody else clicked one link; all are on one list."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.held import kept_store
from benchmarks.material import CAMPAIGN, STARTED, recipients_csv
from benchmarks.subjects import NOW, WHO
from store.actions.imports import import_recipients
from store.actions.lists import add
from store.actions.triage import block
from store.database import Store, open_store
from store.feeds.record import Record
from store.landing import event_row, insert_events, link
from store.matching import Match
from store.searching import index_new
from store.times import to_ms
from store.vocabulary import Attribution, BounceKind, EventType, ListKind, Source

ONE_IN = 10
"""Of so many recipients one bounced, and the address of another one is blocked."""

_AT_ONCE = 200_000
_SPACING_MS = 25
_DAY_MS = 24 * 3600 * 1000
_SAID = (
    ("userunknown", "5.1.1", 550, "550 5.1.1 User unknown", BounceKind.HARD),
    ("mailboxfull", "5.2.2", 552, "552 5.2.2 Mailbox full", BounceKind.SOFT),
    ("spam", "5.7.1", 554, "554 5.7.1 Message rejected as spam", BounceKind.BLOCK),
    ("timeout", "4.4.1", 421, "421 4.4.1 Connection timed out", BounceKind.SOFT),
)


def crowd_store(size: int) -> Path:
    """Return the store, seeded and built once."""
    return kept_store(f"crowd-{size}.db", lambda path: _build(path, size))


def _build(path: Path, size: int) -> None:
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    store = open_store(path)
    import_recipients(store, recipients_csv(size), CAMPAIGN, WHO, NOW)
    ids = [id_ for (id_,) in store.rows("SELECT id FROM recipient ORDER BY id")]
    rows = _events(store, ids)
    while some := list(islice(rows, _AT_ONCE)):
        store.run(partial(insert_events, store, some))
    for first in range(0, len(ids), _AT_ONCE):
        add(store, ids[first : first + _AT_ONCE], ListKind.PROJECT, "everybody", WHO, NOW)
    block(store, ids[1::ONE_IN], WHO, NOW)
    store.execute("ANALYZE")
    index_new(store)
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()


def _events(store: Store, ids: list[int]) -> Iterator[tuple[Any, ...]]:
    ((campaign,),) = store.rows("SELECT id FROM campaign")
    clicked = store.run(lambda: link(store, {}, campaign, "https://news.example/offer"))
    begun = to_ms(STARTED)
    for number, id_ in enumerate(ids):
        match = Match(id_, campaign, "", Attribution.EXACT)
        at = begun + number * _SPACING_MS
        own = f"{CAMPAIGN}.{number}@news.example"
        if number % ONE_IN == 0:
            reason, status, reply, said, kind = _SAID[number // ONE_IN % len(_SAID)]
            bounce = Record(EventType.BOUNCED, at, "", Source.EVENTS, message_id=own, identity=f"b{number}")
            bounce.reason, bounce.status, bounce.diagnostic, bounce.kind = reason, status, said, kind
            bounce.reply = reply
            yield event_row(bounce, match, None, None)
            continue
        sent = Record(EventType.DELIVERED, at, "", Source.EVENTS, message_id=own, identity=f"d{number}")
        yield event_row(sent, match, None, None)
        click = Record(EventType.CLICKED, at + _DAY_MS, "", Source.EVENTS, identity=f"c{number}")
        yield event_row(click, match, clicked, None)
