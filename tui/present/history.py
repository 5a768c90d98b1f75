"""The history of a recipient as lines: who it is, what happened with the servers' words, what operators did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Final, TypeAlias

from store.rows import AddressRow, EventRow, HistoryRow, JournalRow, OutcomeRow
from store.vocabulary import Actor, Attribution, EventType, Hop, Source
from tui.present.cells import width, wrap
from tui.present.columns import Cell
from tui.present.times import MOMENT_CELLS, ago, moment
from tui.present.words import Look, delivery_look, feedback_word, reason_sentence, reason_word, state_look, why

Line: TypeAlias = tuple[Cell, ...]
"""A line: pieces of text, each with the name of its style."""

BLANK: Final[Line] = (("", "text"),)
"""An empty line."""

_LEAST = 20
"""Cells that a text beside its time needs."""

_EVENTS: Final = {
    EventType.QUEUED: Look(">", "queued", "muted"),
    EventType.SENT: Look(">", "sent", "info"),
    EventType.DEFERRED: Look("~", "deferred", "warn"),
    EventType.DELIVERED: Look("✓", "delivered", "good"),
    EventType.BOUNCED: Look("✗", "bounced", "bad"),
    EventType.REJECTED: Look("!", "rejected", "bad"),
    EventType.FAILED: Look("✗", "failed", "bad"),
    EventType.OPENED: Look("●", "opened", "good"),
    EventType.CLICKED: Look("»", "clicked", "good"),
    EventType.REPLIED: Look("↩", "replied", "good"),
    EventType.AUTOREPLIED: Look("↩", "replied automatically", "muted"),
    EventType.COMPLAINED: Look("‼", "complained", "bad"),
    EventType.UNSUBSCRIBED: Look("⊘", "unsubscribed", "warn"),
}


_SOURCES: Final = {
    Source.POSTFIX: "Postfix log",
    Source.EXIM: "Exim log",
    Source.OPENSMTPD: "OpenSMTPD log",
    Source.KUMOMTA: "KumoMTA log",
    Source.POWERMTA: "PowerMTA accounting",
    Source.ACCESS: "web server's log",
    Source.OUTBOX: "relay's answer",
}


def event_look(event: EventRow) -> Look:
    """Return how an event is shown: "✗ bounced hard"."""
    look = _EVENTS[event.type]
    failed = event.type in {EventType.BOUNCED, EventType.FAILED, EventType.REJECTED}
    return look._replace(word=f"{look.word} {event.kind}") if failed and event.kind is not None else look


def history_lines(found: HistoryRow, cells: int, now: datetime, zone: tzinfo | None = None) -> list[Line]:
    """Return everything about a recipient as lines of at most ``cells`` cells, the newest event last.

    Args:
        found: the history.
        cells: the width; the servers' words are wrapped to it and never cut.
        now: the present, for "3 days ago".
        zone: in which times are shown; None: the zone of the machine.
    """
    lines = [*_person(found, cells), *_standing(found, cells, now, zone), BLANK]
    if len(found.outcomes) > 1:
        lines += [heading(f"{len(found.outcomes)} outcomes"), *_outcomes(found.outcomes, cells, zone), BLANK]
    lines.append(heading("What happened"))
    lines += _happened(found, cells, zone) or [(("Nothing yet.", "muted"),)]
    if found.elsewhere:
        lines += [BLANK, heading("In other campaigns")]
        for row in found.elsewhere:
            look = state_look(row)
            text = f"{row.campaign}: {look.label}"
            head = (f"{moment(row.sent_at, zone):{MOMENT_CELLS}}  ", "muted")
            lines += beside(head, f"{text}  {why(row)}".rstrip(), look.style, cells)
    return lines


def heading(words: str) -> Line:
    """Return the heading of a part."""
    return ((words, "strong"),)


def _person(found: HistoryRow, cells: int) -> Iterator[Line]:
    row = found.recipient
    yield from text_lines(row.name or row.address, "strong", cells)
    address = row.address
    if row.contact_address and row.contact_address != row.address:
        address = f"{row.address} (today {row.contact_address})"
    yield from text_lines(address, "accent", cells)
    responsible = f"responsible: {row.responsible}" if row.responsible else ""
    crm = f"CRM {found.crm_id}" if found.crm_id else ""
    about = " · ".join(part for part in (row.company, row.language, responsible, crm) if part)
    if about:
        yield from text_lines(about, "text", cells)


def _standing(found: HistoryRow, cells: int, now: datetime, zone: tzinfo | None) -> Iterator[Line]:
    row = found.recipient
    look = state_look(row)
    last = max((event.ts for event in found.events), default=None)
    parts = (look.label, row.campaign, ago(last, now), why(row))
    yield from text_lines(" · ".join(part for part in parts if part), look.style, cells)
    facts = [*_contact_facts(found), *address_facts(found.address, zone)]
    if facts:
        yield from text_lines(" · ".join(facts), "warn", cells)


def _contact_facts(found: HistoryRow) -> Iterator[str]:
    if found.former:
        yield "former employee"
    if found.consent is False:
        yield "no consent"
    if found.tracking_consent is False:
        yield "tracking refused (opens cannot be seen)"


def address_facts(row: AddressRow, zone: tzinfo | None) -> Iterator[str]:
    """Yield what stands against an address, a piece each."""
    if row.blocked_at is not None:
        yield f"address blocked {moment(row.blocked_at, zone)} ({row.block_reason or 'no reason kept'})"
    if row.consecutive:
        yield f"{row.consecutive} bounce{'s' if row.consecutive > 1 else ''} in a row"
    if row.last_success_at is not None and (row.blocked_at is not None or row.consecutive):
        yield f"last success {moment(row.last_success_at, zone)}"


def _outcomes(rows: tuple[OutcomeRow, ...], cells: int, zone: tzinfo | None) -> Iterator[Line]:
    for row in rows:
        look = delivery_look(row.delivery, row.bounce_kind)
        code = " ".join(part for part in (reason_word(row.reason), row.status or "") if part)
        text = f"{look.label}  {row.address}" + (f"  {code}" if code else "")
        yield from beside((f"{moment(row.ts, zone):{MOMENT_CELLS}}  ", "muted"), text, look.style, cells)


def _happened(found: HistoryRow, cells: int, zone: tzinfo | None) -> list[Line]:
    entries: list[tuple[datetime, int, EventRow | JournalRow]] = [
        *((event.ts, 0, event) for event in found.events),
        *((entry.ts, 1, entry) for entry in found.journal),
    ]
    lines: list[Line] = []
    for when, _, entry in sorted(entries, key=lambda item: item[:2]):
        lines += happening_lines(entry, (f"{moment(when, zone)}  ", "muted"), cells)
    return lines


def happening_lines(what: EventRow | JournalRow, head: Cell, cells: int) -> Iterator[Line]:
    """Yield an event with the server's words, or what an operator did, behind ``head``."""
    if isinstance(what, EventRow):
        yield from _event(what, head, cells)
    else:
        undone = " (undone)" if what.undone_at is not None else ""
        yield from beside(head, f"{what.operator}: {what.sentence}{undone}", "accent", cells)


