"""The send monitor in words: rate, share done, time left, failures over time, tripwires, and domains that defer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from store.pace import NOW_MINUTES, Course, Going, Pace, course, pace
from store.rows.monitor import DeferredRow, MonitorRow
from store.rows.tripwires import TripRow
from store.tripwires import Tripwires, Wire, percent_text, share_text
from store.wording import answer
from tui.present.columns import Cell, Column
from tui.present.history import Line
from tui.present.ink import ASCII, COARSE, Ink
from tui.present.times import SPAN_CELLS, duration, moment, number, percent, span

LINES: Final = 9
"""So many lines the monitor takes, whatever there is to say, so that what stands under it never moves."""

TRIPS_SHOWN: Final = 2
SIGN: Final = "‼"

_LABEL: Final = 11
_WIDE: Final = 100
_LEAST_TOP: Final = 0.05
_LEVELS: Final = "▁▂▃▄▅▆▇█"
_COARSE_LEVELS: Final = "▄█"
_ASCII_LEVELS: Final = ".:-=+*#"
_WIRES: Final = {
    Wire.HARD: "hard bounces",
    Wire.COMPLAINTS: "complaints",
    Wire.COMPLAINT_RATE: "complaint rate",
    Wire.DOMAIN: "domain",
    Wire.DEFERRED: "deferred",
}


@dataclass(frozen=True, slots=True)
class Deferring:
    """A domain that defers, as a row of the table; ``id`` stays while it is shown."""

    id: int
    row: DeferredRow


def monitor_lines(row: MonitorRow, now: datetime, cells: int, ink: Ink, zone: tzinfo | None = None) -> list[Line]:
    """Return how a sending goes as :data:`LINES` lines of at most ``cells`` cells.

    Args:
        row: what was read.
        now: the present: a sending that is over has no rate.
        cells: the width.
        ink: the characters that the terminal can show.
        zone: in which times are shown; None: the zone of the machine.
    """
    found = pace(row, now)
    told = course(row, now, max(1, cells - _LABEL - 24))
    return [
        _labelled("Rate", *_rate(row, found, now, cells, zone)),
        _labelled("Done", *_done(row, cells)),
        _labelled("Time left", *_left(row, found, now, cells, zone)),
        _labelled("Failures", *_failed(row, cells)),
        _labelled("Mails", *_mails(told, ink)),
        _labelled("Failing", *_shares(told, ink)),
        _labelled("", *_axis(told, now, zone)),
        *_trip_lines(row, now, zone),
    ]


def monitor_state(row: MonitorRow, now: datetime) -> Cell:
    """Return sign and word of how a sending goes."""
    return {
        Going.NOT_BEGUN: ("· not begun", "muted"),
        Going.UNDER_WAY: ("> under way", "info"),
        Going.OVER: ("✓ over", "text"),
        Going.STOPPED: ("! stands still", "warn"),
    }[pace(row, now).going]


def alarm_words(trips: Sequence[TripRow], *, narrow: bool = False) -> str:
    """Return the trips that ring in a few words for a title: "‼ hard bounces 3.1 %", "‼ 3 tripwires"; "" for none.

    Args:
        trips: the trips that stand.
        narrow: "‼ hard", "‼ 3 trips".
    """
    ringing = [trip for trip in trips if trip.rings]
    if not ringing:
        return ""
    if len(ringing) > 1:
        return f"{SIGN} {len(ringing):,} {'trips' if narrow else 'tripwires'}"
    return f"{SIGN} {ringing[0].wire if narrow else _short(ringing[0])}"


def wire_words(wire: Wire, domain: str = "") -> str:
    """Return a wire's name for people."""
    return f"{_WIRES[wire]} {domain}" if domain else _WIRES[wire]


def trip_state(trip: TripRow, now: datetime, zone: tzinfo | None = None) -> str:
    """Return how a trip stands: since when, who acknowledged it, how its hook ended."""
    parts = [f"since {_at(trip.tripped_at, now, zone)}"]
    if trip.over_at is not None:
        parts = [f"{_at(trip.tripped_at, now, zone)} to {_at(trip.over_at, now, zone)}"]
    if trip.acked_at is not None:
        parts.append(f"acknowledged by {trip.acked_by} at {_at(trip.acked_at, now, zone)}")
    if trip.hook_note:
        parts.append(trip.hook_note.rstrip("."))
    elif trip.hook_at is not None:
        parts.append("hook run" if trip.hook_note is not None else "hook running")
    return " · ".join(parts)


def limits_words(wires: Tripwires) -> str:
    """Return the limits of the wires that are on: "hard 2% · complaints 1 or 0.1% · domain 10%"."""
    complaints = [f"{wires.complaints:,}"] if wires.complaints is not None else []
    if wires.complaint_rate is not None:
        complaints.append(percent_text(wires.complaint_rate))
    limits = {
        "hard": wires.hard is not None and percent_text(wires.hard),
        "complaints": " or ".join(complaints),
        "domain": wires.domain is not None and percent_text(wires.domain),
        "deferred": wires.deferred is not None and percent_text(wires.deferred),
    }
    return " · ".join(f"{name} {limit}" for name, limit in limits.items() if limit) or "all are off"


