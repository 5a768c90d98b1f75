"""A test mail: to the operators themselves, made as for somebody on the list, and counted nowhere."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from store import journal
from store.cleaning import clean
from store.database import Store
from store.errors import BadInput, Refused
from store.journal import Operator
from store.outbox.checking import manner
from store.outbox.compose import Composer
from store.outbox.connecting import Patience, connect, context_of, secret_of
from store.outbox.content import Message, Person
from store.outbox.dialogue import Dialogue
from store.outbox.mailid import mail_id
from store.outbox.outcome import Ending, Outcome
from store.outbox.relay import Relay
from store.rows import Change
from store.secrets import Secret
from store.syntax import is_address

KEY = "test"
"""What begins the Message-ID of a test mail: no campaign's key, so that no feed takes it for a campaign's."""


def send_test(
    store: Store,
    message: Message,
    relay: Relay,
    person: Person,
    addresses: Sequence[str],
    who: Operator,
    now: datetime,
    *,
    patience: Patience | None = None,
    secret: Callable[[Relay], Secret | None] = secret_of,
) -> Change:
    """Send a test mail to each of some addresses, with the fields of a person filled in.

    Args:
        store: the open store; only the journal learns of it.
        message: the message.
        relay: the relay.
        person: whose fields are filled in.
        addresses: where the mails go.
        who: the operator.
        now: aware UTC time.
        patience: how long to wait for the relay.
        secret: gives the password of the relay.

    Raises:
        BadInput: an address is none, or the message makes no mail.
        Refused: the relay does not take a mail.
        Unreachable: the relay is not there.
    """
    for address in addresses:
        if not is_address(address):
            raise BadInput(f"“{clean(address)}” is no address.")
    composer = Composer(message, manner(message, relay, KEY, KEY, now, test=True))
    domain = relay.sender_domain or message.address.rpartition("@")[2]
    mails = []
    for number, address in enumerate(addresses):
        one = replace(
            person, recipient_id=0, address=address, mail_id=mail_id(KEY, secrets.token_hex(16), number, domain)
        )
        mails.append((composer.sender(one), address, composer.mail(one)))
    for address, outcome in asyncio.run(_hand_over(relay, mails, patience or Patience(), secret)):
        if outcome.ending is not Ending.ACCEPTED:
            raise Refused(f"The test mail to {clean(address)} was not taken: {outcome.reply or ''} {outcome.words}.")
    said = f"Test mail “{clean(message.subject)}” sent to {clean(', '.join(addresses))} by relay {relay.name}"
    entry = store.run(lambda: journal.write(store, who, now, "test", said, undoable=False, subjects=len(addresses)))
    return Change("test", entry, len(addresses), said, scopes=frozenset({"journal"}))


async def _hand_over(
    relay: Relay,
    mails: Sequence[tuple[str, str, bytes]],
    patience: Patience,
    secret: Callable[[Relay], Secret | None],
) -> list[tuple[str, Outcome]]:
    dialogue = Dialogue(await connect(relay, context_of(relay), lambda: secret(relay), patience), patience)
    found = []
    for sender, address, mail in mails:
        found.append((address, await dialogue.hand_over(sender, address, mail, _granted)))
        if not dialogue.usable:
            break
    await dialogue.quit()
    return found


async def _granted() -> bool:
    return True
