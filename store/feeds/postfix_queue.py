"""What a Postfix log said of the mails that are under way, in bounded memory, and as JSON for the next start."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, NamedTuple

from store.feeds.campaign import CAMPAIGN_HEADERS
from store.feeds.record import Record
from store.feeds.storing import record_from_json, record_to_json

QUEUE_LIMIT = 300_000
"""So many queue ids are remembered, the newest."""
MAILS_LIMIT = 20_000
"""So many Message-IDs with a campaign are remembered, the newest."""


class Mail:
    """What is known of one queue id."""

    __slots__ = ("campaign", "deferred", "message_id", "outgoing", "rank", "sender")

    def __init__(self) -> None:
        self.sender: str | None = None
        self.message_id: str | None = None
        self.campaign: str | None = None
        self.rank = len(CAMPAIGN_HEADERS)
        self.outgoing = False
        self.deferred: dict[str, Record] | None = None

    @property
    def system(self) -> bool:
        """Whether the post office wrote it: a notice or a probe."""
        return self.sender == "" or (self.sender is not None and self.sender.startswith("double-bounce@"))


class Known(NamedTuple):
    """What a later queue id of the same message inherits."""

    campaign: str | None
    rank: int
    sender: str | None


class Queue:
    """The mails by host and queue id, and what their Message-IDs are known for.

    Attributes:
        ours: sender domains whose campaigns were seen.
    """

    def __init__(self) -> None:
        self.ours: set[str] = set()
        # A plain dict would look for its oldest entry behind all the places of those that are gone.
        self._mails: OrderedDict[bytes, Mail] = OrderedDict()
        self._known: OrderedDict[str, Known] = OrderedDict()

    def mail(self, host: bytes, queue_id: bytes) -> Mail:
        """Return the mail that has this id, a new one if it is unknown."""
        key = host + b" " + queue_id
        mail = self._mails.get(key)
        if mail is None:
            if len(self._mails) >= QUEUE_LIMIT:
                self._mails.popitem(last=False)
            mail = self._mails[key] = Mail()
        return mail

    def new_mail(self, host: bytes, queue_id: bytes) -> Mail:
        """Return the mail that is just being given this id."""
        known = self._mails.get(host + b" " + queue_id)
        if known is not None and known.sender is not None:
            # Its mail was in the queue already: the id was given to another one, and "removed" was not logged.
            del self._mails[host + b" " + queue_id]
        return self.mail(host, queue_id)

    def remove(self, host: bytes, queue_id: bytes) -> None:
        """Forget the mail that had this id."""
        self._mails.pop(host + b" " + queue_id, None)

    def known(self, message_id: str | None) -> Known | None:
        """Return what earlier mails with this Message-ID are known for."""
        return self._known.get(message_id or "")

    def remember(self, mail: Mail) -> None:
        """Keep the campaign of a mail for later queue ids of the same message."""
        if mail.message_id is None or mail.campaign is None:
            return
        if len(self._known) >= MAILS_LIMIT:
            self._known.popitem(last=False)
        self._known[mail.message_id] = Known(mail.campaign, mail.rank, mail.sender)

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        mails = [
            (
                key.decode("latin-1"),
                mail.sender,
                mail.message_id,
                mail.campaign,
                mail.rank,
                mail.outgoing,
                [record_to_json(record) for record in (mail.deferred or {}).values()],
            )
            for key, mail in self._mails.items()
        ]
        return {"mails": mails, "known": list(self._known.items()), "ours": sorted(self.ours)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Queue:
        """Return the queue that :meth:`to_json` wrote."""
        queue = cls()
        for key, sender, message_id, campaign, rank, outgoing, deferred in values["mails"]:
            mail = queue._mails[key.encode("latin-1")] = Mail()
            mail.sender, mail.message_id, mail.campaign = sender, message_id, campaign
            mail.rank, mail.outgoing = rank, outgoing
            records = map(record_from_json, deferred)
            mail.deferred = {record.address: record for record in records} or None
        queue._known = OrderedDict((message_id, Known(*known)) for message_id, known in values["known"])
        queue.ours = set(values["ours"])
        return queue
