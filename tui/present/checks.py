"""The findings of the gate: signs, words, cells and lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from store.outbox.checks.finding import Finding, Level
from store.outbox.checks.rules import RULES
from store.outbox.gate import Checked
from tui.present.cells import wrap
from tui.present.columns import Cell, Column
from tui.present.history import Line

SIGNS = {Level.RED: "✗", Level.ASKED: "?", Level.YELLOW: "!", Level.GREEN: "✓"}
"""A sign for each level: colour is never the only one."""

_ROLES: dict[Level, str] = {Level.RED: "bad", Level.ASKED: "warn", Level.YELLOW: "warn", Level.GREEN: "good"}
_ORDER = tuple(Level)
_LABELS = {rule.id: rule.label for rule in RULES}
_HELP = {rule.id: rule.help for rule in RULES}


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding in a table; ``id`` is its place, from 1."""

    id: int
    finding: Finding


def label_of(rule: str) -> str:
    """Return the words for a rule."""
    return _LABELS[rule]


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with what blocks first, then by level; in the order of the rules within each."""
    return sorted(findings, key=lambda one: (not one.blocks, _ORDER.index(one.level)))


def finding_rows(findings: Iterable[Finding]) -> tuple[FindingRow, ...]:
    """Return findings as rows, the gravest first."""
    return tuple(FindingRow(at, one) for at, one in enumerate(gravest_first(findings), 1))


def word_of(finding: Finding) -> str:
    """Return the level as a word; what is overridden says so."""
    return "overridden" if finding.vouched else finding.level.value


def verdict(checked: Checked) -> str:
    """Return what came of it all, as one sentence."""
    counts = {level: sum(one.level is level and not one.vouched for one in checked.findings) for level in Level}
    overridden = sum(bool(one.vouched) for one in checked.findings)
    told = [f"{count} {level.value}" for level, count in counts.items() if count]
    told += [f"{overridden} overridden"] if overridden else []
    end = "nothing is sent" if checked.blocking else "it may be sent"
    return f"{', '.join(told)}: {end}."


def outcome(checked: Checked) -> str:
    """Return what keeps the message from being sent, in a few words."""
    held = checked.blocking
    counts = {level: sum(one.level is level for one in held) for level in (Level.RED, Level.ASKED)}
    told = " · ".join(f"{count} {level.value}" for level, count in counts.items() if count)
    return f"{told} · not to be sent" if told else "may be sent"


def finding_lines(row: FindingRow, cells: int) -> list[Line]:
    """Return a finding whole, with what its rule is for, as lines of at most ``cells`` cells."""
    one = row.finding
    said = f"{one.sentence}{f' · {one.where}' if one.where else ''}"
    lines: list[Line] = [((part, "text"),) for part in wrap(said, cells)]
    if one.vouched:
        lines += [((part, "warn"),) for part in wrap(one.vouched[:1].upper() + one.vouched[1:], cells)]
    return [*lines, *(((part, "muted"),) for part in wrap(_HELP[one.rule], cells))]


def _level_cell(row: FindingRow) -> Cell:
    one = row.finding
    if one.vouched:
        return "~ overridden", "warn"
    return f"{SIGNS[one.level]} {one.level.value}", _ROLES[one.level]


def _sentence_cell(row: FindingRow) -> Cell:
    return row.finding.sentence, "text" if row.finding.level is not Level.GREEN else "muted"


CHECK_COLUMNS: Sequence[Column[FindingRow]] = (
    Column("level", "", _level_cell, width=12),
    Column("rule", "Checked", lambda row: (_LABELS[row.finding.rule], "strong"), width=15),
    Column("sentence", "What was found", _sentence_cell, width=44, weight=1),
    Column("where", "Where", lambda row: (row.finding.where, "muted"), width=20, priority=1),
)
"""How a finding stands, what was checked, what was found, and where."""
