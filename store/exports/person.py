"""Everything that is stored about a person as one JSON object, the mails among it."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import asdict
from datetime import datetime
from typing import Any

from store.cleaning import clean
from store.database import Store
from store.errors import NotFound
from store.exports.files import Target, writing
from store.exports.json import iso
from store.journal import Operator
from store.queries.identity import Identity
from store.queries.mails import mail_bytes
from store.queries.person_data import PersonData, Row, person_data

FORM = 1
"""The version of the form, which docs/privacy.md describes."""


def person_object(store: Store, one: Identity, who: Operator, now: datetime, *, mails: bool = True) -> dict[str, Any]:
    """Return all that is stored about a person.

    Args:
        store: the open store.
        one: the person.
        who: the operator.
        now: aware UTC time.
        mails: whether to look for the mails themselves where they lie.
    """
    found = person_data(store, one)
    return {
        "aftersend": FORM,
        "exported_at": iso(now),
        "exported_by": who.name,
        "names": list(one.names),
        "addresses": list(one.addresses.values()),
        "led_on_to": list(one.led_to.values()),
        "crm_ids": list(one.crm_ids),
        "stored": {what: [_plain(row) for row in rows] for what, rows in found.tables.items()},
        "mentioned": [asdict(mention) for mention in found.mentions],
        "mails": [_mail(store, row) for row in _told_by_mail(found)] if mails else [],
    }


def write_person(
    store: Store, one: Identity, target: Target, who: Operator, now: datetime, *, overwrite: bool, mails: bool = True
) -> dict[str, Any]:
    """Write :func:`person_object` to a file (mode 0600, whole or not at all) or a stream, and return it.

    Raises:
        Refused: the file exists.
        BadInput: the file cannot be written there.
        DiskFull: no room.
    """
    found = person_object(store, one, who, now, mails=mails)
    with writing(target, overwrite=overwrite) as stream:
        # Texts are whole, whatever strangers put into them; escaped, none of it reaches a terminal.
        json.dump(found, stream, ensure_ascii=True, indent=2)
        stream.write("\n")
    return found


def _told_by_mail(found: PersonData) -> list[Row]:
    """Return the events that were read from a mail, each mail once."""
    told = {
        (row["feed_id"], row["location"]): row
        for row in found.tables["events"]
        if row["feed_id"] is not None and row["location"] and not row["location"].startswith("line ")
    }
    return list(told.values())


def _mail(store: Store, row: Row) -> dict[str, Any]:
    """Return a mail as it lies on disk, in Base64; or why it cannot be had."""
    about = {"event": row["id"], "feed": row["feed"], "location": row["location"]}
    try:
        data, cut = mail_bytes(store, row["id"])
    except NotFound as error:
        return about | {"missing": clean(str(error))}
    return about | {"base64": b64encode(data).decode("ascii"), "cut": cut}


def _plain(value: Any) -> Any:
    """Return a value of a row as JSON holds it."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value
