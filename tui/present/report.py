"""A report as lines: the charts or their figures, the benchmark, and one campaign beside another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import zip_longest
from typing import Final

from store.figures import counted
from store.rates import caveats
from store.rows.reports import FIRST_HOURS, ComparisonRow, DifferenceRow, OpeningsRow, ReportRow, Share, Verdict
from store.weekhours import DAYS, week, zone_words
from tui.present.cells import cut, fit, squeeze, width, wrap
from tui.present.charts import (
    BLANK,
    READING,
    answers_chart,
    buckets_chart,
    heading,
    links_chart,
    openings_chart,
    url_words,
    week_chart,
)
from tui.present.history import Line
from tui.present.ink import BLOCKS, Ink
from tui.present.times import ago, moment, number, percent

WIDE: Final = 112
"""Cells from which two columns stand side by side."""

_GAP: Final = 3
_ROOMY: Final = 100
_YOUNG: Final = timedelta(hours=FIRST_HOURS)
_LINKS: Final = 12
_AROUND_OPENINGS: Final = 4
_AROUND_LINKS: Final = 3
_VERDICTS: Final = {Verdict.MORE: "strong", Verdict.MAYBE: "muted", Verdict.NOTHING: "muted"}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a report is drawn.

    Attributes:
        cells: the width.
        lines: how many lines are in sight, which the first openings should fit into.
        now: the present.
        figures: numbers in tables instead of charts.
        zone: in which times are told; None: the zone of the machine.
    """

    cells: int
    lines: int
    now: datetime
    figures: bool = False
    zone: tzinfo | None = None
    ink: Ink = BLOCKS


def report_lines(report: ReportRow, how: Manner) -> list[Line]:
    """Return a report as lines of at most ``how.cells`` cells; in two columns where there is room."""
    top = [*_comparison(report.comparison, report, how.cells), BLANK] if report.comparison is not None else []
    below = _in_one_column(report, how) if how.cells < WIDE else _in_two_columns(report, how)
    return [_clipped(line, how.cells) for line in (*top, *below)]


def _in_one_column(report: ReportRow, how: Manner) -> list[Line]:
    cells = how.cells
    return _joined([
        *_counts(report, how, cells),
        _benchmark(report, cells, how.now),
        _openings(report, how, cells, how.lines - _AROUND_OPENINGS),
        _hours(report, how, cells),
        _links(report, how, cells, _LINKS),
    ])


def _in_two_columns(report: ReportRow, how: Manner) -> list[Line]:
    """Put counts and hours on the left; openings, links and benchmark share the height of the screen on the right."""
    half = (how.cells - _GAP) // 2
    rest = how.cells - _GAP - half
    place = _benchmark(report, rest, how.now)
    room = how.lines - len(place) - 2
    expected = min(_LINKS, len(report.links or ())) + _AROUND_LINKS
    openings = _openings(report, how, rest, max(12, room - _AROUND_OPENINGS - expected))
    links = _links(report, how, rest, max(5, room - len(openings) - _AROUND_LINKS))
    left = _joined([*_counts(report, how, half), _hours(report, how, half)])
    return _side_by_side(left, _joined([openings, links, place]), half)


def _counts(report: ReportRow, how: Manner, cells: int) -> tuple[list[Line], list[Line]]:
    return buckets_chart(report.campaign, cells, how.ink), answers_chart(report, cells, how.ink)


def _openings(report: ReportRow, how: Manner, cells: int, lines: int) -> list[Line]:
    if how.figures:
        return _openings_figures(report, cells, how.now, how.zone)
    return openings_chart(report, cells, lines, how.now, how.ink, how.zone)


def _hours(report: ReportRow, how: Manner, cells: int) -> list[Line]:
    return _week_figures(report, cells, how.zone) if how.figures else week_chart(report, cells, how.ink, how.zone)


def _links(report: ReportRow, how: Manner, cells: int, lines: int) -> list[Line]:
    return _links_figures(report, cells) if how.figures else links_chart(report, cells, lines, how.ink)


def _joined(parts: Sequence[list[Line]]) -> list[Line]:
    lines: list[Line] = []
    for part in parts:
        lines += [BLANK, *part] if lines else part
    return lines


def _side_by_side(left: Sequence[Line], right: Sequence[Line], half: int) -> list[Line]:
    lines: list[Line] = []
    for one, other in zip_longest(left, right, fillvalue=BLANK):
        pieces = _clipped(one, half)
        used = sum(width(text) for text, _ in pieces)
        lines.append((*pieces, (" " * (half + _GAP - used), "text"), *other))
    return lines


def _clipped(line: Line, cells: int) -> Line:
    pieces, used = [], 0
    for text, style in line:
        text = cut(text, cells - used)
        used += width(text)
        pieces.append((text, style))
    return tuple(pieces)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], cells: int) -> list[Line]:
    """Return rows under headings as lines: the first column takes what is left, the others stand to the right."""
    if not rows:
        return []
    columns = list(zip(headings, *rows, strict=True))
    widths = [max(map(width, column)) for column in columns]
    gap = 2 if sum(widths) + 2 * (len(widths) - 1) <= cells else 1
    widths[0] = max(6, min(widths[0], cells - sum(widths[1:]) - gap * (len(widths) - 1)))
    lines: list[Line] = []
    for at, row in enumerate([headings, *rows]):
        first = fit(row[0], widths[0], middle=at > 0)
        rest = [fit(text, wide, "right") for text, wide in zip(row[1:], widths[1:], strict=True)]
        lines.append((((" " * gap).join([first, *rest]), "text" if at else "muted"),))
    return lines


