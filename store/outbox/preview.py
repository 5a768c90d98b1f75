"""What somebody will see of a mail: its headers and its text, taken from the mail itself."""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from store.cleaning import clean
from store.outbox.checks.page import read_page
from store.outbox.compose import Composer
from store.outbox.content import Person

_SHOWN = ("From", "To", "Reply-To", "Subject", "Date", "List-Unsubscribe", "X-Campaign-ID", "Auto-Submitted")


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail as people see it; every text is clean, lines are parted by line breaks.

    Attributes:
        headers: (name, value) of the headers that matter, in order.
        text: the plain text part, "" if there is none.
        html: the words of the HTML part, "" if there is none.
        parts: the names of what goes with it.
        size_bytes: of the whole mail.
    """

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    parts: tuple[str, ...]
    size_bytes: int


def preview(composer: Composer, person: Person) -> Preview:
    """Return what a person will see.

    Raises:
        BadInput: the mail cannot be built.
    """
    data = composer.mail(person)
    mail = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(data)
    found = [("Return path", composer.sender(person))]
    found += [(name, clean(" ".join(str(mail[name]).split()))) for name in _SHOWN if name in mail]
    texts = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
    plain = texts["plain"].get_content() if texts["plain"] is not None else ""
    html = read_page(texts["html"].get_content()).text if texts["html"] is not None else ""
    names = tuple(clean(part.name) for part in composer.message.parts)
    return Preview(tuple(found), _lines(plain), _lines(html), names, len(data))


def _lines(text: str) -> str:
    """Return a text with every line clean, and no more than one empty line in a row."""
    kept: list[str] = []
    for line in text.splitlines():
        shown = clean(line.replace("\t", " ")).rstrip()
        if shown or (kept and kept[-1]):
            kept.append(shown)
    return "\n".join(kept).strip("\n")
