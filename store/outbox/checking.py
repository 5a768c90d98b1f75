"""Putting a message before the gate: everything that the store knows of it, its people and its ticks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from store.addresses import campaign_key
from store.asking import RecipientFilter
from store.cleaning import clean
from store.database import Store
from store.outbox.checks.finding import AskLinks, AskText, Audience
from store.outbox.content import How, Message
from store.outbox.gate import Checked, gate, open_case
from store.outbox.relay import Relay
from store.outbox.whom import Whom
from store.queries.audience import audience
from store.queries.relays import list_relays
from store.queries.vouches import vouches
from store.vocabulary import State

_SAMPLE_KEY = "campaign"
_OWN = "SELECT p.name, p.key, m.relay FROM campaign AS p LEFT JOIN message AS m ON m.campaign_id = p.id WHERE p.id = ?"


def manner(message: Message, relay: Relay | None, key: str, name: str, now: datetime, *, test: bool = False) -> How:
    """Return how a message is sent: what it says itself, else what its relay says."""
    return How(
        key,
        name,
        now,
        verp=message.return_path or (relay.verp if relay is not None else ""),
        unsubscribe=message.unsubscribe or (relay.unsubscribe if relay is not None else ""),
        automatic=message.automatic,
        test=test,
        unsubscribe_mail=message.unsubscribe_mail,
    )


def check(
    store: Store,
    message: Message,
    whom: Whom | None,
    now: datetime,
    *,
    relay: Relay | None = None,
    campaign_id: int = 0,
    ask_links: AskLinks | None = None,
    ask_text: AskText | None = None,
    on_tried: Callable[[int, int], None] | None = None,
    people: Audience | None = None,
) -> Checked:
    """Let every rule look at a message and at everybody who would get it; nothing is changed.

    Args:
        store: the open store.
        message: the message.
        whom: who is chosen; None: nobody yet, or whoever has not got it of a send that was prepared.
        now: aware UTC time.
        relay: through which it is to go; None: that of a send that was prepared, else not known yet.
        campaign_id: the send itself, if it was prepared already; 0: it was not.
        ask_links: asks whether links answer (:class:`store.outbox.checks.asking.LinkAsker`); None: they are not asked.
        ask_text: asks the DNS (:class:`store.mailhosts.TextRecords`); None: it is not asked.
        on_tried: told now and then how many mails were tried, of how many.
        people: what was found of them a moment ago; None: they are looked at now.

    Raises:
        NotFound: the list or the segment is no longer there.
    """
    own = store.row(_OWN, (campaign_id,)) if campaign_id else None
    name, key = own[:2] if own else ("", message.campaign or _SAMPLE_KEY)
    if own and relay is None:
        relay = next((known for known in list_relays(store) if known.name == own[2]), None)
    if own and whom is None:
        whom = Whom(wanted=RecipientFilter(campaign_id=campaign_id, states=frozenset({State.READY})), words=clean(name))
    case = open_case(message, manner(message, relay, key, name, now), now)
    if whom is not None and people is None:
        people = audience(store, whom, case.composer, digest=message.digest, campaign_id=campaign_id, on_tried=on_tried)
    findings = gate(
        case,
        audience=people,
        taken=_holder(store, message.campaign, campaign_id),
        vouches=vouches(store, message.digest),
        ask_links=ask_links,
        ask_text=ask_text,
    )
    return Checked(case, findings)


def _holder(store: Store, key: str, campaign_id: int) -> str:
    """Return the name of another campaign that has a key, "" if none has."""
    wanted = campaign_key(key)
    rows = store.rows("SELECT name, key FROM campaign WHERE id <> ?", (campaign_id,)) if wanted else []
    return next((clean(name) for name, held in rows if wanted in {campaign_key(name), campaign_key(held)}), "")
