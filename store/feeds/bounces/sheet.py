"""What a bounce says, taken apart: the words for people, the fields for machines, and the head of the returned mail.

At most 64 kB of each are looked at: what a server has to say stands at the beginning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape

from store.feeds.bounces.parts import Headers, Part

LOOKED_AT = 1 << 16
"""How many characters of the text after the headers are looked at."""

_STATUS_KINDS = frozenset({
    "message/delivery-status",
    "message/global-delivery-status",
    "message/xdelivery-status",
    "text/delivery-status",
})
_RETURNED_KINDS = frozenset({
    "message/rfc822",
    "message/global",
    "message/global-headers",
    "message/rfc822-headers",
    "message/partial",
    "text/rfc822-headers",
    "text/rfc822",
})
_MARK = re.compile(
    r"^[ \t>*|#=_-]*(?:"
    r"(?:below this line is|this is|here is|included is|following is|attached is)[ \t](?:a|the)[ \t](?:copy"
    r"|original|header)"
    r"|(?:a )?copy of (?:the|your) (?:original )?(?:message|mail)"
    r"|(?:begin(?:ning)? of )?(?:the )?(?:original|returned|undelivered|unsent|unsent|failed|rejected"
    r"|bounced)[ \t]"
    r"(?:e-?)?(?:message|mail)(?:[ \t](?:headers?|text|body|follows?|is|attached|information|starts|begins"
    r"|header follows))*"
    r"[ \t]*(?:[-=:._*<>|#]|$)"
    r"|(?:original )?message[ \t](?:headers?|text|contents?|body)(?:[ \t](?:follows?|is|are"
    r"|below))*[ \t]*[-=:._*]*[ \t]*$"
    r"|(?:the )?headers?[ \t](?:of|from|for)[ \t](?:the |your )?(?:original|returned|message|mail)"
    r"|(?:your|the) (?:original )?(?:message|mail|e-mail)[ \t](?:headers?[ \t])?(?:follows|is below|reads"
    r"|was as follows)"
    r"|(?:unsent|returned|forwarded|received) (?:message|mail)[ \t](?:below|follows|header)"
    r"|(?:first )?\d+ lines of (?:the )?(?:original )?(?:message|mail)"
    r"|(?:ursprüngliche|original)[ \t]?(?:nachricht|e?-?mail-?kopf|nachrichtenkopf|nachrichtenköpfe|kopfzeilen)"
    r"|kopie der (?:nachricht|e?-?mail)|(?:der )?header der (?:ursprünglichen|original)"
    r"|en-t[êe]tes? d[eu] (?:message|votre message)|message (?:d['\u2019])?origin(?:al|e)"
    r"|encabezados? (?:de|del) mensaje|(?:el )?mensaje original|cabeceras? (?:del|originales)"
    r"|intestazioni? (?:originali|del messaggio)|messaggio originale|oorspronkelijke? (?:bericht|koppen)"
    r"|cabeçalhos? (?:da|de|originais)|mensagem original|исходное сообщение|текст (?:исходного )?письма"
    r"|заголовки (?:исходного )?(?:сообщения|письма)|原始邮件|原邮件|オリジナル|元のメッセージ"
    r").*$",
    re.IGNORECASE | re.MULTILINE,
)
_HEAD = re.compile(
    r"(?:^|\n)[ \t]*\n[ \t>]{0,9}(?=(?:Return-Path|Received|Delivered-To|Message-ID|DKIM-Signature|MIME-Version"
    r"|X-[\w-]{1,40}"
    r"|Authentication-Results|ARC-[\w-]{1,30}|From|Date|Subject|To|Reply-To|Sender):[ \t])",
    re.IGNORECASE,
)
_SURE_HEAD = re.compile(
    r"^[ \t>]{0,9}(?:Return-Path|Received|Message-ID|DKIM-Signature|MIME-Version|Content-Type):",
    re.IGNORECASE | re.MULTILINE,
)
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?h\d|/?table|/?pre|/?td)\b[^<>]{0,400}>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(style|script|head|title)\b", re.IGNORECASE)
_TAG = re.compile(r"<(?![^<>\s]{1,128}@)[/!?a-z][^<>]{0,2000}>", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype html|html|head|body|p|div|table)\b", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\xa0]+")
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_HEAD_END = re.compile(r"\n[ \t>]*\n")


@dataclass
class Sheet:
    """The pieces of a bounce.

    Attributes:
        spoken: the text for people, with the returned mail that it may quote.
        fields: the text of the parts for machines (RFC 3464).
        head: the head of the returned mail if it has a part of its own.
        feedback: the fields of an abuse report (RFC 5965).
        receipt: a disposition notification (RFC 8098) is in it.
    """

    spoken: str = ""
    fields: str = ""
    head: Headers | None = None
    feedback: str | None = None
    receipt: bool = False
    _html: list[str] = field(default_factory=list)

    @cached_property
    def _cut(self) -> int:
        """Where the returned mail begins within the spoken text."""
        text = self.spoken
        found = len(text)
        match = _MARK.search(text)
        if match and _says_something(text[: match.start()]):
            found = match.start()
        for head in _HEAD.finditer(text, 0, found):
            window = _HEAD_END.split(text[head.end() : head.end() + 4000], maxsplit=1)[0]
            if _SURE_HEAD.search(window) and _says_something(text[: head.start()]):
                return head.start()
        return found

    @property
    def words(self) -> str:
        """The spoken text without the returned mail."""
        return self.spoken[: self._cut]

    @cached_property
    def quoted(self) -> Headers:
        """The head of the returned mail as the spoken text quotes it."""
        text = self.spoken[self._cut :].lstrip("\n")
        match = _MARK.match(text)
        if match:
            text = text[match.end() :]
        return Headers(_HEAD_END.split(text.strip("-= \t\n"), maxsplit=1)[0].encode("utf-8", "replace"))


def _says_something(text: str) -> bool:
    return len(text.strip()) > 20 or "@" in text


def sheet_of(mail: Part) -> Sheet:
    """Take ``mail`` apart."""
    sheet = Sheet()
    for part in mail.walk():
        _add(sheet, part, mail)
    if not sheet.spoken.strip() and sheet._html:
        sheet.spoken = plain_text(sheet._html[0])
    return sheet


def _add(sheet: Sheet, part: Part, mail: Part) -> None:
    kind = part.kind
    if kind in _STATUS_KINDS:
        sheet.fields += part.text_until(LOOKED_AT) + "\n\n"
    elif kind in _RETURNED_KINDS and part is not mail:
        if sheet.head is None:
            sheet.head = Headers(part.raw_until(LOOKED_AT).lstrip(b"\n").partition(b"\n\n")[0])
    elif kind == "message/feedback-report":
        sheet.feedback = part.text_until(LOOKED_AT)
    elif kind == "message/disposition-notification":
        sheet.receipt = True
    elif part.parts or len(sheet.spoken) >= LOOKED_AT or (sheet.head is not None and sheet.spoken.strip()):
        return
    elif kind == "text/html":
        sheet._html.append(part.text_until(LOOKED_AT))
    elif kind.startswith(("text/", "multipart/", "message/")) or part is mail:
        text = part.text_until(LOOKED_AT)
        if _HTML.match(text.lstrip()):
            sheet._html.append(text)
        else:
            sheet.spoken = f"{sheet.spoken}\n{text}" if sheet.spoken else text


def plain_text(html: str) -> str:
    """Return what a reader sees of ``html``; addresses in angle brackets survive."""
    text = _seen(html)
    text = unescape(_TAG.sub(" ", _BREAK.sub("\n", text.replace("\n", " "))))
    return _BLANK_LINES.sub("\n\n", _SPACES.sub(" ", text))


def _seen(html: str) -> str:
    """Return ``html`` without the blocks that no reader sees; one that is not closed stays."""
    low = html.lower()
    pieces: list[str] = []
    start = at = 0
    while match := _UNSEEN.search(low, at):
        end = low.find(f"</{match[1]}", match.end())
        if end < 0:
            low = low[: match.start()] + low[match.start() :].replace(f"<{match[1]}", f" {match[1]}")
            at = match.end()
            continue
        pieces.append(html[start : match.start()])
        start = at = end
    return " ".join((*pieces, html[start:]))
