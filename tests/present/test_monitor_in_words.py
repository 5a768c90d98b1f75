"""The send monitor's lines: always as many, never wider than asked, and what they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.rows.monitor import DeferredRow, MinuteRow, MonitorRow
from store.rows.tripwires import TripRow
from store.tripwires import Tripwires, Wire
from tests.present.made import campaign
from tui.present.cells import width
from tui.present.ink import ASCII, BLOCKS, COARSE
from tui.present.monitor import (
    DEFERRING_COLUMNS,
    LINES,
    Deferring,
    alarm_words,
    limits_words,
    monitor_lines,
    monitor_state,
    plain,
    trip_state,
)

NOW = datetime(2026, 3, 12, 14, 0, 30, tzinfo=UTC)
START = datetime(2026, 3, 12, 13, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def trip(id_: int = 1, wire: Wire = Wire.HARD, **more: object) -> TripRow:
    made = TripRow(id_, 1, "Autumn", "autumn", wire, "", 71, 2300, 2_000, START, None, None, None, None, None)
    return replace(made, **more)  # type: ignore[arg-type]


def row(count: int = 31, trips: tuple[TripRow, ...] = (), **more: int) -> MonitorRow:
    minutes = tuple(MinuteRow(START + n * MINUTE, 98, 1, 1) for n in range(count))
    known = {"delivered": 98 * count, "bounced": 2 * count, "ready": 600, "under_way": 50} | more
    made = campaign(planned=sum(known.values()), **known)
    last = minutes[-1].at if minutes else None
    return MonitorRow(made, minutes, count, known["under_way"], 0, (), 0, last, Tripwires(), trips)


def lines(found: MonitorRow, cells: int = 140, now: datetime = NOW) -> list[str]:
    return [plain(line) for line in monitor_lines(found, now, cells, BLOCKS, UTC)]


def test_a_sending_under_way_in_a_wide_terminal() -> None:
    assert lines(row()) == [
        "Rate       120 a minute now (the last 3 minutes) · 100 on average from 13:30",
        "Done       82.7 % · 3,100 of 3,750 with an outcome",
        "Time left  ~ 5 min, until 14:05 · 600 to go at 120 a minute, and 50 deferred",
        "Failures   1.0 % hard (31) · 1.0 % otherwise (31) · 0 complaints",
        f"Mails      {'█' * 31} up to 100/min",
        f"Failing    {'▄' * 31} up to 2.0 %",
        "           13:30 to 14:01, 1 min each",
        "Tripwires  none has tripped",
        "           hard 2% · complaints 1 or 0.1% · domain 10% · deferred 25%",
    ]


def test_the_same_in_80_columns_is_cut_nowhere() -> None:
    found = lines(row(ready=600_000, under_way=24_000), 78)
    assert found[0] == "Rate       120 a minute now · 100 on average from 13:30"
    assert found[2].startswith("Time left  ~ 3 days, to 2026-03-16 01:20 · 600,000 to go at 120 / min, and 24,000")


def test_a_sending_that_is_over_or_stands_still_has_no_rate() -> None:
    later = NOW + timedelta(days=30)
    over = lines(row(ready=0), now=later)
    assert over[0] == (
        "Rate       Sending seems over since 2026-03-12 14:00 · 100 on average from 2026-03-12 13:30 to 14:01"
    )
    assert over[2] == "Time left  Nothing is left but 50 deferred."
    still = lines(row(), now=later)
    assert still[0].startswith("Rate       Nothing went out since 2026-03-12 14:00")
    assert still[2] == "Time left  600 are not sent, and 50 deferred wait"
    assert [monitor_state(found, later)[0] for found in (row(ready=0), row())] == ["✓ over", "! stands still"]


def test_before_the_first_mail() -> None:
    found = lines(row(0, under_way=0))
    assert found[:3] == ["Rate       Nothing was sent yet.", "Done       0.0 % · 0 of 600 with an outcome", found[2]]
    assert found[2] == "Time left  600 to be sent"
    assert found[4] == "Mails      no outcome yet"


def test_trips_stand_with_their_numbers_and_the_rest_is_counted() -> None:
    one = lines(row(trips=(trip(),)))
    assert one[7] == "Tripwires  ‼ 3.1 % bounced hard (71 of 2,300; the limit is 2%)"
    assert one[8] == "           since 13:30"
    acked = trip(2, acked_at=NOW, acked_by="ann", hook_at=NOW, hook_note="")
    two = lines(row(trips=(acked, trip())))
    assert two[7].startswith("Tripwires  ‼ ")
    assert two[8].endswith("since 13:30 · acknowledged by ann at 14:00 · hook run")
    assert two[8].lstrip().startswith("✓ ")
    three = lines(row(trips=(acked, trip(), trip(3, Wire.DOMAIN, domain="gmail.example"))))
    assert three[8] == "           and 2 more: domain gmail.example, hard bounces"


def test_how_a_trip_and_its_hook_ended() -> None:
    over = trip(over_at=NOW, hook_at=NOW, hook_note="/bin/x failed with exit code 1.")
    assert trip_state(over, NOW, UTC) == "13:30 to 14:00 · /bin/x failed with exit code 1"
    assert trip_state(trip(hook_at=NOW), NOW, UTC) == "since 13:30 · hook running"


def test_the_title_says_in_a_few_words_what_rings() -> None:
    assert alarm_words(()) == ""
    assert alarm_words((trip(acked_at=NOW), trip(2, over_at=NOW))) == ""
    assert alarm_words((trip(),)) == "‼ hard bounces 3.1 %"
    assert alarm_words((trip(),), narrow=True) == "‼ hard"
    assert alarm_words((trip(wire=Wire.COMPLAINTS, part=1),)) == "‼ 1 complaint"
    assert alarm_words((trip(wire=Wire.DOMAIN, domain="gmail.example"),)) == "‼ domain gmail.example 3.1 %"
    assert alarm_words((trip(), trip(2))) == "‼ 2 tripwires"


def test_limits_in_words() -> None:
    assert limits_words(Tripwires(complaints=None)) == "hard 2% · complaints 0.1% · domain 10% · deferred 25%"
    off = Tripwires(hard=None, complaints=None, complaint_rate=None, domain=None, deferred=None)
    assert limits_words(off) == "all are off"


@pytest.mark.parametrize("ink", [BLOCKS, COARSE, ASCII])
@given(
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 9), st.integers(0, 9)), max_size=400),
    st.integers(40, 200),
    st.integers(-60, 100_000),
)
def test_there_are_always_as_many_lines_and_the_charts_fit(ink, counts, cells, minutes) -> None:  # type: ignore[no-untyped-def]
    made = tuple(MinuteRow(START + n * MINUTE, *each) for n, each in enumerate(counts) if any(each))
    found = replace(row(1), minutes=made, trips=(trip(),))
    drawn = monitor_lines(found, NOW + minutes * MINUTE, cells, ink, UTC)
    assert len(drawn) == LINES
    for line in drawn[4:6]:
        assert sum(width(text) for text, _ in line) <= cells


def test_a_domain_tells_what_its_server_said() -> None:
    deferred = DeferredRow("gmail.example", "gmail.example", 312, START, NOW, "4.7.1", 451, "451 Too many")
    cells = {column.key: column.cell(Deferring(1, deferred))[0] for column in DEFERRING_COLUMNS}
    assert (cells["domain"], cells["n"], cells["words"]) == ("gmail.example", "312", "451 Too many")
    gone = Deferring(1, replace(deferred, n=0))
    assert [column.cell(gone)[0] for column in DEFERRING_COLUMNS] == [
        "gmail.example",
        "0",
        "",
        "not deferred any more",
    ]
    logged = replace(deferred, words="host mx[192.0.2.1] said: 451 Too many (in reply to RCPT TO command)")
    assert DEFERRING_COLUMNS[-1].cell(Deferring(1, logged))[0] == "451 Too many"
    silent = Deferring(1, replace(deferred, words="", status=None))
    assert DEFERRING_COLUMNS[-1].cell(silent)[0] == "451"


def test_a_campaign_that_is_not_watched_any_more_says_since_when_it_is_quiet() -> None:
    found = replace(row(), watched_until=NOW - timedelta(days=2))
    assert "Tripwires  quiet since 2026-03-10 14:00, 3 days after the last mail" in lines(found)
    assert "Tripwires  none has tripped" in lines(replace(found, watched_until=NOW + timedelta(days=2)))