def _short(trip: TripRow) -> str:
    if trip.wire is Wire.COMPLAINTS:
        return f"{number(trip.part)} {'complaint' if trip.part == 1 else 'complaints'}"
    return f"{wire_words(trip.wire, trip.domain)} {share_text(trip.part, trip.whole)}"


def _labelled(label: str, *pieces: Cell) -> Line:
    return ((f"{label:<{_LABEL}}", "muted"), *pieces)


def _rate(row: MonitorRow, found: Pace, now: datetime, cells: int, zone: tzinfo | None) -> list[Cell]:
    if found.going is Going.NOT_BEGUN:
        return [("Nothing was sent yet.", "text")]
    since = _at(row.last_at, now, zone)
    pieces: list[Cell] = []
    if found.going is Going.UNDER_WAY and found.now is not None:
        pieces = [(_per_minute(found.now), "strong"), (" a minute now", "text")]
        if cells >= _WIDE:
            pieces.append((f" (the last {NOW_MINUTES} minutes)", "muted"))
    elif found.going is Going.OVER:
        pieces = [("Sending seems over", "strong"), (f" since {since}", "text")]
    else:
        pieces = [("Nothing went out", "warn"), (f" since {since}", "text")]
    if found.average is not None:
        words = f" · {_per_minute(found.average)} on average from {_at(found.begin, now, zone)}"
        if found.going is not Going.UNDER_WAY:
            words += f" to {_at(found.end, now, zone, found.begin)}"
        pieces.append((words, "text"))
    return pieces


def _done(row: MonitorRow, cells: int) -> list[Cell]:
    words = f" · {number(row.settled)} of {number(row.to_send)} with an outcome"
    if cells >= _WIDE and row.campaign.skipped:
        words += f" ({number(row.campaign.skipped)} skipped)"
    return [(percent(row.settled, row.to_send), "strong"), (words, "text")]


def _left(row: MonitorRow, found: Pace, now: datetime, cells: int, zone: tzinfo | None) -> list[Cell]:
    deferred = f"{number(row.deferred)} deferred" if row.deferred else ""
    if found.going is Going.UNDER_WAY and found.left is not None and found.now is not None:
        end = _at(now + found.left, now, zone)
        per_minute = "a minute" if cells >= _WIDE else "/ min"
        how = f"{number(row.to_go)} to go at {_per_minute(found.now)} {per_minute}"
        more = f", and {deferred}" if deferred else ""
        until = f", until {end}" if cells >= _WIDE else f", to {end}"
        return [(f"~ {duration(_rounded(found.left))}", "strong"), (f"{until} · {how}{more}", "text")]
    if found.going is Going.UNDER_WAY and row.to_go:
        why = f"no outcome in the last {NOW_MINUTES} minutes"
        return [("no telling", "strong"), (f" · {number(row.to_go)} to go, but {why}", "text")]
    if row.to_go and found.going is not Going.NOT_BEGUN:
        more = f", and {deferred} wait" if deferred else ""
        return [(f"{number(row.to_go)} are not sent", "warn"), (more, "text")]
    if found.going is Going.NOT_BEGUN:
        return [(f"{number(row.to_send)} to be sent", "text")]
    return [(f"Nothing is left but {deferred}." if deferred else "Nothing is left to be sent.", "text")]


def _failed(row: MonitorRow, cells: int) -> list[Cell]:
    campaign = row.campaign
    other = campaign.failed - row.hard
    narrow = cells < _WIDE
    pieces: list[Cell] = [
        (f"{percent(row.hard, row.settled)} hard", "bad" if row.hard else "text"),
        ("" if narrow else f" ({number(row.hard)})", "muted"),
        (f" · {percent(other, row.settled)} otherwise", "text"),
        ("" if narrow else f" ({number(other)})", "muted"),
    ]
    noun = "complaint" if campaign.complained == 1 else "complaints"
    share = f" ({share_text(campaign.complained, campaign.delivered)})" if campaign.complained else ""
    pieces.append((" · ", "text"))
    pieces.append((f"{number(campaign.complained)} {noun}{share}", "bad" if campaign.complained else "text"))
    return pieces


def _mails(told: Course, ink: Ink) -> list[Cell]:
    most = max((slot.settled for slot in told.slots), default=0)
    if not most:
        return [("no outcome yet", "muted")]
    text = "".join(_block(slot.settled / most, ink) for slot in told.slots)
    return [(text, "good"), (f" up to {_per_minute(most / told.minutes)}/min", "muted")]