def _event(event: EventRow, head: Cell, cells: int) -> Iterator[Line]:
    look = event_look(event)
    words = [look.label]
    if event.actor is Actor.MACHINE:
        words.append("by a machine")
    if event.expired:
        words.append("given up")
    if event.hop is Hop.RELAY:
        words.append("to a relay")
    if event.times > 1:
        words.append(f"x {event.times:,}")
    words += [event.status or "", str(event.reply or "")]
    notes = [] if event.attribution is Attribution.EXACT else [str(event.attribution)]
    notes.append(_SOURCES.get(event.source, event.source))
    text = " ".join(part for part in words if part) + f"  ({', '.join(notes)})"
    yield from beside(head, text, "muted" if event.actor is Actor.MACHINE else look.style, cells)
    complained = event.type is EventType.COMPLAINED
    meaning = feedback_word(event.reason or "").capitalize() if complained else reason_sentence(event.reason)
    below = (" " * width(head[0]), "text")
    if meaning:
        yield from beside(below, f"{meaning}.", "strong", cells)
    for words_of_server in (event.url, event.diagnostic):
        if words_of_server:
            yield from beside(below, words_of_server, "text", cells)


def text_lines(text: str, style: str, cells: int) -> Iterator[Line]:
    """Yield a text, wrapped."""
    for part in wrap(text, cells):
        yield ((part, style),)


def beside(head: Cell, text: str, style: str, cells: int) -> Iterator[Line]:
    """Yield ``text`` behind ``head``; where the terminal is too narrow for both, under it."""
    indent = width(head[0])
    if cells < indent + _LEAST:
        if head[0].strip():
            yield ((head[0].rstrip(), head[1]),)
        for part in wrap(text, cells - 2):
            yield (("  ", style), (part, style))
        return
    for number, part in enumerate(wrap(text, cells - indent)):
        yield (head if number == 0 else (" " * indent, "text")), (part, style)
