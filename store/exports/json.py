"""Rows as objects for JSON, one a line: words as they are, times in ISO 8601 UTC with milliseconds."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from store.cleaning import clean
from store.evidence import RawMailRow
from store.exports.files import Target, writing
from store.rows import (
    AddressRow,
    AdviceRow,
    BounceGroupRow,
    CampaignRow,
    Change,
    ClickerRow,
    CorrectionRow,
    EventRow,
    HistoryRow,
    JournalLineRow,
    JournalRow,
    LinkRow,
    ListRow,
    OutcomeRow,
    RecipientRow,
    StrangerRow,
)
from store.rows.people import Happening, PersonHistory, PersonRow

_PLACES = 4
_BEYOND_ASCII = re.compile(r"[^ -~]")
_ROWS = (
    AddressRow,
    CampaignRow,
    ClickerRow,
    EventRow,
    JournalRow,
    LinkRow,
    ListRow,
    OutcomeRow,
    RecipientRow,
    StrangerRow,
)
_NAMES = {kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in _ROWS}
_INNER = frozenset({"campaign_id", "contact_id"})
_PLACE = frozenset({"parent_id", "depth"})


def iso(moment: datetime) -> str:
    """Return an aware time as "2026-03-02T08:00:00.120Z"."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def line(found: Mapping[str, Any]) -> str:
    """Return an object as one line of JSON, without the line's end; what does not print is escaped."""
    text = json.dumps(found, ensure_ascii=False)
    return text if text.isprintable() else _BEYOND_ASCII.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return char if char.isprintable() else json.dumps(char)[1:-1]


def export(objects: Iterable[Mapping[str, Any]], target: Target, *, overwrite: bool = False) -> int:
    """Write objects as JSON in UTF-8, one a line, and return their number.

    Args:
        objects: what the functions below make of rows.
        target: where to (:func:`store.exports.files.writing`).
        overwrite: whether an existing file may be replaced.

    Raises:
        Refused: the file exists.
        BadInput: the file cannot be written there.
        DiskFull: no room; the old file, if any, is as it was.
    """
    count = 0
    with writing(target, overwrite=overwrite) as stream:
        for found in objects:
            stream.write(line(found) + "\n")
            count += 1
    return count


def recipient_object(row: RecipientRow, outcomes: Iterable[OutcomeRow] = ()) -> dict[str, Any]:
    """Return a recipient: every field but the inner numbers of contact and campaign, and the outcomes."""
    return _fields(row, without=_INNER) | {"outcomes": [outcome_object(outcome) for outcome in outcomes]}


def outcome_object(row: OutcomeRow) -> dict[str, Any]:
    """Return how one message to one final address ended."""
    return _fields(row)


def campaign_object(row: CampaignRow) -> dict[str, Any]:
    """Return a campaign: its fields, "buckets" by name, and rates as shares of one (null where nothing was sent).

    Read and clicked are shares of the delivered, bounced and complained of those that somebody tried to reach or got
    it.
    """
    buckets = {bucket.value: count for bucket, count in row.buckets.items()}
    return {
        **{name: value for name, value in _fields(row, without=_PLACE).items() if name not in buckets},
        "state": row.state,
        "buckets": buckets,
        "adds_up": row.adds_up,
        "open_rate": _share(row.opened, row.delivered),
        "click_rate": _share(row.clicked, row.delivered),
        "bounce_rate": _share(row.failed, row.attempted),
        "complaint_rate": _share(row.complained, row.delivered),
    }


def bounce_group_object(row: BounceGroupRow) -> dict[str, Any]:
    """Return undecided failures that belong together; "group" is the name that the commands about groups take."""
    return {
        "group": row.key,
        "count": row.n,
        "later": row.later,
        "acts": row.acts,
        "reason": row.reason,
        "kind": plain(row.kind),
        "status": row.status,
        "reply": row.reply,
        "causes": row.causes,
        "words": row.words,
        "sample": row.sample,
        "domains": dict(row.domains),
        "domain_count": row.domain_count,
        "campaigns": list(row.campaigns),
        "first": iso(row.first),
        "last": iso(row.last),
    }


def advice_object(row: AdviceRow) -> dict[str, Any]:
    """Return what may be meant by an address; "best" is the one that can be accepted, null if none is sure enough."""
    return {
        "campaign": row.campaign,
        "address": row.address,
        "name": row.name,
        "best": row.best.address if row.best is not None else None,
        "choices": [
            {
                "address": choice.address,
                "score": choice.score,
                "why": choice.why,
                "against": choice.against or None,
                "dns": choice.asked or None,
            }
            for choice in row.choices
        ],
    }


