"""The bounce inbox: the columns of groups and of single failures, and the lines about the one under the cursor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from typing import Final

from store.asking import Grouping
from store.rows import AdviceRow, BounceGroupRow, BounceRow, BouncesLeft
from store.vocabulary import FAILED_DELIVERY, Decision, Triage
from tui.present.cells import cut, wrap
from tui.present.columns import Cell, Column
from tui.present.history import Line
from tui.present.recipients import address_cell, name_cell
from tui.present.suggestions import ARROW, offer, short
from tui.present.times import MOMENT_CELLS, SPAN_CELLS, moment, span
from tui.present.words import reason_sentence, reason_word, state_look, why

WORDS_LINES: Final = 2
"""Lines of the server's words that are shown under the table."""

_DECIDED: Final = {
    Decision.CLEARED: "cleared",
    Decision.MARKED_HARD: "hard",
    Decision.MARKED_SOFT: "soft",
    Decision.FIXED: "fixed",
    Decision.BLOCKED: "blocked",
    Decision.FORMER: "former",
    Decision.DELETED: "deleted",
    Decision.EXCUSED: "excused",
}
_WHOSE: Final = {
    "us": ("ours", "warn"),
    "server": ("theirs", "info"),
    "recipient": ("address", "text"),
    "nobody": ("unclear", "muted"),
}
_MIXED: Final = ("mixed", "muted")
_ACTS: Final = {
    "us": "ours, not theirs",
    "server": "their server's",
    "recipient": "lies with the address",
    "nobody": "whose fault it is cannot be told",
}
_GROUPED: Final = {
    Grouping.CAUSE: "by cause",
    Grouping.DOMAIN: "by domain",
    Grouping.TIME: "by time",
    Grouping.NONE: "one by one",
}


def grouping_words(by: Grouping) -> str:
    """Return how failures are grouped, for the title."""
    return _GROUPED[by]


def cause(row: BounceGroupRow) -> str:
    """Return the cause of a group: "sender not authenticated 5.7.26", or how many causes it has."""
    if row.causes > 1 and row.reason is None:
        return f"{row.causes} causes"
    code = row.status or str(row.reply or "")
    return " ".join(part for part in (reason_word(row.reason) or "cause not clear", code) if part)


def whose(row: BounceGroupRow) -> str:
    """Return in a word who has to act: "ours", "theirs", "address", "unclear", "mixed"."""
    return _WHOSE.get(row.acts, _MIXED)[0]


def domains(row: BounceGroupRow) -> str:
    """Return the receiving domains of a group: "all gmail.example", "gmail.example +8"."""
    first = row.domains[0][0] or "no domain" if row.domains else ""
    if row.domain_count <= 1:
        return f"all {first}" if row.n > 1 else first
    return f"{first} +{row.domain_count - 1:,}"


def group_words(row: BounceGroupRow) -> str:
    """Return what a group is, for titles and confirmations."""
    return " · ".join(part for part in (cause(row), domains(row)) if part)


def left_words(left: BouncesLeft, *, narrow: bool = False) -> str:
    """Return how far the inbox is worked through: "88 of 100 left · 2 later · 5 new, . reads them"."""
    parts = [f"{left.open:,} of {left.n:,} left" if left.open or left.later else f"all {left.n:,} decided"]
    if left.later:
        parts.append(f"{left.later:,} later")
    if left.new:
        parts.append(f"{left.new:,} new" if narrow else f"{left.new:,} new, . reads them")
    return " · ".join(parts)


def group_columns(by: Grouping) -> tuple[Column[BounceGroupRow], ...]:
    """Return the columns of groups; what they are grouped by stands in front."""
    return _COLUMNS[by]


def single_columns(several: bool) -> tuple[Column[BounceRow], ...]:
    """Return the columns of single failures.

    Args:
        several: they are of more than one campaign, so that each names its own.
    """
    return _SEVERAL if several else _ONE


def group_lines(
    row: BounceGroupRow, cells: int, zone: tzinfo | None = None, advice: AdviceRow | None = None
) -> list[Line]:
    """Return what is known of a group as lines of at most ``cells`` cells: cause, where, when, one server's words.

    Args:
        row: the group.
        cells: the width.
        zone: in which times are shown; None: the zone of the machine.
        advice: what may be meant by the address of its only member.
    """
    sentence = reason_sentence(row.reason) or cause(row)
    acts = _ACTS.get(row.acts, "of different causes")
    head = f"{row.n:,} x {sentence}" if row.n > 1 else sentence
    where = [f"{domain} {count:,}" if count > 1 else domain for domain, count in row.domains]
    if row.domain_count <= 1:
        where = [domains(row)]
    elif row.domain_count > len(where):
        where[-1] += f" and {row.domain_count - len(where):,} more"
    about = [span(row.first, row.last, zone), ", ".join(row.campaigns), ", ".join(where)]
    return [
        ((cut(f"{head} · {acts}", cells), "strong"),),
        ((cut(" · ".join(part for part in about if part), cells), "muted"),),
        *_offered(offer(advice) if advice else _domain_meant(row), row.sample, cells),
    ]


def single_lines(row: BounceRow, cells: int, zone: tzinfo | None = None) -> list[Line]:
    """Return what is known of a failure as lines of at most ``cells`` cells: who, why and when, the server's words."""
    person = row.recipient
    who = [person.name, address_cell(person)[0], person.company]
    told = [reason_sentence(person.reason) or state_look(person).word, person.status or str(person.reply or "")]
    told += [moment(person.bounced_at, zone), person.campaign]
    return [
        ((cut(" · ".join(part for part in who if part), cells), "strong"),),
        ((cut(" · ".join(part for part in told if part), cells), "muted"),),
        *_offered(offer(row.advice) if row.advice else "", row.diagnostic, cells),
    ]


