"""The charts of a report as lines: one line a bar, numbers beside it, a scale under it.

People and machines are told apart by the character as well as by the colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from store.figures import counted, scale
from store.rows import CampaignRow, LinkRow
from store.rows.reports import FIRST_HOURS, OpeningsRow, ReportRow
from store.vocabulary import Bucket
from store.weekhours import DAYS, best, week, zone_words
from tui.present.bars import DOES_NOT_ADD_UP
from tui.present.cells import fit, width
from tui.present.columns import Cell
from tui.present.history import Line
from tui.present.ink import Ink, ruler, stacked
from tui.present.times import moment, number, percent
from tui.present.words import BUCKET_LOOKS

READING: Final[Line] = (("  Reading…", "muted"),)
BLANK: Final[Line] = (("", "text"),)
STEPS: Final = (1, 2, 3, 4, 6, 8, 12)
"""Into how many hours a bar of the first openings can be put together."""

_DAY_CELLS = 4
_SUM_CELLS = 7


class Tally(NamedTuple):
    """A bar: its label, what fills it, and what stands at the end of its line."""

    label: str
    value: int
    machines: int
    words: str
    style: str = "good"


def heading(words: str, note: str, cells: int) -> list[Line]:
    """Return a heading and a remark, which stands at the right end of its line or, without room there, below it."""
    if not note:
        return [((words, "strong"),)]
    if width(words) + width(note) + 2 > cells:
        return [((words, "strong"),), ((note, "muted"),)]
    return [((words, "strong"), (" " * (cells - width(words) - width(note)), "text"), (note, "muted"))]


def bars(tallies: Sequence[Tally], most: int, cells: int, ink: Ink, ends: tuple[str, str] = ("", "")) -> list[Line]:
    """Return bars that share a scale.

    Args:
        tallies: the bars.
        most: what fills a whole bar.
        cells: the width.
        ink: the characters.
        ends: the words at the end and in the middle of the scale; none: no scale is drawn.
    """
    label_cells = max((width(tally.label) for tally in tallies), default=0)
    word_cells = max((width(tally.words) for tally in tallies), default=0)
    room = max(1, cells - label_cells - word_cells - 3)
    lines: list[Line] = []
    for tally in tallies:
        people, machines = stacked(tally.value, tally.machines, most, room, ink)
        blank = " " * (room - len(people) - len(machines) + 1 + word_cells - width(tally.words))
        lines.append((
            (f"{' ' * (label_cells - width(tally.label))}{tally.label} ", "text"),
            (ink.axis, "muted"),
            (people, tally.style),
            (machines, "muted"),
            (blank, "text"),
            (tally.words, "text"),
        ))
    if ends[0]:
        lines.append((((" " * (label_cells + 1)) + ruler(*ends, room, ink), "muted"),))
    return lines


def buckets_chart(row: CampaignRow, cells: int, ink: Ink) -> list[Line]:
    """Return the buckets, which add up to the plan."""
    lines = [*heading("Buckets", f"{number(row.planned)} planned", cells)]
    counts = row.buckets
    tallies = [
        Tally(look.word, counts[bucket], 0, _counted(counts[bucket], row.planned), look.style)
        for bucket, look in BUCKET_LOOKS.items()
        if counts[bucket] or bucket in {Bucket.DELIVERED, Bucket.BOUNCED}
    ]
    lines += bars(tallies, row.planned, cells, ink, ("100 %", "50 %"))
    if not row.adds_up:
        missing = row.planned - sum(counts.values())
        lines.append(((f"{DOES_NOT_ADD_UP}: {number(missing)} are missing", "refused"),))
    return lines


def answers_chart(report: ReportRow, cells: int, ink: Ink) -> list[Line]:
    """Return what the delivered did, as far as it can be seen; who opened and clicked is in both bars."""
    row = report.campaign
    counts = (
        ("opened", row.opened, 0, "good"),
        ("clicked", row.clicked, 0, "good"),
        ("replied", row.replied, 0, "good"),
        ("unsubscribed", row.unsubscribed, 0, "warn"),
        ("complained", row.complained, 0, "bad"),
        ("machine only", 0, row.machine, "muted"),
    )
    tallies = [
        Tally(word, people, machines, _counted(people + machines, row.delivered), style)
        for word, people, machines, style in counts
    ]
    unknown = report.unknown
    tallies.append(Tally("unknown", 0, 0, "Reading…" if unknown is None else _counted(unknown, row.delivered)))
    return [
        *heading("Answers", f"of {number(row.delivered)} delivered", cells),
        *bars(tallies, row.delivered, cells, ink, ("100 %", "50 %")),
        (("unknown: they refuse tracking, so openings are not seen", "muted"),),
    ]


def openings_chart(
    report: ReportRow, cells: int, lines: int, now: datetime, ink: Ink, zone: tzinfo | None = None
) -> list[Line]:
    """Return the first openings in the 48 hours from the beginning of the sending; hours to come stay blank.

    Args:
        report: the report.
        cells: the width.
        lines: how many bars there is room for; each takes as many hours as it needs.
        now: the present.
        ink: the characters.
        zone: in which hours are told; None: the zone of the machine.
    """
    start = report.campaign.started_at
    people, machines = report.people, report.machines
    if start is None:
        return [*heading("First openings", "", cells), (("  When its sending began is not known.", "muted"),)]
    note = f"from {moment(start, zone)} {zone_words([start, start + timedelta(hours=FIRST_HOURS)], zone)}"
    title = heading("First openings in 48 hours", note, cells)
    if people is None:
        return [*title, READING]
    step = next((step for step in STEPS if FIRST_HOURS // step <= lines), STEPS[-1])
    by_machines = machines.hours if machines is not None else (0,) * FIRST_HOURS
    begins = range(0, FIRST_HOURS, step)
    counts = [(sum(people.hours[hour : hour + step]), sum(by_machines[hour : hour + step])) for hour in begins]
    tallies = [
        Tally(_span(start, hour, step, zone), *pair, words if start + timedelta(hours=hour) <= now else "")
        for hour, pair, words in zip(begins, counts, _beside(counts), strict=True)
    ]
    most = scale(max(tally.value + tally.machines for tally in tallies))
    drawn = bars(tallies, most, cells, ink, (f"{number(most)} recipients", number(most // 2) if most > 1 else ""))
    return [*title, *drawn, *_openings_legend(people, machines, ink)]


def _openings_legend(people: OpeningsRow, machines: OpeningsRow | None, ink: Ink) -> list[Line]:
    legend: list[Cell] = [(ink.full, "good"), (f" people {number(people.total)}  ", "text")]
    if machines is not None:
        legend += [(ink.machine, "muted"), (f" machines only {number(machines.total)}  ", "text")]
    apart = [
        f"{number(count)} {word}"
        for count, word in (
            (people.later + (machines.later if machines is not None else 0), "later"),
            (people.before + (machines.before if machines is not None else 0), "before it (clocks)"),
        )
        if count
    ]
    return [(*legend, (", ".join(apart), "muted"))]


def week_chart(report: ReportRow, cells: int, ink: Ink, zone: tzinfo | None = None) -> list[Line]:
    """Return at which hours of the week people opened it first, as a map of shades."""
    people = report.people
    if people is None:
        return [*heading("Best hours", "", cells), READING]
    if not people.total:
        return [*heading("Best hours", "", cells), (("  Nobody is known to have opened it.", "muted"),)]
    quarters = people.quarters
    grid = week(quarters, zone)
    title = heading("Best hours", f"hours in {zone_words([quarters[0][0], quarters[-1][0]], zone)}", cells)
    most = max(max(row) for row in grid)
    wide = max(1, min(4, (cells - _DAY_CELLS - _SUM_CELLS) // 24))
    every = 1 if wide > 2 else 2 if wide == 2 else 6
    hours = "".join(str(hour).ljust(wide * every) for hour in range(0, 24, every))
    lines: list[Line] = [*title, ((" " * _DAY_CELLS + hours, "muted"), ("all".rjust(_SUM_CELLS), "muted"))]
    for day, row in zip(DAYS, grid, strict=True):
        shades = "".join(_shade(count, most, ink) * max(1, wide - (wide > 2)) + " " * (wide > 2) for count in row)
        lines.append(((day.ljust(_DAY_CELLS), "text"), (shades, "good"), (number(sum(row)).rjust(_SUM_CELLS), "text")))
    return [*lines, _shades_legend(most, ink), *_best_words(grid)]


def _best_words(grid: tuple[tuple[int, ...], ...]) -> list[Line]:
    words = ", ".join(f"{DAYS[day]} {hour}-{hour + 1} h ({number(count)})" for day, hour, count in best(grid))
    return [((f"Best: {words}", "text"),), (("The hours after a sending are always the fullest.", "muted"),)]


def _shade(count: int, most: int, ink: Ink) -> str:
    return ink.nothing if not count else ink.shades[next(at for at in range(4) if count * 4 <= most * (at + 1))]


def _shades_legend(most: int, ink: Ink) -> Line:
    parts = [f"{ink.nothing} none" if ink.nothing.strip() else "blank none"]
    ends = [most * (at + 1) // 4 for at in range(4)]
    for shade, before, end in zip(ink.shades, [0, *ends], ends, strict=False):
        if end > before:
            parts.append(f"{shade} {number(end) if end == before + 1 else f'{number(before + 1)}-{number(end)}'}")
    return ((" " * _DAY_CELLS + "  ".join(parts) + "  first openings", "muted"),)


def links_chart(report: ReportRow, cells: int, lines: int, ink: Ink) -> list[Line]:
    """Return the clicks on each link, the most clicked first; ``lines``: how many links there is room for."""
    if report.links is None:
        return [*heading("Clicks by link", "", cells), READING]
    links = report.links_by_clicks
    if not links:
        return [*heading("Clicks by link", "", cells), (("  No click on any link is known.", "muted"),)]
    shown = links[:lines] if len(links) > lines else links
    most = scale(max(link.clicks + link.machine_clicks for link in links))
    label_cells = max(12, cells * 2 // 5)
    tallies = [
        Tally(
            fit(url_words(link), label_cells, middle=True),
            link.clicks,
            link.machine_clicks,
            words,
        )
        for link, words in zip(shown, _beside([(link.clicks, link.machine_clicks) for link in shown]), strict=True)
    ]
    drawn = bars(tallies, most, cells, ink, (f"{number(most)} clicks", number(most // 2) if most > 1 else ""))
    legend: list[Cell] = [
        (ink.full, "good"),
        (f" people {number(sum(link.clicks for link in links))}  ", "text"),
        (ink.machine, "muted"),
        (f" machines {number(sum(link.machine_clicks for link in links))}", "text"),
    ]
    rest = links[len(shown) :]
    if rest:
        more = f"  and {counted(len(rest), 'more link')} with {counted(sum(link.clicks for link in rest), 'click')}"
        legend.append((more, "muted"))
    return [*heading("Clicks by link", counted(len(links), "link"), cells), *drawn, tuple(legend)]


def url_words(link: LinkRow) -> str:
    """Return a link without "https://", which says nothing in a list."""
    return link.url.removeprefix("https://")


def _counted(count: int, whole: int) -> str:
    return f"{number(count)} {percent(count, whole):>7}"


def _span(start: datetime, hour: int, step: int, zone: tzinfo | None) -> str:
    """Return "6-8 h  Mon 15:00": hours from the start, and when they began."""
    local = (start + timedelta(hours=hour)).astimezone(zone)
    return f"{f'{hour}-{hour + step}':>5} h  {DAYS[local.weekday()]} {local:%H:%M}"


def _beside(pairs: Sequence[tuple[int, int]]) -> list[str]:
    """Return "120 +13" for each pair: what people did, and beside it, in a column, what machines did."""
    more = [f"+{number(machines)}" if machines else "" for _, machines in pairs]
    cells = max(map(len, more), default=0)
    return [f"{number(people)} {text:<{cells}}" for (people, _), text in zip(pairs, more, strict=True)]
