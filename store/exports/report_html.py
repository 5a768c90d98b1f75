"""A report as one HTML file that needs nothing else: no script, no font, no picture, nothing is loaded from anywhere.

It reads well on a narrow and a wide screen, light and dark, and on paper; beside each chart stands a table with its
figures. All text from outside is escaped, links are text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from html import escape
from importlib.resources import files

from store.asking import Sort
from store.database import Store
from store.exports import svg
from store.exports.files import Target, writing
from store.figures import counted, number, percent, scale
from store.queries.domains import DomainView
from store.rates import caveats
from store.rows.reports import FIRST_HOURS, DomainRow, OpeningsRow, ReportRow, Verdict
from store.vocabulary import Bucket
from store.weekhours import DAYS, best, week, zone_words

DOMAINS = 50
"""So many receiving domains are shown, those with most recipients."""

_LINKS = 20
_KINDS = {
    Bucket.DELIVERED: "people",
    Bucket.UNDER_WAY: "info",
    Bucket.BOUNCED: "bad",
    Bucket.EXPIRED: "warn",
    Bucket.REJECTED: "warn",
}


def export(
    store: Store,
    report: ReportRow,
    target: Target,
    made_at: datetime,
    *,
    zone: tzinfo | None = None,
    overwrite: bool = False,
) -> None:
    """Write a whole report as an HTML page.

    Args:
        store: where its receiving domains are counted.
        report: all of its parts.
        target: where to (:func:`store.exports.files.writing`).
        made_at: when it was read.
        zone: in which hours are told; None: the zone of the machine.
        overwrite: whether an existing file may be replaced.

    Raises:
        Refused: the file exists.
        BadInput: the file cannot be written there.
        DiskFull: no room; the old file, if any, is as it was.
    """
    with writing(target, overwrite=overwrite) as stream:
        view = DomainView(store)
        try:
            total = view.build(report.campaign.id, Sort("planned", reverse=True))
            domains = view.page(0, DOMAINS)
        finally:
            view.close()
        stream.writelines(f"{piece}\n" for piece in _page(report, domains, total, made_at, zone))


def _page(
    report: ReportRow, domains: Sequence[DomainRow], total: int, made_at: datetime, zone: tzinfo | None
) -> Iterator[str]:
    row = report.campaign
    style = files("store.exports").joinpath("report.css").read_text(encoding="utf-8")
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
    yield '<meta name="referrer" content="no-referrer"/>'
    yield f"<title>Report: {escape(row.name)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{svg.HATCH}"
    yield f"<header><h1>{escape(row.name)}</h1>"
    if row.subject:
        yield f"<p>{escape(row.subject)}</p>"
    sent = f"sent from {_moment(row.started_at, zone)}" if row.started_at is not None else "nothing was sent yet"
    yield f'<p class="note">{sent} · {row.state} · as of {_moment(made_at, zone)} {zone_words([made_at], zone)}</p>'
    yield "</header>\n<main>"
    yield _tiles(report)
    if report.comparison is not None:
        yield from _comparison(report)
    yield from _buckets(report)
    yield from _answers(report)
    yield from _openings(report, made_at, zone)
    yield from _hours(report, zone)
    yield from _links(report)
    yield from _benchmark(report)
    yield from _domains(domains, total)
    yield "</main>\n</body>\n</html>"


def _tiles(report: ReportRow) -> str:
    row = report.campaign
    tiles = (
        ("delivered", row.delivered, row.attempted),
        ("bounced", row.failed, row.attempted),
        ("opened", row.opened, row.delivered),
        ("clicked", row.clicked, row.delivered),
        ("unsubscribed", row.unsubscribed, row.delivered),
        ("complained", row.complained, row.delivered),
    )
    items = (
        f"<li><b>{percent(part, whole)}</b><span>{word}, {number(part)}</span></li>" for word, part, whole in tiles
    )
    return f'<ul class="tiles">{"".join(items)}</ul>'


def _buckets(report: ReportRow) -> Iterator[str]:
    row = report.campaign
    counts = {bucket: count for bucket, count in row.buckets.items() if count or bucket is Bucket.DELIVERED}
    rows = [
        svg.Bar(_word(bucket), count, 0, number(count), _KINDS.get(bucket, "muted")) for bucket, count in counts.items()
    ]
    said = ", ".join(f"{number(count)} {_word(bucket)}" for bucket, count in counts.items())
    picture = svg.bars("buckets", "Buckets", f"Of {number(row.planned)} planned: {said}.", rows, row.planned)
    figures = [(_word(bucket), number(count), percent(count, row.planned)) for bucket, count in counts.items()]
    table = _table(
        "Recipients", ("Bucket", "Number", "Share"), [*figures, ("planned", number(row.planned), "")], last=True
    )
    note = "Everybody planned is in exactly one bucket."
    if not row.adds_up:
        note = f"The buckets do not add up: {number(row.planned - sum(row.buckets.values()))} are missing."
    yield from _section("Buckets", note, picture, table, alarm=not row.adds_up)


def _answers(report: ReportRow) -> Iterator[str]:
    row = report.campaign
    counts = (
        ("opened", row.opened, 0, "people"),
        ("clicked", row.clicked, 0, "people"),
        ("replied", row.replied, 0, "people"),
        ("unsubscribed", row.unsubscribed, 0, "warn"),
        ("complained", row.complained, 0, "bad"),
        ("by machines only", 0, row.machine, "machines"),
        ("unknown", report.unknown or 0, 0, "muted"),
    )
    rows = [svg.Bar(word, people, machines, number(people + machines), kind) for word, people, machines, kind in counts]
    said = ", ".join(f"{number(people + machines)} {word}" for word, people, machines, _ in counts)
    picture = svg.bars("answers", "Answers", f"Of {number(row.delivered)} delivered: {said}.", rows, row.delivered)
    figures = [
        (word, number(people + machines), percent(people + machines, row.delivered))
        for word, people, machines, _ in counts
    ]
    table = _table("Of the delivered", ("Answer", "Number", "Share"), figures)
    note = "Unknown: people who refuse tracking and of whom nothing was seen; nobody knows whether they read it."
    yield from _section("Answers", note, picture, table)


def _openings(report: ReportRow, now: datetime, zone: tzinfo | None) -> Iterator[str]:
    start, people = report.campaign.started_at, report.people
    machines = report.machines
    if start is None or people is None or machines is None:
        return
    pairs = list(zip(people.hours, machines.hours, strict=True))
    most = scale(max(one + other for one, other in pairs))
    begins = [start + timedelta(hours=hour) for hour in range(FIRST_HOURS + 1)]
    ticks = [
        (hour, f"{hour} h\n{_weekday(begins[hour], zone)} {begins[hour].astimezone(zone):%H:%M}")
        for hour in range(0, FIRST_HOURS, 12)
    ]
    ticks.append((FIRST_HOURS, f"{FIRST_HOURS} h"))
    said = f"First openings in each of {FIRST_HOURS} hours; {_so_far(people)}"
    picture = svg.columns("openings", "First openings in 48 hours", said, pairs, most, ticks)
    rows, so_far = [], 0
    for hour, (one, other) in enumerate(pairs):
        so_far += one
        if begins[hour] <= now:
            when = f"{hour}-{hour + 1} h, {_weekday(begins[hour], zone)} {begins[hour].astimezone(zone):%H:%M}"
            rows.append((when, number(one), number(other), percent(so_far, people.total)))
    if people.before or machines.before:
        rows.append(("before it (clocks)", number(people.before), number(machines.before), ""))
    rows.append(("later", number(people.later), number(machines.later), ""))
    rows.append(("all", number(people.total), number(machines.total), ""))
    headings = ("Hours from the sending", "People", "Machines only", "So far")
    note = (
        f"Recipients, hour by hour from {_moment(start, zone)} {zone_words([start, begins[-1]], zone)};"
        " each counts once, when it was opened first."
    )
    yield from _section("First openings in 48 hours", note, picture, _table("", headings, rows, last=True), legend=True)


def _so_far(people: OpeningsRow) -> str:
    if not people.total:
        return "nobody is known to have opened it."
    first = sum(people.hours[:3])
    return f"{percent(first, people.total)} of all openings by people came in the first three hours."


def _hours(report: ReportRow, zone: tzinfo | None) -> Iterator[str]:
    people = report.people
    if people is None or not people.total:
        return
    grid = week(people.quarters, zone)
    words = ", ".join(f"{DAYS[day]} {hour}-{hour + 1} h ({number(count)})" for day, hour, count in best(grid))
    picture = svg.heat("hours", "Best hours", f"First openings by weekday and hour; the fullest are {words}.", grid)
    rows = [
        (f"{hour}-{hour + 1} h", *(number(day[hour]) for day in grid), number(sum(day[hour] for day in grid)))
        for hour in range(24)
    ]
    rows.append(("all", *(number(sum(day)) for day in grid), number(people.total)))
    name = zone_words([people.quarters[0][0], people.quarters[-1][0]], zone)
    note = (
        f"First openings by people, hours in {name}. Best: {words}. The hours after a sending are always the fullest."
    )
    yield from _section("Best hours", note, picture, _table("", ("Hour", *DAYS, "all"), rows, last=True))


def _links(report: ReportRow) -> Iterator[str]:
    links = report.links_by_clicks
    if not links:
        return
    most = max(link.clicks + link.machine_clicks for link in links)
    rows = [
        svg.Bar(
            link.url.removeprefix("https://"),
            link.clicks,
            link.machine_clicks,
            number(link.clicks) + (f" +{number(link.machine_clicks)}" if link.machine_clicks else ""),
        )
        for link in links[:_LINKS]
    ]
    said = f"The most clicked is {links[0].url} with {number(links[0].clicks)} clicks by people."
    picture = svg.bars("links", "Clicks by link", said, rows, most, above=True)
    figures = [(link.url, number(link.clicks), number(link.clickers), number(link.machine_clicks)) for link in links]
    table = _table("", ("Link", "Clicks", "Clickers", "Machines"), figures, long=True)
    note = f"{number(len(links))} links; the chart shows the {_LINKS} most clicked." if len(links) > _LINKS else ""
    yield from _section("Clicks by link", note, picture, table, legend=True)


def _benchmark(report: ReportRow) -> Iterator[str]:
    rows = [
        (
            row.measure,
            percent(row.share.part, row.share.whole),
            "-" if row.median is None else f"{100 * row.median:.1f} %",
            "-" if row.rank is None else f"{row.rank} of {row.among}",
        )
        for row in report.benchmark
    ]
    note = f"{counted(report.earlier, 'earlier campaign')} in the same store; the best has place 1."
    table = _table("", ("Share", "This one", "Median", "Place"), rows)
    yield from _section("Among your earlier campaigns", note, "", table)


def _comparison(report: ReportRow) -> Iterator[str]:
    found = report.comparison
    if found is None:
        return
    rows = []
    for row in found.rows:
        ends = "-" if row.low is None or row.high is None else f"{100 * row.low:+.2f} to {100 * row.high:+.2f}"
        shares = (f"{percent(share.part, share.whole)} of {number(share.whole)}" for share in (row.share, row.other))
        less = "-" if row.difference is None else f"{100 * row.difference:+.2f}"
        rows.append((row.measure, *shares, less, ends, row.verdict))
    strong = {at for at, row in enumerate(found.rows) if row.verdict is Verdict.MORE}
    headings = ("Share", "A", "B", "A less B", "95 % interval", "Difference")
    table = _table("", headings, rows, strong=strong)
    title = f"A {report.campaign.name} beside B {found.other.name}"
    yield from _section(title, caveats(found), "", table)


def _domains(domains: Sequence[DomainRow], total: int) -> Iterator[str]:
    rows = [
        (
            row.domain or "(no usable address)",
            *map(number, (row.planned, row.delivered, row.hard, row.soft, row.block, row.other, row.deferred)),
            *map(number, (row.opened, row.machine, row.clicked)),
        )
        for row in domains
    ]
    numbers = ("Planned", "Delivered", "Hard", "Soft", "Block", "Other", "Put off", "Opened", "Machines", "Clicked")
    shown = f"the {len(rows)} with most recipients of {number(total)}" if total > len(rows) else f"all {number(total)}"
    note = f"Receiving domains: {shown}. Put off: at least once, whatever came of it."
    yield from _section("Domains", note, "", _table("", ("Domain", *numbers), rows, long=True))


def _section(
    title: str, note: str, picture: str, table: str, *, legend: bool = False, alarm: bool = False
) -> Iterator[str]:
    yield f"<section><h2>{escape(title)}</h2>"
    if note:
        yield f'<p class="{"alarm" if alarm else "note"}">{escape(note)}</p>'
    if legend:
        yield '<p class="note"><i class="key"></i>people &#160; <i class="key machines"></i>machines</p>'
    box = f'<div class="box" tabindex="0" role="region" aria-label="{escape(f"Figures: {title}")}">{table}</div>'
    yield f'<div class="pair"><figure>{picture}</figure>{box}</div></section>' if picture else f"{box}</section>"


def _table(
    caption: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    strong: Iterable[int] = (),
    last: bool = False,
    long: bool = False,
) -> str:
    """Return a table; ``last``: its last row is the sum; ``long``: its first column may be broken anywhere."""
    loud = {*strong, len(rows) - 1} if last else set(strong)
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in headings)
    lines = []
    for at, (first, *others) in enumerate(rows):
        cells = "".join(f"<td>{escape(text)}</td>" for text in others)
        kind = ' class="strong"' if at in loud else ""
        lines.append(f'<tr{kind}><th scope="row">{escape(first)}</th>{cells}</tr>')
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    kind = ' class="long"' if long else ""
    return f"<table{kind}>{said}<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _word(bucket: Bucket) -> str:
    return bucket.value.replace("_", " ")


def _weekday(moment: datetime, zone: tzinfo | None) -> str:
    return DAYS[moment.astimezone(zone).weekday()]


def _moment(moment: datetime, zone: tzinfo | None) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
