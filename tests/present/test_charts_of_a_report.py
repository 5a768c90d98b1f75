from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from store.figures import scale
from store.rates import benchmark, differences
from store.rows import CampaignRow, LinkRow
from store.rows.reports import FIRST_HOURS, ComparisonRow, OpeningsRow, ReportRow
from tests.present.made import NOON, campaign
from tui.present.cells import width
from tui.present.charts import links_chart, openings_chart, week_chart
from tui.present.colours import STYLE_NAMES
from tui.present.history import Line
from tui.present.ink import ASCII, BLOCKS, COARSE, Ink, bar, ink_for, ruler, stacked
from tui.present.report import Manner, report_lines

LATER = NOON + timedelta(days=9)
BERLIN = timezone(timedelta(hours=1), "CET")
QUARTER = timedelta(minutes=15)


def openings(*hours: int, later: int = 0, before: int = 0, at: datetime = NOON) -> OpeningsRow:
    """Return openings in the first hours, and in the quarters in which these begin."""
    full = (*hours, *(0,) * (FIRST_HOURS - len(hours)))
    quarters = [(at + timedelta(hours=hour), count) for hour, count in enumerate(hours) if count]
    quarters += [(at + timedelta(days=5), later)] if later else []
    quarters[:0] = [(at - QUARTER, before)] if before else []
    return OpeningsRow(full, before, later, tuple(quarters))


def sent(**more: object) -> CampaignRow:
    known = {
        "planned": 1000,
        "skipped": 40,
        "delivered": 900,
        "bounced": 50,
        "expired": 10,
        "opened": 30,
        "clicked": 12,
        "machine": 9,
    }
    return campaign(**known | more)


def link(id_: int, url: str, clicks: int, machine: int = 0) -> LinkRow:
    return LinkRow(id_, 1, url, clicks, clicks, machine, NOON, NOON)


def made(row: CampaignRow | None = None, **more: object) -> ReportRow:
    row = row or sent()
    links = (link(1, "https://example.org/offer", 8, 4), link(2, "https://example.org/way", 3))
    known = {
        "links": links,
        "people": openings(16, 8, 4, later=2),
        "machines": openings(9),
        "unknown": 45,
    }
    return ReportRow(row, 0, benchmark(row, []), **known | more)  # type: ignore[arg-type]


def drawn(lines: list[Line]) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in lines]


@pytest.mark.parametrize(
    ("value", "most", "cells", "ink", "expected"),
    [
        (8, 8, 4, BLOCKS, "████"),
        (4, 8, 4, BLOCKS, "██"),
        (5, 8, 4, BLOCKS, "██▌"),
        (5, 8, 4, COARSE, "██▌"),
        (5, 8, 4, ASCII, "##"),
        (1, 1000, 4, BLOCKS, "▏"),
        (1, 1000, 4, COARSE, "▌"),
        (1, 1000, 4, ASCII, "#"),
        (9, 8, 4, BLOCKS, "████"),
        (0, 8, 4, BLOCKS, ""),
        (3, 0, 4, BLOCKS, ""),
    ],
)
def test_a_bar_is_as_long_as_its_value_and_never_hides_one(
    value: int, most: int, cells: int, ink: Ink, expected: str
) -> None:
    assert bar(value, most, cells, ink) == expected


def test_machines_stand_behind_people_and_both_are_seen() -> None:
    assert stacked(4, 4, 8, 8, BLOCKS) == ("████", "░░░░")
    assert stacked(1, 1, 1000, 8, BLOCKS) == ("▏", "░")
    assert stacked(1000, 1, 1001, 8, BLOCKS) == ("███████", "░")
    assert stacked(0, 8, 8, 8, ASCII) == ("", "::::::::")


@pytest.mark.parametrize(("most", "end"), [(0, 1), (1, 1), (3, 4), (5, 5), (7, 8), (9, 10), (141, 200), (4001, 5000)])
def test_a_scale_ends_with_a_round_number(most: int, end: int) -> None:
    assert scale(most) == end


def test_the_scale_under_bars_shows_its_middle_where_there_is_room() -> None:
    assert ruler("20 people", "10", 30, BLOCKS) == "└0──────────────┴10───20 people"
    assert ruler("20", "10", 6, ASCII) == "+0---20"


