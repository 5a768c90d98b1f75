"""A store whose every text came from somebody who means ill."""

from __future__ import annotations

import json
import sqlite3
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any

from store.actions import lists
from store.actions.contacts import fix
from store.actions.listkeeping import annotate
from store.actions.mappings import save as save_mapping
from store.actions.relays import set_relay
from store.actions.segments import save as save_segment
from store.actions.triage import block, excuse, former, mark_hard
from store.actions.tripwires import set_tripwires
from store.actions.vouching import tick
from store.asking import RecipientFilter, Source
from store.database import Store
from store.journal import Operator
from store.outbox.content import Message
from store.outbox.preparing import Draft, prepare
from store.outbox.relay import relay_at
from store.outbox.whom import Whom
from store.vocabulary import ListKind, OutboxState, PulledState, SendState, State
from tests.hostile.needles import LONG, NEEDLES

KEPT = {
    "schema_migration": "ours",
    "contact.ident": "made by us, a hash or a number",
    "recipient.reason": "a word of ours",
    "event.reason": "a word of ours",
    "feed.format": "a word of ours",
    "journal.verb": "a word of ours",
    "journal_line.subject": "a word of ours",
    "campaign.guessed": "numbers",
    "setting.name": "a word of ours",
    "tripwire": "words of ours; a value is checked when it is set",
    "trip.wire": "a word of ours",
    "vouch.rule": "a word of ours",
    "vouch.subject": "a word of ours",
    "vouch.digest": "made by us",
    "message.digest": "made by us",
    "event.dedupe": "made by us",
}
"""Columns that no stranger's text reaches, table.column or whole tables, and why."""

KNOWN = "known@shop.example"
"""The one address without a needle, for commands that want one; the list of id 2 keeps its name, Fair."""

WORDS = frozenset({"type", "source", "kind", "actor", "hop", "attribution", "reason", "security"})
"""Names in JSON objects whose values are words of ours."""


def poison(text: str) -> str:
    """Return a text with a needle before it, always the same one for the same text; in an address on both sides."""
    needle = NEEDLES[zlib.crc32(text.rpartition("/")[2].encode()) % len(NEEDLES)]
    user, at, domain = text.rpartition("@")
    return f"{needle}{user}@{needle}{domain}" if at else needle + text


def _within(value: Any) -> Any:
    """Return JSON with needles in its texts, but for the words that only we write."""
    if isinstance(value, str):
        return poison(value)
    if isinstance(value, list):
        return [_within(one) for one in value]
    if isinstance(value, dict):
        return {name: one if name in WORDS else _within(one) for name, one in value.items()}
    return value


def _cell(value: Any) -> Any:
    if not isinstance(value, str) or not value:
        return value
    if value[0] in "[{":
        try:
            return json.dumps(_within(json.loads(value)))
        except ValueError:
            pass
    return poison(value)


def poison_store(path: Path) -> dict[str, int]:
    """Put a needle into every text of a store; return how many rows of each column hold one."""
    done: dict[str, int] = {}
    db = sqlite3.connect(path)
    db.create_function("poison", 1, _cell, deterministic=True)
    db.execute("PRAGMA foreign_keys = OFF")
    for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f'DROP TRIGGER "{trigger}"')
    tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall()
    for (table,) in tables:
        for _, column, kind, *_ in db.execute(f'PRAGMA table_info("{table}")').fetchall():
            if kind.upper() in {"TEXT", "VARCHAR(255)"} and not {table, f"{table}.{column}"} & KEPT.keys():
                done[f"{table}.{column}"] = db.execute(
                    f'UPDATE "{table}" SET "{column}" = poison("{column}") WHERE "{column}" <> \'\''
                ).rowcount
    db.execute("UPDATE contact SET name = name || ?, company = company || ? WHERE id = 1", (LONG, LONG))
    db.execute("UPDATE event SET diagnostic = diagnostic || ? WHERE id % 1997 = 1", (LONG,))
    db.execute("UPDATE mail_list SET name = 'Fair' WHERE id = 2")
    first = "SELECT min(id) FROM recipient WHERE delivery = 60"
    db.execute(f"UPDATE recipient SET address = ?, address_key = ? WHERE id = ({first})", (KNOWN, KNOWN))
    db.commit()
    db.close()
    return done