def correction_object(row: CorrectionRow) -> dict[str, Any]:
    """Return an address that an operator corrected."""
    return {
        "old": row.old,
        "new": row.new,
        "crm_id": row.crm_id,
        "contact": row.contact_id,
        "name": row.name,
        "company": row.company,
        "campaign": row.campaign,
        "at": iso(row.at),
        "by": row.operator,
        "journal": row.journal_id,
    }


def change_object(change: Change, addresses: Mapping[int, str]) -> dict[str, Any]:
    """Return what an action did, and the recipients that it left alone; ``addresses`` are those that are known."""
    return {
        "verb": change.verb,
        "count": change.count,
        "sentence": clean(change.sentence),
        "journal": change.journal_id,
        "refused": [{"address": addresses.get(id_), "why": clean(why)} for id_, why in change.refused],
    }


def stranger_object(row: StrangerRow) -> dict[str, Any]:
    """Return an outcome of mail that belongs to no planned recipient; "ids" are the numbers that can be assigned."""
    return _fields(row, without=_INNER)


def link_object(row: LinkRow) -> dict[str, Any]:
    """Return a link with its clicks."""
    return _fields(row, without=_INNER)


def clicker_object(row: ClickerRow) -> dict[str, Any]:
    """Return who clicked a link."""
    return _fields(row)


def list_object(row: ListRow) -> dict[str, Any]:
    """Return a list."""
    return _fields(row, without=_INNER)


def journal_object(row: JournalRow) -> dict[str, Any]:
    """Return what an operator did."""
    return _fields(row)


def journal_line_object(row: JournalLineRow) -> dict[str, Any]:
    """Return a row that an entry of the journal changed; "came" is null where it was there before and after."""
    return {
        "kind": row.kind,
        "name": row.name,
        "of": row.of,
        "came": row.came,
        "changes": {
            change.column: {"before": plain(change.before), "after": plain(change.after)} for change in row.changes
        },
    }


def event_object(row: EventRow) -> dict[str, Any]:
    """Return one event of a history."""
    return _fields(row)


def history_object(row: HistoryRow) -> dict[str, Any]:
    """Return everything about one recipient, without the person's other campaigns."""
    return {
        "recipient": recipient_object(row.recipient, row.outcomes),
        "crm_id": plain(row.crm_id),
        "consent": row.consent,
        "tracking_consent": row.tracking_consent,
        "former": row.former,
        "address": _fields(row.address),
        "events": [event_object(event) for event in row.events],
        "journal": [journal_object(entry) for entry in row.journal],
    }


def person_object(row: PersonRow) -> dict[str, Any]:
    """Return a person over all campaigns, without what happened."""
    return {
        "name": row.name,
        "address": row.address,
        "company": row.company,
        "earlier": list(row.earlier),
        "former": row.former,
        "blocked": row.blocked,
        "complained": row.complained,
        "unsubscribed": row.unsubscribed,
        "consent": row.consent,
    }


def person_history_object(row: PersonHistory) -> dict[str, Any]:
    """Return everything about a person: the rows in all campaigns, and one timeline of events and actions."""
    return person_object(row.person) | {
        "crm_id": row.crm_id,
        "tracking_consent": row.tracking_consent,
        "tracking_at": plain(row.tracking_at),
        "tracking_source": row.tracking_source or None,
        "addresses": [
            _fields(standing.row) | {"today": standing.today, "blocked_by": standing.by or None}
            for standing in row.addresses
        ],
        "lists": [{"kind": plain(member.kind), "name": member.name} for member in row.lists],
        "campaigns": [recipient_object(recipient) for recipient in row.recipients],
        "timeline": list(map(_happening, row.happened)),
    }


def _happening(row: Happening) -> dict[str, Any]:
    what = event_object(row.what) if isinstance(row.what, EventRow) else journal_object(row.what)
    return {"campaign": row.campaign or None} | what


def raw_object(row: RawMailRow) -> dict[str, Any]:
    """Return a mail or log lines with the place where they lie."""
    return {"path": row.path, "where": row.where, "cut": row.cut, "lines": list(row.lines)}


def _fields(row: Any, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    return {name: plain(getattr(row, name)) for name in _NAMES[type(row)] if name not in without}


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: words clean, times in ISO 8601 UTC."""
    kind = type(value)
    if value is None or kind is int or kind is bool:
        return value
    if kind is str:
        return clean(value)
    if isinstance(value, datetime):
        return iso(value)
    return str(value.value) if isinstance(value, Enum) else value


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, _PLACES) if whole else None
