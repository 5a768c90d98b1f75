"""Which mails in a Postfix queue are surely a campaign's.

A mail is the campaign's if all its recipients are recipients of the campaign, and its own headers say so: the
campaign's key, or a Message-ID that this campaign gave to one of them. A mail whose headers name another campaign, and
one that goes to anybody else besides, is not; neither is a notice of the post itself, whatever it quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from store.addresses import address_key, campaign_key
from store.cleaning import clean
from store.database import Store
from store.errors import NotFound
from store.feeds.mailqueue import Headers, Queued
from store.outbox.postfix import Instance
from store.rows.queued import QueuedRow, QueueRow
from store.times import from_ms

_PLANNED = "SELECT address_key, id FROM recipient WHERE campaign_id = ? AND occurrence = 0 AND address_key IN ({})"
_GIVEN = (
    "SELECT o.recipient_id, o.mail_id FROM outbox AS o WHERE o.recipient_id IN ({0}) UNION"
    " SELECT e.recipient_id, e.message_id FROM event AS e WHERE e.recipient_id IN ({0}) AND e.message_id IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM guess AS g WHERE g.dedupe = e.dedupe)"
)


def queued(store: Store, campaign_id: int, instance: Instance) -> QueueRow:
    """Return what waits of a campaign in a Postfix queue, the longest waiting first.

    Raises:
        NotFound: there is no such campaign, or no Postfix.
        Refused: who runs this may not look into the queue.
        Unreachable: Postfix does not answer.
    """
    named = store.row("SELECT key, name FROM campaign WHERE id = ?", (campaign_id,))
    if named is None:
        raise NotFound("This campaign is no longer there.")
    mails = sorted(instance.mails(), key=lambda mail: (mail.arrived_at, mail.id))
    with store.connected():
        planned = _planned(store, campaign_id, mails)
    candidates = [mail for mail in mails if mail.sender and _all_planned(mail, planned)]
    headers = instance.headers([mail.id for mail in candidates])
    with store.connected():
        given = _given(store, [planned[address_key(a)] for mail in candidates for a, _ in mail.recipients])
    keys = {campaign_key(word) for word in named}
    surely = [mail for mail in candidates if _is_of(mail, headers.get(mail.id), keys, planned, given)]
    names = _names(store, [planned[address_key(mail.recipients[0][0])] for mail in surely])
    rows = [_row(number, mail, planned, headers[mail.id], names) for number, mail in enumerate(surely, 1)]
    other = sum(1 for mail in candidates if _names_another(headers.get(mail.id), keys))
    unsure = len(candidates) - len(surely) - other
    return QueueRow(instance.words, instance.config, tuple(rows), unsure, len(mails) - len(surely) - unsure)


def _planned(store: Store, campaign_id: int, mails: Iterable[Queued]) -> dict[str, int]:
    wanted = sorted({address_key(address) for mail in mails for address, _ in mail.recipients})
    return dict(store.among(_PLANNED, wanted, (campaign_id,)))


def _all_planned(mail: Queued, planned: dict[str, int]) -> bool:
    return bool(mail.recipients) and all(address_key(address) in planned for address, _ in mail.recipients)


def _given(store: Store, recipients: Sequence[int]) -> set[tuple[int, str]]:
    """Return which of the recipients were given which Message-ID by this campaign."""
    found: set[tuple[int, str]] = set()
    for first in range(0, len(recipients), 400):
        ids = ", ".join(str(id_) for id_ in recipients[first : first + 400])
        found.update(store.execute(_GIVEN.format(ids)).fetchall())
    return found


def _is_of(
    mail: Queued, said: Headers | None, keys: set[str], planned: dict[str, int], given: set[tuple[int, str]]
) -> bool:
    # The file that was read must be of the mail that was listed, not of one that has got its id since.
    if said is None or said.sender != mail.sender:
        return False
    if said.campaign is not None:
        return campaign_key(said.campaign) in keys
    return any((planned[address_key(address)], said.message_id) in given for address, _ in mail.recipients)


def _names_another(said: Headers | None, keys: set[str]) -> bool:
    return said is not None and said.campaign is not None and campaign_key(said.campaign) not in keys


def _names(store: Store, recipients: Sequence[int]) -> dict[int, str]:
    sql = "SELECT r.id, c.name FROM recipient AS r JOIN contact AS c ON c.id = r.contact_id WHERE r.id IN ({})"
    with store.connected():
        return dict(store.among(sql, recipients))


def _row(number: int, mail: Queued, planned: dict[str, int], said: Headers, names: dict[int, str]) -> QueuedRow:
    ids = tuple(planned[address_key(address)] for address, _ in mail.recipients)
    return QueuedRow(
        number,
        mail.id,
        mail.queue,
        from_ms(mail.arrived_at),
        mail.size_bytes,
        clean(mail.sender),
        tuple(clean(address) for address, _ in mail.recipients),
        ids,
        clean(names.get(ids[0], "")),
        clean(said.message_id),
        clean(next((reason for _, reason in mail.recipients if reason), "")),
    )