def test_the_first_openings_are_drawn_in_as_many_hours_as_fit() -> None:
    report = made(people=openings(16, 8, 4, 0, 0, 2, later=2))
    lines = drawn(openings_chart(report, 60, 4, LATER, BLOCKS, BERLIN))
    assert lines == [
        "First openings in 48 hours",
        "from 2026-03-12 13:00 CET (UTC+1)",
        " 0-12 h  Thu 13:00 │█████████████████████████▌░░░░░░░  30 +9",
        "12-24 h  Fri 01:00 │                                    0",
        "24-36 h  Fri 13:00 │                                    0",
        "36-48 h  Sat 01:00 │                                    0",
        "                   └0────────────────────40 recipients",
        "█ people 32  ░ machines only 9  2 later",
    ]
    hourly = drawn(openings_chart(report, 60, 48, LATER, ASCII, BERLIN))
    assert len(hourly) == 2 + 48 + 2
    assert hourly[2] == "  0-1 h  Thu 13:00 |##############:::::::              16 +9"
    assert hourly[7] == "  5-6 h  Thu 18:00 |##                                  2"


def test_hours_that_are_still_to_come_have_no_number() -> None:
    lines = drawn(openings_chart(made(), 60, 4, NOON + timedelta(hours=13), BLOCKS, UTC))
    assert lines[2].endswith(" 0")
    assert lines[3] == "24-36 h  Fri 12:00 │"


def test_openings_before_the_sending_are_told_as_what_they_are() -> None:
    lines = drawn(openings_chart(made(people=openings(1, before=3)), 78, 4, LATER, BLOCKS, UTC))
    assert lines[-1] == "█ people 4  ░ machines only 9  3 before it (clocks)"
    unsent = made(campaign(started_at=None))
    assert drawn(openings_chart(unsent, 78, 4, LATER, BLOCKS, UTC))[1] == "  When its sending began is not known."


def test_the_hours_of_the_week_are_a_map_in_the_zone_of_the_operator() -> None:
    lines = drawn(week_chart(made(), 64, BLOCKS, BERLIN))
    assert lines == [
        "Best hours" + "hours in CET (UTC+1)".rjust(54),
        "    0   2   4   6   8   10  12  14  16  18  20  22      all",
        "Mon ················································      0",
        "Tue ··························░░····················      2",
        "Wed ················································      0",
        "Thu ··························██▒▒░░················     28",
        "Fri ················································      0",
        "Sat ················································      0",
        "Sun ················································      0",
        "    · none  ░ 1-4  ▒ 5-8  ▓ 9-12  █ 13-16  first openings",
        "Best: Thu 13-14 h (16), Thu 14-15 h (8), Thu 15-16 h (4)",
        "The hours after a sending are always the fullest.",
    ]
    narrow = drawn(week_chart(made(), 40, ASCII, BERLIN))
    assert narrow[1] == "    0     6     12    18        all"
    assert narrow[5] == "Thu              #:.             28"
    wide = drawn(week_chart(made(), 90, BLOCKS, BERLIN))
    assert wide[1].startswith("    0  1  2  3  ")
    assert wide[5].startswith("Thu ·· ·· ··")


def test_few_openings_have_a_legend_without_empty_steps() -> None:
    lines = drawn(week_chart(made(people=openings(1)), 64, BLOCKS, BERLIN))
    assert lines[9] == "    · none  █ 1  first openings"


def test_links_are_drawn_by_clicks_and_the_rest_is_counted() -> None:
    links = (link(3, "https://example.org/last", 1), *(made().links or ()))
    assert drawn(links_chart(made(links=links), 60, 2, BLOCKS)) == [
        "Clicks by link                                       3 links",
        "example.org/offer        │███████████▋░░░░░             8 +4",
        "example.org/way          │████▍                         3",
        "                         └0─────────────┴10───20 clicks",
        "█ people 12  ░ machines 4  and 1 more link with 1 click",
    ]


