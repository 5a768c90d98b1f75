"""Sends for tests: made ready from a plan, handed to a server on loopback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from store.actions.relays import set_relay
from store.asking import RecipientFilter
from store.database import Store
from store.journal import Operator
from store.outbox.connecting import Patience
from store.outbox.content import Message
from store.outbox.preparing import Draft, Prepared, prepare
from store.outbox.relay import relay_at
from store.outbox.sender import Sender, Sent
from store.outbox.whom import Whom
from store.queries.relays import find_relay
from store.vocabulary import OutboxState
from tests.store.plan import plan

ANN = Operator("ann", "desk")
HELLO = Message("Hello {{ name }}", "Ann <ann@shop.example>", "Dear {{ name }},\n\nhello.\n.\n..two\n")
QUICK = Patience(5, 5, 5, 5, 5, 5, 5)
"""Long enough for a busy machine, short enough for a test in which nobody answers."""


def now() -> datetime:
    return datetime.now(UTC)


def people(count: int) -> list[str]:
    return [f"p{number}@shop{number % 3}.example" for number in range(count)]


def ready(store: Store, port: int, addresses: Sequence[str], message: Message = HELLO, **relay: Any) -> Prepared:
    """Plan a campaign for these addresses, and make a send to all of them ready."""
    plan(store, "Spring", list(addresses))
    settings = {"connections": 2, "retry_s": 1, "retry_most_s": 1, **relay}
    url = f"smtp://127.0.0.1:{port}"
    set_relay(store, replace(relay_at("local", url), **settings), ANN, now())
    whom = Whom(wanted=RecipientFilter(campaign_id=1), words="Spring")
    return prepare(store, Draft("Again", message, whom, parent_id=1), ANN, now())


def sender(store: Store, message_id: int, **more: Any) -> Sender:
    return Sender(store, message_id, find_relay(store, None), ANN, now, **{"patience": QUICK, **more})


def send(store: Store, message_id: int, **more: Any) -> Sent:
    return sender(store, message_id, **more).run()


def counts(sent: Sent) -> dict[str, int]:
    return {state.value: count for state, count in sent.row.counts.items() if count}


def in_state(store: Store, state: OutboxState) -> set[str]:
    """Return the addresses whose mails are in a state."""
    sql = "SELECT r.address FROM outbox AS o JOIN recipient AS r ON r.id = o.recipient_id WHERE o.state = ?"
    return {address for (address,) in store.rows(sql, (state.code,))}
