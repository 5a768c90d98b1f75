"""What waits in a Postfix queue: the output of ``postqueue -j`` and ``postcat -qeh``, read without trust.

``postqueue -j`` (postqueue(1), section JSON OBJECT FORMAT) writes one object a line; addresses and reasons in it are
strangers' text. ``postcat`` writes envelope records and headers of several mails one after the other, each begun by a
line that no header can look like.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from typing import Any

from store.feeds.campaign import CAMPAIGN_HEADERS, campaign_of

QUEUE_ID = re.compile(r"[0-9A-F]{6,15}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,16}z[0-9A-Za-z]{1,16}")
"""A queue id, short or long (postconf(5), enable_long_queue_ids)."""

HOLD = "hold"
"""The queue of mails that are on hold."""

_QUEUES = frozenset({"maildrop", "incoming", "active", "deferred", "corrupt", HOLD})
_MOST_SECONDS = 1 << 40
_ENVELOPE = re.compile(rb"^\*\*\* ENVELOPE RECORDS \S*?([0-9A-Za-z]+) \*\*\*$", re.MULTILINE)
_CONTENTS = re.compile(rb"^\*\*\* MESSAGE CONTENTS \S+ \*\*\*$", re.MULTILINE)
_END = re.compile(rb"^\*\*\* (?:HEADER EXTRACTED|MESSAGE FILE END) \S+ \*\*\*$", re.MULTILINE)
_SENDER = re.compile(rb"^sender: (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Queued:
    """One mail in a queue; its texts are as they are written there.

    Attributes:
        queue: "deferred", "active", "incoming", "hold" …
        arrived_at: when it came into the queue, in epoch milliseconds; with ``id`` it names the mail.
        sender: the envelope sender, "" for a notice of the post itself.
        recipients: to whom it still has to be delivered, each with why it was not yet ("" if nothing is known).
    """

    id: str
    queue: str
    arrived_at: int
    size_bytes: int
    sender: str
    recipients: tuple[tuple[str, str], ...]

    @property
    def identity(self) -> tuple[str, int, str, tuple[str, ...]]:
        """What a mail is known again by: queue ids are used again, this is not."""
        return self.id, self.arrived_at, self.sender, tuple(sorted(address for address, _ in self.recipients))


@dataclass(frozen=True, slots=True)
class Headers:
    """What the headers of a mail in the queue say of its campaign.

    Attributes:
        sender: the envelope sender, as the queue file has it.
        campaign: the campaign's key; None: none is named.
        message_id: without angle brackets; "" if there is none.
    """

    sender: str
    campaign: str | None
    message_id: str


def read_queue(said: bytes) -> Iterator[Queued]:
    """Yield the mails of ``postqueue -j``; a line that is none is passed over, and such a mail is never touched."""
    for line in said.splitlines():
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            continue
        mail = _queued(values) if isinstance(values, dict) else None
        if mail is not None:
            yield mail


def _queued(values: dict[str, Any]) -> Queued | None:
    id_, queue, sender = values.get("queue_id"), values.get("queue_name"), values.get("sender")
    arrived, size = values.get("arrival_time"), values.get("message_size")
    recipients = values.get("recipients")
    if not isinstance(id_, str) or not QUEUE_ID.fullmatch(id_) or not isinstance(queue, str) or queue not in _QUEUES:
        return None
    if not isinstance(arrived, int) or not 0 <= arrived < _MOST_SECONDS or not isinstance(sender, str):
        return None
    if not isinstance(recipients, list):
        return None
    found = []
    for each in recipients:
        if not isinstance(each, dict) or not isinstance(each.get("address"), str):
            return None
        reason = each.get("delay_reason")
        found.append((each["address"], reason if isinstance(reason, str) else ""))
    bytes_ = size if isinstance(size, int) and size >= 0 else 0
    return Queued(id_, queue, arrived * 1000, bytes_, "" if sender == "MAILER-DAEMON" else sender, tuple(found))


def read_headers(said: bytes) -> dict[str, Headers]:
    """Return queue id -> what the headers say, of the output of ``postcat -qeh ID…``.

    A mail that is cut off, or whose id stands there twice, is left out.
    """
    begins = list(_ENVELOPE.finditer(said))
    found: dict[str, Headers] = {}
    twice: set[str] = set()
    for at, match in enumerate(begins):
        end = begins[at + 1].start() if at + 1 < len(begins) else len(said)
        part = said[match.end() : end]
        id_ = match[1].decode("ascii")
        contents, ended = _CONTENTS.search(part), _END.search(part)
        if contents is None or ended is None or ended.start() < contents.end():
            continue
        if id_ in found:
            twice.add(id_)
        sender = _SENDER.search(part, 0, contents.start())
        found[id_] = _headers(sender[1] if sender else b"", part[contents.end() : ended.start()].lstrip(b"\n"))
    return {id_: headers for id_, headers in found.items() if id_ not in twice}


def _headers(sender: bytes, block: bytes) -> Headers:
    try:
        parsed = message_from_bytes(block.partition(b"\n\n")[0] + b"\n\n")
        named = [(name.lower(), str(value)) for name, value in parsed.items()]
    except (MessageError, ValueError, LookupError):
        named = []
    campaign = None
    for header in CAMPAIGN_HEADERS:
        values = {campaign_of(name, value) for name, value in named if name == header} - {None}
        if values:
            # Two different ones name no campaign surely.
            campaign = values.pop() if len(values) == 1 else None
            break
    ids = {value.strip().strip("<>") for name, value in named if name == "message-id"}
    return Headers(sender.decode("utf-8", "replace"), campaign, ids.pop() if len(ids) == 1 else "")
