"""The reader on its own: files in, one reading per mail out. No store, no campaign, nothing remembered.

``kind`` here answers one question, "may this address get mail again?": hard (no), soft (later, or after somebody
mended something), complaint (no, the person does not want it), none (nothing happened to the address). The finer kind
stands beside it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from store.errors import BadInput
from store.feeds.bounces.classifier import acts, sentence
from store.feeds.bounces.mailbox import FROM_LINE, is_maildir, maildir_files, mbox_mails, mtime_ms, single_mail
from store.feeds.bounces.reader import MAIL_BYTES, read_mail
from store.feeds.files import ByteFile
from store.feeds.record import Record
from store.vocabulary import BounceKind, EventType

STDIN = "-"
_ACTIONS = {
    EventType.BOUNCED: "failed",
    EventType.DEFERRED: "delayed",
    EventType.DELIVERED: "delivered",
    EventType.SENT: "relayed",
}
_NO_FAILURE = {
    EventType.DELIVERED: ("delivered", "The mail was delivered"),
    EventType.SENT: ("delivered", "The mail was handed to another server"),
    EventType.AUTOREPLIED: ("vacation", "An automatic answer"),
    EventType.REPLIED: ("reply", "A person answered"),
    EventType.COMPLAINED: ("feedback", "The recipient complained about the mail"),
}
_MBOX_HEAD = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """What one mail says.

    Attributes:
        file: the mail's file; in an mbox with the number of the mail ("box.mbox: mail 3").
        recipients: one object for each recipient, ready for JSON.
    """

    file: str
    recipients: tuple[dict[str, object], ...]


def read_paths(paths: Iterable[str]) -> Iterator[Reading | BadInput]:
    """Read mails, mboxes and Maildirs; "-" is one mail (or mbox) on standard input.

    What cannot be opened comes as the error, so that one bad file does not end a long run.
    """
    for path in paths:
        try:
            yield from _readings(path)
        except BadInput as error:
            yield error


def _readings(path: str) -> Iterator[Reading]:
    if path == STDIN:
        yield reading(sys.stdin.buffer.read(MAIL_BYTES), "-", 0)
        return
    place = Path(path)
    if place.is_dir():
        if not is_maildir(place):
            raise BadInput(f"{path} is a folder, but no Maildir.")
        for entry in maildir_files(place):
            mail = single_mail(entry)
            yield reading(mail.data, str(entry), mail.ts)
        return
    with ByteFile(place) as file:
        first = file.handle.peek(_MBOX_HEAD)[:_MBOX_HEAD]
        # A saved mail may return one with its "From " line: by its name alone it is known to be a single one.
        if FROM_LINE.match(first) and place.suffix.lower() != ".eml":
            yield from _mbox(file, path, mtime_ms(place))
            return
        yield reading(file.handle.read(MAIL_BYTES), path, mtime_ms(place))


def _mbox(file: ByteFile, path: str, mtime: int) -> Iterator[Reading]:
    """Read an mbox; a mail saved with its "From " line is an mbox of one and keeps the plain name."""
    held: Reading | None = None
    for number, mail in enumerate(mbox_mails(file, mtime), 1):
        if number == 2 and held is not None:
            yield Reading(f"{path}: mail 1", held.recipients)
            held = None
        found = reading(mail.data, path if number == 1 else f"{path}: {mail.where}", mail.ts)
        if number == 1:
            held = found
        else:
            yield found
    if held is not None:
        yield held


def reading(data: bytes, file: str, ts: int) -> Reading:
    """Read one mail; ``ts`` (epoch milliseconds) is its time if it tells none."""
    found = read_mail(data, file, ts, strangers=True)
    return Reading(file, tuple(_recipient(record) for record in found if isinstance(record, Record)))


def _recipient(record: Record) -> dict[str, object]:
    reason, words = _NO_FAILURE.get(record.type, (record.reason or "undefined", sentence(record.reason)))
    return {
        "address": record.address or record.verp,
        "original": record.original,
        "status": record.status or _told(record),
        "reply": record.reply,
        "action": _ACTIONS.get(record.type),
        "kind": kind_of(record),
        "bounce_kind": str(record.kind) if record.kind else None,
        "reason": reason,
        "sentence": words,
        "acts": acts(reason),
        "diagnostic": record.diagnostic,
        "command": record.command,
        "remote": record.remote,
        "feedback": record.feedback,
        "expired": record.expired,
        "message_id": record.message_id,
        "campaign": record.campaign,
        "list_id": record.list_id,
        "verp": record.verp,
    }


def _told(record: Record) -> str | None:
    """Return the class that the reply code or the action tells, as x.0.0 (RFC 3463, 3.1)."""
    if record.type not in {EventType.BOUNCED, EventType.DEFERRED}:
        return None
    if record.reply is not None:
        return "4.0.0" if record.reply < 500 else "5.0.0"
    return "4.0.0" if record.type is EventType.DEFERRED or record.expired else "5.0.0"


def kind_of(record: Record) -> str:
    """Return hard, soft, complaint or none."""
    if record.type is EventType.COMPLAINED:
        return "complaint"
    if record.type is EventType.DEFERRED:
        return "soft"
    if record.type is not EventType.BOUNCED:
        return "none"
    # A mailbox that was switched off can be switched on again; its address is not dead for good.
    return "hard" if record.kind is BounceKind.HARD and record.reason != "suspend" else "soft"
