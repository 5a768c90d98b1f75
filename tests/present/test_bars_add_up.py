from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from store.vocabulary import Bucket
from tests.present.made import campaign
from tui.present.bars import DOES_NOT_ADD_UP, bar, bar_cells, legend, shares
from tui.present.campaigns import CAMPAIGN_COLUMNS, bar_cell, bounce_rate, click_rate, open_rate
from tui.present.cells import width
from tui.present.words import BUCKET_LOOKS

counts = st.dictionaries(st.sampled_from(Bucket), st.integers(0, 3) | st.integers(0, 2_000_000))


@given(counts, st.integers(0, 200))
def test_a_bar_is_exactly_as_wide_as_asked(made, cells):
    assert width(bar(made, cells)) == cells
    assert sum(width(text) for text, _ in bar_cells(made, cells)) == cells


@given(counts, st.integers(7, 200))
def test_every_bucket_with_a_recipient_is_seen_and_no_other(made, cells):
    given_cells = shares(made, cells)
    assert sum(given_cells.values()) == (cells if any(made.values()) else 0)
    for bucket in Bucket:
        assert (given_cells[bucket] > 0) == (made.get(bucket, 0) > 0)


@given(counts, st.integers(20, 200))
def test_a_bucket_twice_as_full_is_never_drawn_shorter(made, cells):
    given_cells = shares(made, cells)
    for one in Bucket:
        for other in Bucket:
            if made.get(one, 0) >= 2 * made.get(other, 0):
                assert given_cells[one] >= given_cells[other]


def test_a_full_bar_reads_from_delivered_to_ready():
    made = {Bucket.DELIVERED: 60, Bucket.BOUNCED: 30, Bucket.READY: 10}
    assert bar(made, 10) == "━━━━━━✗✗✗·"


def test_one_bounce_among_a_million_is_seen():
    assert bar({Bucket.DELIVERED: 999_999, Bucket.BOUNCED: 1}, 10) == "━━━━━━━━━✗"


def test_the_legend_names_every_bucket_and_the_plan():
    row = campaign(planned=1_003, delivered=1_000, bounced=3, strangers=2)
    text = "".join(piece for piece, _ in legend(row, 100))
    assert text == "━ 1,000 delivered  ✗ 3 bounced  of 1,003 planned  + 2 strangers"


def test_in_a_narrow_place_the_legend_loses_its_blanks_and_then_its_words():
    row = campaign(planned=1_003, delivered=1_000, bounced=3)
    assert "".join(piece for piece, _ in legend(row, 36)) == "━1,000 delivered ✗3 bounced of 1,003"
    assert "".join(piece for piece, _ in legend(row, 28)) == "━1,000 delivered ✗3 bounced "
    assert "".join(piece for piece, _ in legend(row, 20)) == "━1,000 ✗3 of 1,003"


def test_a_campaign_that_does_not_add_up_says_so_in_red():
    row = campaign(planned=5, delivered=3)
    assert legend(row, 100)[0] == (f"{DOES_NOT_ADD_UP}  ", "refused")
    assert bar_cell(row) == ("does not add up", "refused")


def test_rates_are_shares_of_what_could_be():
    row = campaign(planned=210, delivered=100, opened=40, clicked=5, bounced=60, expired=20, rejected=20, ready=10)
    assert (open_rate(row), click_rate(row), bounce_rate(row)) == ("40.0 %", "5.0 %", "50.0 %")


def test_every_campaign_cell_is_text_in_a_known_style():
    for row in (campaign(), campaign(planned=2, delivered=1, bounced=1, open_bounces=1)):
        for column in CAMPAIGN_COLUMNS:
            text, style = column.cell(row)
            assert isinstance(text, str)
            assert style


def test_each_bucket_of_the_vocabulary_has_a_look():
    assert set(BUCKET_LOOKS) == set(Bucket)