def _openings_figures(report: ReportRow, cells: int, now: datetime, zone: tzinfo | None) -> list[Line]:
    start, people, machines = report.campaign.started_at, report.people, report.machines
    if start is None or people is None:
        return openings_chart(report, cells, 1, now, BLOCKS, zone)
    by_machines = machines.hours if machines is not None else (0,) * FIRST_HOURS
    rows, so_far = [], 0
    for hour, (one, other) in enumerate(zip(people.hours, by_machines, strict=True)):
        so_far += one
        begin = start + timedelta(hours=hour)
        if begin > now:
            break
        local = begin.astimezone(zone)
        when = f"{f'{hour}-{hour + 1}':>5} h  {DAYS[local.weekday()]} {local:%d %H:%M}"
        rows.append((when, number(one), number(other), percent(so_far, people.total)))
    rows += [(word, number(one), number(other), "") for word, one, other in _apart(people, machines)]
    zone_name = zone_words([start, start + timedelta(hours=FIRST_HOURS)], zone)
    note = f"from {moment(start, zone)} {zone_name}"
    title = heading("First openings in 48 hours", note, cells)
    return [*title, *table(("Hours from the sending", "People", "Machines only", "So far"), rows, cells)]


def _apart(people: OpeningsRow, machines: OpeningsRow | None) -> Iterator[tuple[str, int, int]]:
    yield "before it (clocks)", people.before, machines.before if machines is not None else 0
    yield "later", people.later, machines.later if machines is not None else 0
    yield "all", people.total, machines.total if machines is not None else 0


def _week_figures(report: ReportRow, cells: int, zone: tzinfo | None) -> list[Line]:
    people = report.people
    if people is None or not people.total:
        return week_chart(report, cells, BLOCKS, zone)
    grid = week(people.quarters, zone)
    rows = [
        (f"{hour:>2}-{hour + 1} h", *(number(day[hour]) for day in grid), number(sum(day[hour] for day in grid)))
        for hour in range(24)
    ]
    rows.append(("all", *(number(sum(day)) for day in grid), number(people.total)))
    note = f"hours in {zone_words([people.quarters[0][0], people.quarters[-1][0]], zone)}"
    return [*heading("First openings by hour of the week", note, cells), *table(("Hour", *DAYS, "all"), rows, cells)]


def _links_figures(report: ReportRow, cells: int) -> list[Line]:
    if not report.links:
        return links_chart(report, cells, 1, BLOCKS)
    links = report.links_by_clicks
    rows = [
        (url_words(link), number(link.clicks), number(link.clickers), number(link.machine_clicks)) for link in links
    ]
    return [
        *heading("Clicks by link", counted(len(links), "link"), cells),
        *table(("Link", "Clicks", "Clickers", "Machines"), rows, cells),
    ]


def _benchmark(report: ReportRow, cells: int, now: datetime) -> list[Line]:
    title = heading("Among your earlier campaigns", f"{number(report.earlier)} earlier", cells)
    rows = []
    for row in report.benchmark:
        middle = "-" if row.median is None else _share_words(row.median)
        place = "-" if row.rank is None else f"{row.rank} of {row.among}"
        rows.append((str(row.measure), percent(row.share.part, row.share.whole), middle, place))
    lines = [*title, *table(("Share", "This", "Median", "Place"), rows, cells)]
    if not report.earlier:
        lines.append((("There is none to compare it with yet.", "muted"),))
    started = report.campaign.started_at
    if started is not None and timedelta(0) <= now - started < _YOUNG:
        lines.append(((f"Its sending began {ago(started, now)}: openings and clicks still come in.", "warn"),))
    return lines


def _comparison(found: ComparisonRow | None, report: ReportRow, cells: int) -> list[Line]:
    if found is None:
        return [READING]
    room = max(8, (cells - len("A   beside  B ")) // 2)
    one, other = squeeze(report.campaign.name, room), squeeze(found.other.name, room)
    title = heading(f"A {one}  beside  B {other}", "", cells)
    of = _of if cells >= _ROOMY else _short
    rows = [
        (str(row.measure), of(row.share), of(row.other), _points(row.difference), _ends(row), str(row.verdict))
        for row in found.rows
    ]
    title_row, *drawn = table(("Share", "A", "B", "A less B", "95 % interval", "difference"), rows, cells)
    styled = [((line[0][0], _VERDICTS[row.verdict]),) for line, row in zip(drawn, found.rows, strict=True)]
    return [*title, title_row, *styled, *(((part, "muted"),) for part in wrap(caveats(found), cells))]


def _of(share: Share) -> str:
    return f"{percent(share.part, share.whole)} of {number(share.whole)}" if share.whole else "-"


def _short(share: Share) -> str:
    return percent(share.part, share.whole)


def _share_words(value: float) -> str:
    return percent(round(value * 1_000_000), 1_000_000)


def _points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:+.2f}"


def _ends(row: DifferenceRow) -> str:
    return "-" if row.low is None else f"{_points(row.low)} to {_points(row.high)}"