def fill(store: Store, now: datetime) -> None:
    """Let everything be in the sample world that operators and sends leave behind, so that each table has rows."""
    who = Operator("ann", "desk")
    bounced = _ids(store, "SELECT id FROM recipient WHERE delivery = 60 AND campaign_id = 1 ORDER BY id LIMIT 60")
    lists.add(store, bounced[:9], ListKind.SELECTION, "Spring", who, now)
    lists.add(store, bounced[5:12], ListKind.PROJECT, "Fair", who, now, 1)
    lists.remind(store, 1, "Read it", 1, who, now)
    excuse(store, bounced[12:15], who, now)
    annotate(store, Source(list_id=1), "for the fair", who, now)
    save_segment(store, "Bounced", RecipientFilter(campaign_id=1, states=frozenset({State.BOUNCED})), who, now)
    mark_hard(store, bounced[20:24], who, now)
    former(store, bounced[30:31], who, now)
    block(store, bounced[32:34], who, now)
    fix(store, bounced[35], "somebody@else.example", who, now)
    save_mapping(store, "shop", "click=/r/{link}?u={recipient}", now)
    set_tripwires(store, 1, {"hard": "1%"}, who, now)
    set_relay(store, relay_at("local", "smtp://127.0.0.1:9"), who, now)
    message = Message("Hello {{ name }}", "Ann <ann@shop.example>", "Dear {{ name }}, hello.\n")
    whom = Whom(wanted=RecipientFilter(campaign_id=2, states=frozenset({State.BOUNCED})), words="Price list")
    prepare(store, Draft("Again", message, whom, parent_id=1), who, now)
    tick(store, message, "proof-read", Operator("bo", "desk"), now)
    store.run(lambda: [store.execute(sql, values) for sql, values in _ROWS])


_ROWS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("UPDATE message SET state = ?, why = 'the relay hung up'", (SendState.PAUSED.code,)),
    ("UPDATE outbox SET claimant = 'desk 1 2', command = 'RCPT TO', reply = 450, status = '4.2.0'", ()),
    ("UPDATE outbox SET state = CASE id % 3 WHEN 0 THEN ? ELSE state END", (OutboxState.UNSURE.code,)),
    ("UPDATE outbox SET diagnostic = '450 4.2.0 later'", ()),
    ("INSERT INTO feed_defect (feed_id, location, sentence) VALUES (1, 'line 3', 'no JSON')", ()),
    ("INSERT INTO feed_position (feed_id, position, updated_at) VALUES (1, '{}', 1)", ()),
    ("INSERT INTO feed_piece (feed_id, name) VALUES (7, '1793604607.M0.mail1')", ()),
    (
        'INSERT INTO trip (campaign_id, wire, subject, part, whole, "limit", tripped_at, hook_at, hook_note)'
        " VALUES (1, 'domain', 'mail.example', 5, 10, 1000, 1793604607000, 1793604607000, 'no such program')",
        (),
    ),
    (
        "INSERT INTO pulled (campaign_id, recipient_id, instance, queue_id, arrived_at, sender, message_id, state,"
        " changed_at) SELECT 1, id, '/etc/postfix', '4bT77', 1, 'a@shop.example', 'm@shop.example', ?, 1"
        " FROM recipient WHERE campaign_id = 1 LIMIT 2",
        (PulledState.HELD.code,),
    ),
)
"""What takes a relay, a queue or a broken feed to come about."""


def _ids(store: Store, sql: str) -> list[int]:
    return [id_ for (id_,) in store.rows(sql)]
