"""What a row of listmonk's table ``bounces`` tells; its ``meta`` holds what the bounce was made of.

That is the whole event of a mail provider (of SendGrid: all the events of one post), or what listmonk's mailbox
scanner took from a mail: ``classify_reason``, and in newer versions the Diagnostic-Code in ``bounce_details``
(internal/bounce in listmonk's source). Both say more than listmonk's own hard and soft: its scanner calls every 4.x.x
hard, and of a complaint at SES it makes a soft bounce.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from store.addresses import address_key
from store.feeds.bounces.classifier import find_reply, find_status
from store.feeds.esp.paths import Event, decoded, find, path_of, text_at
from store.feeds.esp.reader import ProviderReader
from store.feeds.record import Record
from store.feeds.verdicts import blamed
from store.vocabulary import BounceKind, EventType, Source

_KINDS = {"hard": BounceKind.HARD, "soft": BounceKind.SOFT}
_COMPLAINTS = frozenset({"complaint"})

# Of providers without a table of ours (Forward Email, Azure, Lettermint), of the scanner, and of scripts.
_WORDS = tuple(
    map(
        path_of,
        (
            "bounce_details",
            "bounce.message",
            "data.response.content",
            "data.deliveryStatusDetails.statusMessage",
            "diagnostic_code",
            "diagnostic",
            "response",
            "message",
            "description",
            "error",
            "reason",
        ),
    )
)
_STATUS = (path_of("data.response.enhanced_status_code"), path_of("status"), path_of("classify_reason"))
_REPLY = (path_of("data.response.status_code"), path_of("response_code"), path_of("bounce.code"))
_REASON = (path_of("classify_reason"),)
_DETAILS = path_of("bounce_details")
_MATCHED = "body_match="
_ABUSE = "abuse report"
_REMOTE = "Remote-MTA:"
_READER = ProviderReader()


@dataclass(frozen=True, slots=True)
class BounceRow:
    """A row, without its meta.

    Attributes:
        id: its id.
        address, name: the subscriber's.
        ts: when, in epoch milliseconds.
        type: hard, soft or complaint, as listmonk has it.
        campaign: the campaign's uuid; None if listmonk knows none.
        keys: other words by which the campaign may be known.
    """

    id: int
    address: str
    name: str
    ts: int
    type: str
    campaign: str | None
    keys: tuple[str, ...]

    @property
    def where(self) -> str:
        """The place, for people; it also tells rows apart."""
        return f"bounces {self.id}"


def bounce_records(row: BounceRow, meta: str) -> list[Record]:
    """Return what a row says, from its meta (JSON) where that can be read, else from the row itself."""
    found = decoded(meta)
    told = _of_provider(row, found)
    return [_of_row(row, found if isinstance(found, dict) else {})] if told is None else told


def _of_provider(row: BounceRow, found: Any) -> list[Record] | None:
    """Return what a provider's events in the meta say, with the campaign that listmonk knows; None: nothing to read.

    A post of several events stands in the row of each of them, so only the row's own are taken; a single event may
    name other recipients than the first one of its mail, whom listmonk notes, and then it is right. One that means
    nothing here (a complaint taken back) is no bounce, although listmonk has made it one.
    """
    events = [item for item in (found if isinstance(found, list) else [found]) if isinstance(item, dict)]
    read = [_READER.records(event, row.where) for event in events]
    if len(read) == 1 and read[0] == []:
        return []
    records = [item for items in read for item in items or () if isinstance(item, Record)]
    key = address_key(row.address)
    mine = [record for record in records if address_key(record.address) == key]
    if not mine and len(events) == 1:
        mine = records
    return [_of_campaign(row, replace(record, identity=record.identity or row.where)) for record in mine] or None


def _of_campaign(row: BounceRow, record: Record) -> Record:
    if row.campaign is None:
        return record
    words = dict.fromkeys((*row.keys, *([record.campaign] if record.campaign else []), *record.keys))
    words.pop(row.campaign, None)
    return replace(record, campaign=row.campaign, keys=tuple(words))


def _of_row(row: BounceRow, meta: Event) -> Record:
    reason = text_at(meta, _REASON) or ""
    complained = row.type in _COMPLAINTS or _ABUSE in reason
    record = Record(
        EventType.COMPLAINED if complained else EventType.BOUNCED,
        row.ts,
        row.address,
        Source.LISTMONK,
        row.where,
        campaign=row.campaign,
        keys=row.keys,
        identity=row.where,
        name=row.name or None,
    )
    if complained:
        return replace(record, feedback="abuse")
    words = text_at(meta, _WORDS) or reason.partition(_MATCHED)[2]
    status = find_status(words) or find_status(" ".join(text_at(meta, (path,)) or "" for path in _STATUS))
    reply = _code(text_at(meta, _REPLY)) or find_reply(words)
    record = blamed(record, words, status=status, reply=reply, remote=next(_remotes(meta), None))
    if record.kind is BounceKind.UNDETERMINED:
        record = replace(record, kind=_KINDS.get(row.type, record.kind))
    late = record.reason == "expired" or (status or "").endswith(".4.7")
    return replace(record, expired=late and record.kind is BounceKind.SOFT)


def _code(text: str | None) -> int | None:
    return int(text) if text and len(text) == 3 and text.isdigit() and text.isascii() and text[0] in "2345" else None


def _remotes(meta: Event) -> Iterator[str]:
    details = find(meta, _DETAILS)
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, str) and detail.startswith(_REMOTE):
            yield detail.removeprefix(_REMOTE).strip()
