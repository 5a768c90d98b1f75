"""From, Reply-To, where failures come back to, the subject, the campaign's key."""

from __future__ import annotations

import re
from typing import Final

from store.cleaning import clean
from store.errors import BadInput
from store.outbox.checks.finding import Case, Found, Level
from store.outbox.headers import split_mailbox
from store.outbox.places import RECIPIENT

_NOBODY: Final = re.compile(
    r"(?:no|not|dont|do-not|never)[-_.]?(?:reply|respond|answer)|noresponse|nicht-?antworten", re.I
)
_REPLIES: Final = re.compile(r"\s*(?:re|aw|sv|fwd?|wg)\s*:", re.IGNORECASE)
_LONG_SUBJECT: Final = 78
_SHOUTED: Final = 8


def sender(case: Case) -> Found:
    """From is one address, with a name."""
    try:
        name, address = split_mailbox("From", case.message.sender)
    except BadInput as error:
        yield Level.RED, str(error), case.at("sender")
        return
    if not name:
        yield Level.YELLOW, f"Mails come from {address}, without a name before it", case.at("sender")
    else:
        yield Level.GREEN, f"Mails come from {clean(name)} <{address}>", ""


def reply_to(case: Case) -> Found:
    """Answers reach somebody."""
    answers = case.message.reply_to.strip() or case.message.sender
    try:
        address = split_mailbox("Reply-To" if case.message.reply_to.strip() else "From", answers)[1]
    except BadInput as error:
        yield Level.RED, str(error), case.at("reply_to")
        return
    if _NOBODY.search(address.partition("@")[0]):
        yield Level.YELLOW, f"Answers go to {address}, which nobody seems to read", case.at("reply_to")
    else:
        yield Level.GREEN, f"Answers go to {address}", ""


def return_path(case: Case) -> Found:
    """Failures come back to an address, and name the recipient."""
    if case.composer is None:
        return
    if case.person is None:
        return
    try:
        sent = case.composer.sender(case.person)
    except BadInput as error:
        yield Level.RED, f"The return path is none: {error}", case.at("return_path")
        return
    if RECIPIENT not in case.how.verp:
        words = f"Failures come back to {sent} without naming the recipient; write {RECIPIENT} into return-path"
        yield Level.YELLOW, words, case.at("return_path")
    else:
        yield Level.GREEN, f"Failures come back to {sent}, which names the recipient", ""


def subject(case: Case) -> Found:
    """The subject says something, and can be read."""
    text = case.filled.subject if case.filled is not None else case.message.subject
    shown = f"“{clean(text)}”"
    letters = [char for char in text if char.isalpha()]
    if not text.strip():
        yield Level.RED, "The subject is empty", case.at("subject")
    elif _REPLIES.match(text):
        yield Level.RED, f"The subject looks like an answer: {shown}; that deceives", case.at("subject")
    elif len(letters) >= _SHOUTED and all(char.isupper() for char in letters):
        yield Level.YELLOW, f"The subject shouts: {shown}", case.at("subject")
    elif len(text) > _LONG_SUBJECT:
        yield (
            Level.YELLOW,
            f"The subject has {len(text)} characters; most programs show fewer than half",
            case.at("subject"),
        )
    else:
        yield Level.GREEN, f"The subject is {shown}", ""


def campaign(case: Case) -> Found:
    """The key that mails carry is this sending's alone, or nobody could tell its figures from another's."""
    if case.taken:
        words = f"The key {clean(case.how.campaign)} is that of the campaign {clean(case.taken)}"
        yield Level.YELLOW, f"{words}; a number is put behind it", case.at("campaign")
    elif not case.message.campaign:
        yield Level.GREEN, "The key of the campaign is made of its name", ""
    else:
        yield Level.GREEN, f"Mails carry the key {clean(case.how.campaign)}", ""
