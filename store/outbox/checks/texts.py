"""The texts: fields, placeholders, the text part, unsubscribing, images, size, dates."""

from __future__ import annotations

import re
from typing import Final

from store.cleaning import clean
from store.outbox.checks.finding import Case, Found, Level
from store.outbox.dates import find_dates
from store.outbox.places import PERSONAL, places_of
from store.outbox.template import texts_of

CLIPPED_BYTES: Final = 102 * 1024
"""HTML longer than this is cut by Gmail, and the link that unsubscribes with it."""

HEAVY_BYTES: Final = 1 << 20
"""A campaign's mail should be smaller."""

REFUSED_BYTES: Final = 10 << 20
"""Many servers take nothing larger."""

_SHOWN: Final = 3
_THIN: Final = 10
_PLACEHOLDERS: Final = re.compile(
    r"\*\|[^|\n]{1,40}\|\*|%%[^%\n]{1,40}%%|\[\[[^\]\n]{1,40}\]\]|<<[A-Za-z_ ]{1,40}>>|\$\{[^}\n]{1,40}\}"
    r"|\{[A-Za-z_ ]{1,30}\}|\[(?:vor|nach|first|last|full|your|ihr)?[ _-]?name\]"
    r"|\blorem ipsum\b|\bTODO\b|\bFIXME\b|\bTBD\b|\bXXX+\b",
    re.IGNORECASE,
)
_CASED: Final = re.compile(r"\A(?:todo|fixme|tbd|x{3,})\Z")


def fields(case: Case) -> Found:
    """Every field exists, and is known of everybody who gets the message."""
    if case.broken:
        yield Level.RED, clean(case.broken), case.broken_at
        return
    audience = case.audience
    named = sorted(case.composer.template.names) if case.composer is not None else []
    if audience is None:
        words = f"Fields: {', '.join(named)}; nobody to try them on yet" if named else "There are no fields"
        yield Level.YELLOW if named else Level.GREEN, words, ""
        return
    by_reason: dict[tuple[str, str], list[str]] = {}
    for failure in audience.failures:
        if failure.field:
            by_reason.setdefault((failure.sentence, failure.where), []).append(failure.address)
    for (sentence, where), addresses in by_reason.items():
        yield Level.RED, f"{sentence} for {_some(addresses, len(addresses))}", where
    if audience.failed > len(audience.failures):
        yield Level.RED, f"{audience.failed - len(audience.failures):,} more mails cannot be filled", ""
    if not by_reason:
        tried = f"{audience.count - audience.failed:,} of {audience.count:,} who get it" if named else "it"
        yield Level.GREEN, f"Fields are known of {tried}: {', '.join(named)}" if named else "There are no fields", ""


def addresses(case: Case) -> Found:
    """Everybody's address can be written into a mail."""
    if case.audience is None:
        return
    wrong = [failure for failure in case.audience.failures if not failure.field]
    for failure in wrong[:_SHOWN]:
        yield Level.RED, failure.sentence, failure.where
    if len(wrong) > _SHOWN:
        yield Level.RED, f"{len(wrong) - _SHOWN:,} more addresses cannot be written to", ""
    if not wrong:
        yield Level.GREEN, "All addresses can be written to", ""


def placeholders(case: Case) -> Found:
    """Nothing is left that was to be replaced: marks of other programs, notes to oneself, filler."""
    found = False
    for part, text in texts_of(case.message):
        for match in _PLACEHOLDERS.finditer(text):
            # Small letters are words of some language ("todo" is Spanish); {name} in a style sheet is none of ours.
            if _CASED.match(match[0]) or (part == "html" and _styled(text, match)) or _in_field(text, match):
                continue
            found = True
            line = text.count("\n", 0, match.start()) + 1
            yield Level.RED, f"“{clean(match[0])}” looks like something that was to be replaced", case.at(part, line)
    if not found:
        yield Level.GREEN, "Nothing is left to be replaced", ""


def text_part(case: Case) -> Found:
    """There is a plain text, and it says what the HTML says."""
    message = case.message
    if not message.text.strip():
        yield Level.RED, "There is no plain text beside the HTML; filters and some readers want it", case.at("text")
        return
    shown = len("".join(case.page.text.split()))
    plain = len("".join(message.text.split()))
    if message.html.strip() and plain * _THIN < shown:
        yield (
            Level.YELLOW,
            f"The plain text is a tenth of the HTML's, or less: {plain:,} of {shown:,} letters",
            case.at("text"),
        )
    else:
        beside = "beside the HTML" if message.html.strip() else "and no HTML"
        yield Level.GREEN, f"There is a plain text {beside}", ""


