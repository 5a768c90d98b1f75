from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tui.present.campaigns import CAMPAIGN_COLUMNS
from tui.present.columns import Column, gap_for, share
from tui.present.journal import JOURNAL_COLUMNS
from tui.present.links import CLICKER_COLUMNS, LINK_COLUMNS
from tui.present.lists import LIST_COLUMNS
from tui.present.recipients import recipient_columns

TABLES = [
    CAMPAIGN_COLUMNS,
    recipient_columns(),
    recipient_columns(several=True),
    LINK_COLUMNS,
    CLICKER_COLUMNS,
    LIST_COLUMNS,
    JOURNAL_COLUMNS,
]


def column(key, width, **more):
    return Column(key, key, lambda row: ("", "text"), width, **more)


columns = st.lists(
    st.builds(
        column,
        st.text("abc", min_size=1),
        st.integers(1, 30),
        weight=st.integers(0, 4),
        limit=st.sampled_from([0, 30, 50]),
        priority=st.integers(0, 5),
    ),
    min_size=1,
    max_size=9,
)


@given(columns, st.integers(1, 250))
def test_slots_never_overlap_and_never_leave_the_line(made, width):
    slots = share(made, width)
    assert slots
    assert slots[-1].x + slots[-1].width <= width
    for left, right in pairwise(slots):
        assert right.x == left.x + left.width + gap_for(width)
        assert right.index > left.index
    assert all(slot.width > 0 for slot in slots)


@given(st.sampled_from(TABLES), st.integers(77, 250))
def test_in_our_tables_no_column_is_narrower_than_it_wants_from_80_columns_on(made, width):
    for slot in share(made, width):
        assert slot.width >= made[slot.index].width


def test_the_column_with_the_highest_priority_number_goes_first_and_the_rightmost_of_equals():
    made = [column("a", 10), column("b", 10, priority=2), column("c", 10, priority=2), column("d", 10, priority=1)]
    assert [slot.index for slot in share(made, 33)] == [0, 1, 3]
    assert [slot.index for slot in share(made, 22)] == [0, 3]
    assert [slot.index for slot in share(made, 10)] == [0]


def test_spare_cells_go_to_flexible_columns_by_weight_up_to_their_limit():
    made = [column("a", 10), column("b", 10, weight=1, limit=12), column("c", 10, weight=3)]
    assert [slot.width for slot in share(made, 72)] == [10, 12, 48]


def test_a_column_for_wide_tables_leaves_its_room_to_the_others_in_narrow_ones():
    made = [column("a", 10, weight=1), column("b", 10, since=40)]
    assert [slot.width for slot in share(made, 39)] == [39]
    assert [slot.width for slot in share(made, 40)] == [29, 10]


def test_at_80_columns_state_name_address_and_reason_are_all_there():
    made = recipient_columns()
    assert [made[slot.index].key for slot in share(made, 77)] == ["state", "name", "address", "reason"]


def test_at_80_columns_a_campaign_shows_its_bar_and_its_rates():
    shown = [CAMPAIGN_COLUMNS[slot.index].key for slot in share(CAMPAIGN_COLUMNS, 77)]
    assert {"name", "state", "bar", "opened", "clicked", "bounced", "open_bounces"} <= set(shown)