def _shares(told: Course, ink: Ink) -> list[Cell]:
    shares = [slot.failed / slot.settled if slot.settled else 0.0 for slot in told.slots]
    if not any(slot.settled for slot in told.slots):
        return []
    worst = max(shares)
    top = max(worst, _LEAST_TOP)
    text = "".join(_block(share / top, ink) for share in shares)
    if not worst:
        return [(text, "bad"), (" nothing failed", "muted")]
    slot = told.slots[shares.index(worst)]
    return [(text, "bad"), (f" up to {percent(slot.failed, slot.settled)}", "muted")]


def _axis(told: Course, now: datetime, zone: tzinfo | None) -> list[Cell]:
    """Return from when to when the slots above reach, how long each is, and what came after them."""
    if not told.slots:
        return []
    begin = told.slots[0].at
    end = told.slots[-1].at + timedelta(minutes=told.minutes)
    left, right = _at(begin, now, zone), _at(end, now, zone, begin)
    words = f"{left} to {right}, {duration(told.minutes * 60)} each"
    if told.later:
        words += f" · {number(told.later)} later"
        words += f", {number(told.later_failed)} of them failed" if told.later_failed else ""
    return [(words, "muted")]


def _trip_lines(row: MonitorRow, now: datetime, zone: tzinfo | None) -> list[Line]:
    if not row.trips:
        until = row.watched_until
        quiet = until is not None and until < now
        days = f"{row.wires.days} day{'' if row.wires.days == 1 else 's'}"
        state = f"quiet since {_at(until, now, zone)}, {days} after the last mail" if quiet else "none has tripped"
        return [_labelled("Tripwires", (state, "text")), _labelled("", (limits_words(row.wires), "muted"))]
    ordered = sorted(row.trips, key=lambda trip: (not trip.rings, -trip.tripped_at.timestamp()))
    if len(ordered) == 1:
        return [_labelled("Tripwires", _what(ordered[0])), _labelled("", (trip_state(ordered[0], now, zone), "muted"))]
    shown = ordered if len(ordered) <= TRIPS_SHOWN else ordered[: TRIPS_SHOWN - 1]
    lines = [
        _labelled(
            "" if index else "Tripwires",
            _what(trip),
            (f" {trip_state(trip, now, zone)}", "muted"),
        )
        for index, trip in enumerate(shown)
    ]
    if len(ordered) > len(shown):
        rest = ordered[len(shown) :]
        names = ", ".join(wire_words(trip.wire, trip.domain) for trip in rest)
        lines.append(_labelled("", (f"and {number(len(rest))} more: {names}", "warn")))
    return [*lines, *[_labelled("")] * (TRIPS_SHOWN - len(lines))]


def _what(trip: TripRow) -> Cell:
    return (f"{SIGN} {trip.why}", "refused") if trip.rings else (f"✓ {trip.why}", "text")


def _block(share: float, ink: Ink) -> str:
    """Return the character for a share of the tallest; what is not nothing is always seen."""
    levels = _ASCII_LEVELS if ink == ASCII else _COARSE_LEVELS if ink == COARSE else _LEVELS
    if share <= 0:
        return " "
    return levels[min(len(levels), max(1, math.ceil(share * len(levels)))) - 1]


def _per_minute(rate: float) -> str:
    return number(round(rate)) if rate >= 10 else f"{rate:.1f}".removesuffix(".0")


def _rounded(span: timedelta) -> int:
    """Return seconds in steps of a minute, so that an estimate does not tick."""
    return max(60, round(span / timedelta(minutes=1)) * 60)


def _at(when: datetime | None, now: datetime, zone: tzinfo | None, beside: datetime | None = None) -> str:
    """Return a time of the day, with the date unless it is that of ``now``, or of ``beside``, if that is given."""
    if when is None:
        return ""
    day = when.astimezone(zone).date()
    same = (beside if beside is not None else now).astimezone(zone).date()
    if day == same:
        return f"{when.astimezone(zone):%H:%M}"
    return moment(when, zone)


def _count_cell(deferring: Deferring) -> Cell:
    return number(deferring.row.n), "warn" if deferring.row.n else "muted"


def _words_cell(deferring: Deferring) -> Cell:
    row = deferring.row
    if not row.n:
        return "not deferred any more", "muted"
    return answer(row.words) or row.status or str(row.reply or ""), "text"


def _when_cell(deferring: Deferring) -> Cell:
    row = deferring.row
    if not row.n or row.since is None or row.last is None:
        return "", "muted"
    return span(row.since, row.last), "muted"


DEFERRING_COLUMNS: tuple[Column[Deferring], ...] = (
    Column(
        "domain",
        "Deferred by",
        lambda found: (found.row.domain or "(no domain)", "strong"),
        width=20,
        weight=1,
        limit=32,
        middle=True,
    ),
    Column("n", "Mails", _count_cell, width=8, align="right"),
    Column("when", "Since, last try", _when_cell, width=SPAN_CELLS, priority=2),
    Column("words", "Server's words", _words_cell, width=24, weight=4, priority=1),
)
"""Domain, mails, since when and the last try, and the words of the server then."""


def plain(line: Line) -> str:
    """Return a line as text."""
    return "".join(text for text, _ in line).rstrip()