def unsubscribe(case: Case) -> Found:
    """Everybody finds the way out: in the texts, and in the headers that mail programs show a button for (RFC 8058)."""
    how, message = case.how, case.message
    grave = Level.YELLOW if how.automatic else Level.RED
    if not how.unsubscribe.strip() and not how.unsubscribe_mail.strip():
        yield (
            grave,
            "There is no way to unsubscribe: the front matter names no unsubscribe link",
            case.at("unsubscribe"),
        )
        return
    known = how.unsubscribe.strip()
    if not known.lower().startswith("https://"):
        words = "Mail programs show no button: the link to unsubscribe does not begin with https:// (RFC 8058)"
        yield Level.YELLOW, words, case.at("unsubscribe")
    elif not PERSONAL & set(places_of(known)):
        yield (
            Level.RED,
            "The link to unsubscribe is the same for everybody; put {token} into it",
            case.at("unsubscribe"),
        )
    else:
        yield Level.GREEN, "List-Unsubscribe and List-Unsubscribe-Post are there", ""
    if case.filled is None or case.composer is None or case.person is None or not known:
        return
    link = case.composer.unsubscribe(case.person)
    missing = [part for part, there in _shown_in(case, link).items() if not there]
    for part in missing:
        yield (
            grave,
            f"The link to unsubscribe does not stand in {message.part(part)}; write {{{{ unsubscribe }}}}",
            case.at(part),
        )
    if not missing:
        yield Level.GREEN, "The link to unsubscribe stands in every part", ""


def alt_texts(case: Case) -> Found:
    """Images say in words what they show, and can be shown at all."""
    images = case.page.images
    if not images:
        return
    parts = {part.content_id for part in case.message.parts if part.content_id}
    fine = True
    for image in images:
        where, source = case.at("html", image.line), clean(image.source)[:80]
        if image.source.lower().startswith("cid:"):
            wrong = "" if image.source[4:] in parts else "is not among the images that go with the mail"
        elif image.source.lower().startswith("data:"):
            wrong = "stands in the HTML itself, where most programs do not show it"
        else:
            wrong = "" if image.source.lower().startswith(("https://", "http://")) else "leads nowhere"
        if wrong:
            yield Level.RED, f"The image {source[:40]} {wrong}", where
        if image.alt is None:
            yield Level.YELLOW, f"The image {source} has no alternative text", where
        fine = fine and not wrong and image.alt is not None
    words = "".join(case.page.text.split())
    if not words:
        yield Level.RED, "The HTML shows images only; where they are off it is empty", case.at("html")
    elif fine:
        yield (
            Level.GREEN,
            f"All {len(images)} images have an alternative text"
            if len(images) > 1
            else "The image has an alternative text",
            "",
        )


def size(case: Case) -> Found:
    """The mail is small enough to arrive whole."""
    if not case.size_bytes or case.filled is None:
        return
    html = len(case.filled.html.encode())
    if case.size_bytes > REFUSED_BYTES:
        yield Level.RED, f"A mail has {_mib(case.size_bytes)} MiB; many servers refuse more than 10", ""
    elif html > CLIPPED_BYTES:
        yield Level.YELLOW, f"The HTML has {html // 1024:,} KiB; Gmail cuts it at 102", case.at("html")
    elif case.size_bytes > HEAVY_BYTES:
        yield Level.YELLOW, f"A mail has {_mib(case.size_bytes)} MiB; link to large files instead", ""
    else:
        yield Level.GREEN, f"A mail has {max(1, case.size_bytes // 1024):,} KiB", ""


def dates(case: Case) -> Found:
    """The weekday is that of the date beside it, in German and in English, and the day is still to come."""
    filled, today = case.filled, case.now.date()
    texts = [("subject", case.message.subject), ("text", case.message.text)]
    if filled is not None:
        texts = [("subject", filled.subject), ("text", filled.text)]
    count, fine = 0, True
    for part, text in (*texts, ("html", case.page.text)):
        for dated in find_dates(text, today):
            count += 1
            line = case.page.line_of(dated.start) if part == "html" else text.count("\n", 0, dated.start) + 1
            where = case.at(part, line)
            if dated.wrong:
                fine = False
                yield Level.RED, f"“{clean(dated.words)}” {dated.wrong}", where
            elif dated.day is not None and dated.day < today:
                fine = False
                yield Level.YELLOW, f"“{clean(dated.words)}” is past", where
    if fine and count:
        yield Level.GREEN, f"{count} {'weekday fits its date' if count == 1 else 'weekdays fit their dates'}", ""


def _shown_in(case: Case, link: str) -> dict[str, bool]:
    """Return for each part that there is whether it shows the link."""
    filled = case.filled
    found = {}
    if filled is not None and filled.text.strip():
        found["text"] = link in filled.text
    if filled is not None and filled.html.strip():
        found["html"] = any(one.url == link for one in case.page.links)
    return found


def _styled(text: str, match: re.Match[str]) -> bool:
    """Tell whether a match stands within a style element."""
    opened = text.lower().rfind("<style", 0, match.start())
    return opened >= 0 and text.lower().find("</style", opened, match.start()) < 0


def _in_field(text: str, match: re.Match[str]) -> bool:
    """Tell whether a match is part of a field, or of a comment: those are read by the template."""
    opened = max(text.rfind("{{", 0, match.start() + 2), text.rfind("{%", 0, match.start() + 2))
    return opened >= 0 and not any(0 <= text.find(end, opened, match.start()) for end in ("}}", "%}"))


def _some(names: list[str], count: int) -> str:
    shown = ", ".join(clean(name) for name in names[:_SHOWN])
    return shown if count <= _SHOWN else f"{shown} and {count - _SHOWN:,} more"


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / (1 << 20):.1f}"