def test_what_is_not_read_yet_is_announced() -> None:
    bare = ReportRow(sent(), 0, benchmark(sent(), []))
    text = drawn(report_lines(bare, Manner(78, 22, LATER, zone=UTC)))
    assert text.count("  Reading…") == 3
    assert "     unknown │" + "Reading…".rjust(64) in text


def test_buckets_that_do_not_add_up_are_said_to() -> None:
    text = drawn(report_lines(made(sent(planned=1003)), Manner(78, 22, LATER, zone=UTC)))
    assert "!! does not add up: 3 are missing" in text


def test_a_young_campaign_is_said_to_be_young() -> None:
    young = drawn(report_lines(made(), Manner(78, 22, NOON + timedelta(hours=3), zone=UTC)))
    assert "Its sending began 3 h ago: openings and clicks still come in." in young
    assert not any("still come in" in line for line in drawn(report_lines(made(), Manner(78, 22, LATER))))


def compared(report: ReportRow) -> ReportRow:
    other = sent(id=2, name="Spring letter", opened=300)
    rows = differences(report.campaign, other)
    return replace(report, comparison=ComparisonRow(other, rows, 12))


def test_two_campaigns_stand_side_by_side_with_a_plain_word() -> None:
    lines = drawn(report_lines(compared(made()), Manner(78, 22, LATER, zone=UTC)))
    assert lines[0] == "A Autumn newsletter  beside  B Spring letter"
    assert lines[1].split() == ["Share", "A", "B", "A", "less", "B", "95", "%", "interval", "difference"]
    assert "opened         3.3 %  33.3 %    -30.00  -33.30 to -26.69  more than chance" in lines
    assert next(line for line in lines if line.startswith("clicked")).endswith("may be chance")
    assert any("12 people are in both plans" in line for line in lines)


def test_figures_stand_in_place_of_charts() -> None:
    lines = drawn(report_lines(made(), Manner(78, 22, LATER, figures=True, zone=BERLIN)))
    assert "  0-1 h  Thu 12 13:00       16              9  53.3 %" in lines
    assert any(line.split() == ["all", "30", "9"] for line in lines)
    assert any(line.split() == ["13-14", "h", "0", "2", "0", "16", "0", "0", "0", "18"] for line in lines)
    assert any(line.split() == ["example.org/offer", "8", "8", "4"] for line in lines)
    assert not any("░" in line for line in lines if line.startswith(("  0-1", "example")))


@pytest.mark.parametrize("ink", [BLOCKS, COARSE, ASCII])
@pytest.mark.parametrize("figures", [False, True])
@pytest.mark.parametrize("cells", [40, 60, 78, 100, 112, 138, 198])
def test_no_line_is_wider_than_the_screen_and_every_style_is_known(cells: int, figures: bool, ink: Ink) -> None:
    hostile = made(
        sent(name="[bold]\N{HANGUL SYLLABLE HAN}" * 30),
        links=(link(1, "https://example.org/" + "x" * 300, 10**6, 10**7), link(2, "한국어.example/" * 20, 0, 3)),
        people=openings(10**6, 1, later=10**5),
    )
    for line in report_lines(compared(hostile), Manner(cells, 30, LATER, figures, UTC, ink)):
        assert sum(width(text) for text, _ in line) <= cells
        assert {style for _, style in line} <= set(STYLE_NAMES)


def test_plain_characters_are_plain() -> None:
    links = (link(1, "https://example.org/offer", 8, 4),)
    text = "\n".join(drawn(report_lines(made(links=links), Manner(78, 22, LATER, zone=UTC, ink=ASCII))))
    assert text.isascii()


@pytest.mark.parametrize(
    ("encoding", "environment", "ink"),
    [
        ("utf-8", {"TERM": "xterm-256color"}, BLOCKS),
        ("UTF8", {}, BLOCKS),
        ("utf-8", {"TERM": "linux"}, COARSE),
        ("latin-1", {"TERM": "xterm"}, ASCII),
        (None, {}, ASCII),
        ("utf-8", {"AFTERSEND_ASCII": "1"}, ASCII),
    ],
)
def test_the_characters_are_those_that_the_terminal_has(
    encoding: str | None, environment: dict[str, str], ink: Ink
) -> None:
    assert ink_for(encoding, environment) is ink