def _offered(words: str, said: str, cells: int) -> Iterator[Line]:
    """Yield what is offered, and the server's words in the lines that it leaves."""
    offered = list(_some_lines(words, cells, WORDS_LINES, "accent")) if words else []
    yield from offered
    if len(offered) < WORDS_LINES:
        yield from _some_lines(said or "The server said nothing more.", cells, WORDS_LINES - len(offered), "text")


def _domain_meant(row: BounceGroupRow) -> str:
    if not row.meant:
        return ""
    return f"{row.domains[0][0]} is probably {row.meant}; F shows the addresses and accepts them"


def _some_lines(words: str, cells: int, most: int, style: str) -> Iterator[Line]:
    lines = wrap(words, cells)
    for number, line in enumerate(lines[:most], start=1):
        yield ((cut(f"{line} …", cells) if number == most < len(lines) else line, style),)


def _left_cell(row: BounceGroupRow) -> Cell:
    if row.open == row.n:
        return f"{row.n:,}", "strong"
    if row.open:
        return f"{row.open:,} of {row.n:,}", "strong"
    if row.later:
        return f"~ {row.later:,} later", "warn"
    return f"✓ {_DECIDED.get(row.decision, 'decided') if row.decision else 'decided'}", "muted"


def _whose_cell(row: BounceGroupRow) -> Cell:
    word, style = _WHOSE.get(row.acts, _MIXED)
    return word, style if row.left else "muted"


def _cause_cell(row: BounceGroupRow) -> Cell:
    return cause(row), "text" if row.left else "muted"


def _words_cell(row: BounceGroupRow) -> Cell:
    return row.words or ("in various words" if row.causes > 1 else "nothing said"), "muted"


def _domains_cell(row: BounceGroupRow) -> Cell:
    if row.meant:
        return f"{ARROW} {row.meant}", "accent"
    return domains(row), "text" if row.left else "muted"


def _domain_cell(row: BounceGroupRow) -> Cell:
    return (row.domains[0][0] or "no domain") if row.domains else "", "text" if row.left else "muted"


def _cause_or_meant_cell(row: BounceGroupRow) -> Cell:
    return (f"{ARROW} {row.meant} · {reason_word(row.reason)}", "accent") if row.meant else _cause_cell(row)


def _state_cell(row: BounceRow) -> Cell:
    person = row.recipient
    if person.triage is Triage.LATER:
        return "~ Later", "warn"
    if person.triage is Triage.DONE and person.decision is not None:
        return f"✓ {_DECIDED.get(person.decision, person.decision).capitalize()}", "muted"
    if person.delivery not in FAILED_DELIVERY:
        return f"✓ {state_look(person).word}", "muted"
    look = state_look(person)
    return look.label, look.style


def _why_cell(row: BounceRow) -> Cell:
    if row.advice is not None and row.advice.best is not None:
        return f"{ARROW} {short(row.advice.address, row.advice.best.address)}", "accent"
    return why(row.recipient), "text" if row.recipient.triage is Triage.OPEN else "muted"


_LEFT = Column("left", "Left", _left_cell, width=10)
_WHOSE_FAULT = Column("acts", "Whose", _whose_cell, width=7)
_CAUSE = Column("cause", "Cause", _cause_cell, width=31, weight=1, limit=36)
_WORDS = Column("words", "Servers' words", _words_cell, width=18, weight=3, since=100, priority=2)
_DOMAINS = Column("domain", "Domains", _domains_cell, width=18, weight=2, limit=34, priority=1)
_DOMAIN = replace(_DOMAINS, title="Domain", cell=_domain_cell, width=24, priority=0, middle=True)
_WHEN: Column[BounceGroupRow] = Column(
    "when", "When", lambda row: (span(row.first, row.last), "muted"), width=SPAN_CELLS, since=110, priority=3
)
_CAUSES = (_LEFT, _WHOSE_FAULT, _CAUSE, _DOMAINS, _WORDS, _WHEN)
_COLUMNS: Final = {
    Grouping.CAUSE: _CAUSES,
    Grouping.DOMAIN: (_LEFT, _DOMAIN, _WHOSE_FAULT, replace(_CAUSE, cell=_cause_or_meant_cell), _WORDS, _WHEN),
    Grouping.TIME: (replace(_WHEN, since=0, priority=0), _LEFT, _WHOSE_FAULT, _CAUSE, _DOMAINS, _WORDS),
    Grouping.NONE: _CAUSES,
}

_STATE = Column("state", "State", _state_cell, width=18)
_ADDRESS: Column[BounceRow] = Column(
    "address", "Address", lambda row: address_cell(row.recipient), width=22, weight=3, limit=44, middle=True
)
_NAME: Column[BounceRow] = Column(
    "name", "Name", lambda row: name_cell(row.recipient), width=14, weight=2, limit=26, priority=3
)
_WHY = Column("reason", "Why", _why_cell, width=20, weight=2, limit=34, priority=1)
_SAID: Column[BounceRow] = Column(
    "words", "Server's words", lambda row: (row.diagnostic, "muted"), width=24, weight=3, since=125, priority=5
)
_AT: Column[BounceRow] = Column(
    "bounced",
    "When",
    lambda row: (moment(row.recipient.bounced_at), "muted"),
    width=MOMENT_CELLS,
    since=110,
    priority=4,
)
_CAMPAIGN: Column[BounceRow] = Column(
    "plan", "Campaign", lambda row: (row.recipient.campaign, "muted"), width=14, weight=1, limit=30, priority=2
)
_ONE = (_STATE, _ADDRESS, _NAME, _WHY, _AT, _SAID)
_SEVERAL = (_STATE, _ADDRESS, _NAME, _WHY, _CAMPAIGN, _AT, _SAID)
