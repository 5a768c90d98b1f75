"""Failure notices in prose (qmail, Exim, old servers): a modest reader for mail without a status report."""

from __future__ import annotations

import re

from store.feeds.bounces.classifier import classify, find_reply, find_status
from store.feeds.bounces.parts import Headers, Part
from store.feeds.bounces.reports import Letter
from store.feeds.bounces.returned import Original, addresses, original_from, referred
from store.feeds.record import Record
from store.vocabulary import EventType, Source

_DAEMON = re.compile(r"^(?:mailer-daemon|postmaster|mail-?er|mdaemon|maildaemon|mail\.?daemon)\b", re.IGNORECASE)
_FAILED = re.compile(
    r"failure notice|undeliver|returned mail|return(?:ed)? to sender|deliver(?:y|ing)[^.]* fail|fail[^.]*deliver"
    r"|delivery (?:problem|error|report|status)|mail system error|could not be (?:sent|delivered)|not delivered"
    r"|unzustellbar|nicht zugestellt|rejected mail|mail failure|message status|bounce",
    re.IGNORECASE,
)
_DELAYED = re.compile(r"delay|warning|still being retried|not yet been delivered|verzögert", re.IGNORECASE)
_COPY = re.compile(
    r"^[ >]*(?:-+ ?)?(?:below this line is a copy|this is a copy of|original message|unsent message|returned message"
    r"|message header|message headers follow|the header of the original|forwarded message|included is a copy"
    r"|undelivered message follows).*$",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED = re.compile(r"^[ \t]*<?([^\s<>@:,;\"'()]+@[A-Za-z0-9][\w.-]*\.[\w-]+)>?(?=[\s:.,;(]|$)", re.MULTILINE)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_TAG = re.compile(r"<(?:style|script)\b[^<]*</(?:style|script)>|<[^@<>]*>", re.IGNORECASE | re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]{3}")
_RECIPIENTS = 100
_WORDS = 4000
_TEXT = 1 << 16


def is_notice(headers: Headers) -> bool:
    """Tell whether a mail without a status report says that mail failed (or waits)."""
    if "x-failed-recipients" in headers:
        return True
    sender = (addresses(headers.all("from")) or [headers.get("from")])[0]
    if _DAEMON.match(sender):
        return True
    return headers.get("return-path").strip() == "<>" and bool(_FAILED.search(headers.text("subject")))


def notice_records(letter: Letter) -> list[Record]:
    """Return a record for each recipient that a failure notice names; none if it names none."""
    words, copy = split_copy(human_text(letter.mail))
    original = letter.original
    if original == Original() and copy:
        original = original_from(Headers(copy.encode("utf-8", "replace")))
    headers = letter.mail.headers
    failed = addresses(headers.all("x-failed-recipients"))
    named = {address.lower(): address for address in failed}
    sender = set(map(str.lower, addresses(headers.all("from")) + addresses(headers.all("to"))))
    if not failed:
        for match in _NAMED.finditer(words):
            if match[1].lower() not in sender:
                named.setdefault(match[1].lower(), match[1])
    if not named and (letter.verp or original.verp):
        named[""] = ""
    if not named and len(original.recipients) == 1:
        named[""] = original.recipients[0]
    later = bool(_DELAYED.search(headers.text("subject"))) and not _FAILED.search(headers.text("subject"))
    return [_record(letter, original, address, words, later) for address in list(named.values())[:_RECIPIENTS]]


def _record(letter: Letter, original: Original, address: str, words: str, later: bool) -> Record:
    diagnostic = _about(address, words)
    status = find_status(diagnostic)
    reply = find_reply(diagnostic)
    verdict = classify(status, reply, diagnostic)
    gave_up = (status or "5").startswith("4") or (reply is not None and reply < 500)
    return Record(
        EventType.DEFERRED if later else EventType.BOUNCED,
        letter.ts,
        address,
        Source.BOUNCE_MAIL,
        letter.where,
        verp=letter.verp or original.verp,
        message_id=original.message_id or referred(letter.mail.headers),
        campaign=original.campaign,
        identity=letter.identity(address or letter.verp or "", "delayed" if later else "failed"),
        status=status,
        reply=reply,
        diagnostic=diagnostic or None,
        reason=verdict.reason,
        kind=None if later else verdict.kind,
        expired=not later and (gave_up or verdict.reason == "expired"),
    )


def human_text(mail: Part) -> str:
    """Return the first text of a mail (at most 64,000 characters), HTML without its tags."""
    for part in mail.walk():
        if part.kind == "text/plain":
            return part.text[:_TEXT]
        if part.kind == "text/html":
            return _TAG.sub(" ", part.text[:_TEXT])
    return mail.text[:_TEXT] if not mail.parts else ""


def split_copy(text: str) -> tuple[str, str]:
    """Cut a notice into what it says and the headers of the mail that it quotes ("" if it quotes none)."""
    match = _COPY.search(text)
    if not match:
        return text, ""
    return text[: match.start()], _PARAGRAPH.split(text[match.end() :].strip("- \n"), maxsplit=1)[0]


def _about(address: str, words: str) -> str:
    """Return what a notice says of ``address``: from there to the end of the paragraph, or all of it."""
    at = words.lower().find(address.lower()) if address else -1
    if at >= 0:
        pieces = _PARAGRAPH.split(words[at + len(address) :].strip(">: \n"), maxsplit=1)
        if _LETTERS.search(pieces[0]):
            return " ".join(pieces[0].split())[:_WORDS]
    return " ".join(words.split())[:_WORDS]
