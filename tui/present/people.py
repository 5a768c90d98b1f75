"""People over all campaigns: the columns of their table, and one person's whole history as lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from store.rows import EventRow
from store.rows.people import PersonHistory, PersonRow, StandingRow
from store.vocabulary import Actor
from tui.present.cells import fit, width
from tui.present.columns import Cell, Column
from tui.present.history import (
    BLANK,
    Line,
    address_facts,
    beside,
    event_look,
    happening_lines,
    heading,
    text_lines,
)
from tui.present.times import DAY_CELLS, MOMENT_CELLS, day, moment, number
from tui.present.words import state_look, why

_ROOMY: Final = 100
"""Cells from which a line has room for long names of campaigns."""


def person_marks(row: PersonRow) -> tuple[str, ...]:
    """Return what stands against writing to a person, in words, the gravest first."""
    marks = (
        (row.complained, "complained"),
        (row.blocked, "blocked"),
        (row.former, "former employee"),
        (not row.address, "no address"),
        (row.unsubscribed, "unsubscribed"),
        (row.consent is False and not row.complained and not row.unsubscribed, "no consent"),
    )
    return tuple(word for holds, word in marks if holds)


def person_lines(found: PersonHistory, cells: int, zone: tzinfo | None = None) -> list[Line]:
    """Return everything about a person as lines of at most ``cells`` cells, the newest event last.

    Args:
        found: the history.
        cells: the width; the servers' words are wrapped to it and never cut.
        zone: in which times are shown; None: the zone of the machine.
    """
    lines = [*_person(found, cells, zone), BLANK, heading("Addresses")]
    for standing in found.addresses:
        lines += _standing(standing, cells, zone)
    if not found.addresses:
        lines.append((("None is known.", "muted"),))
    named = _campaign_cells([row.campaign for row in found.recipients], cells)
    lines += [BLANK, heading("Campaigns")]
    for row in found.recipients:
        look = state_look(row)
        head = (
            f"{moment(row.sent_at or row.delivered_at, zone):{MOMENT_CELLS}}  {fit(row.campaign, named)}  ",
            "muted",
        )
        lines += beside(head, f"{look.label}  {why(row)}".rstrip(), look.style, cells)
    if not found.recipients:
        lines.append((("In no campaign's plan.", "muted"),))
    lines += [BLANK, heading("What happened")]
    for happening in found.happened:
        what = happening.what
        head = (f"{moment(what.ts, zone)}  {fit(happening.campaign or '-', named)}  ", "muted")
        lines += happening_lines(what, head, cells)
    if not found.happened:
        lines.append((("Nothing yet.", "muted"),))
    return lines


def _tracking(found: PersonHistory, zone: tzinfo | None) -> str:
    """Return whether the person may be tracked, since when, and who said so; "" if nobody said anything."""
    if found.tracking_consent is None:
        return ""
    said = "may be tracked" if found.tracking_consent else "tracking refused (opens cannot be seen)"
    when = (f"since {day(found.tracking_at, zone)}",) if found.tracking_at is not None else ()
    return ", ".join((said, *when, *((found.tracking_source,) if found.tracking_source else ())))


def _person(found: PersonHistory, cells: int, zone: tzinfo | None) -> Iterator[Line]:
    row = found.person
    yield from text_lines(row.name or row.address or "Nameless", "strong", cells)
    yield from text_lines(row.address or "The address was deleted.", "accent" if row.address else "muted", cells)
    responsible = f"responsible: {found.responsible}" if found.responsible else ""
    crm = f"CRM {found.crm_id}" if found.crm_id else ""
    about = " · ".join(part for part in (row.company, found.language, responsible, crm) if part)
    if about:
        yield from text_lines(about, "text", cells)
    refused = found.tracking_consent is False
    tracking = _tracking(found, zone)
    against = " · ".join((*person_marks(row), *((tracking,) if refused else ())))
    if against:
        yield from text_lines(against, "warn", cells)
    if tracking and not refused:
        yield from text_lines(tracking, "muted", cells)
    if found.lists:
        lists = ", ".join(f"{member.name} ({member.kind})" for member in found.lists)
        yield from text_lines(f"On the lists {lists}.", "text", cells)


def _standing(standing: StandingRow, cells: int, zone: tzinfo | None) -> Iterator[Line]:
    row = standing.row
    facts = list(address_facts(row, zone))
    if standing.by:
        facts.insert(1, f"by {standing.by}")
    parts = [row.address, "today" if standing.today else "earlier", *(facts or ["nothing against it"])]
    yield from text_lines(" · ".join(parts), "warn" if facts else "text", cells)


def _campaign_cells(names: list[str], cells: int) -> int:
    longest = max(map(width, names), default=1)
    return min(longest, 30 if cells >= _ROOMY else 18)


def _address_cell(row: PersonRow) -> Cell:
    if not row.address:
        return (f"deleted: {row.earlier[0]}" if row.earlier else "no address"), "muted"
    return row.address, "text"


def _last_cell(row: PersonRow) -> Cell:
    if row.last is None or not isinstance(row.last.what, EventRow):
        return "nothing yet", "muted"
    look = event_look(row.last.what)
    machine = row.last.what.actor is Actor.MACHINE
    return (f"{look.label} (machine)", "muted") if machine else (look.label, look.style)


def _when_cell(row: PersonRow) -> Cell:
    return day(row.last.what.ts if row.last is not None else None), "muted"


def _campaign_cell(row: PersonRow) -> Cell:
    return (
        row.last.campaign if row.last is not None else row.newest.campaign if row.newest is not None else ""
    ), "muted"


def _earlier_cell(row: PersonRow) -> Cell:
    return ", ".join(row.earlier if row.address else row.earlier[1:]), "muted"


PEOPLE_COLUMNS: tuple[Column[PersonRow], ...] = (
    Column("name", "Name", lambda row: (row.name or "-", "strong"), width=14, weight=2, limit=28),
    Column("address", "Address", _address_cell, width=20, weight=4, limit=44, middle=True),
    Column("campaigns", "Campaigns", lambda row: (number(row.campaigns), "text"), width=9, align="right", priority=3),
    Column("last", "Last", _last_cell, width=15, weight=1, limit=24),
    Column("when", "When", _when_cell, width=DAY_CELLS, since=90, priority=2),
    Column("marks", "Against", lambda row: (", ".join(person_marks(row)), "warn"), width=10, weight=1, limit=30),
    Column(
        "company", "Company", lambda row: (row.company, "text"), width=14, weight=1, limit=28, since=100, priority=4
    ),
    Column("campaign", "Campaign", _campaign_cell, width=14, weight=1, limit=28, since=120, priority=5),
    Column("earlier", "Earlier addresses", _earlier_cell, width=18, weight=1, limit=40, since=150, priority=6),
)
"""Who, today's address, how many campaigns, what happened last, and what stands against writing to them."""
