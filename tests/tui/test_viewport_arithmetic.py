from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.viewport import Viewport

moves = st.lists(
    st.tuples(st.sampled_from(["step_to", "turn", "resize"]), st.integers(-50, 2_000))
    | st.tuples(st.just("place"), st.tuples(st.integers(0, 500), st.integers(0, 500))),
    max_size=30,
)


@given(st.integers(0, 500), st.integers(1, 60), moves)
def test_the_cursor_is_always_in_sight_and_the_page_always_full(total, lines, steps):
    view = Viewport()
    view.place(0, total)
    view.resize(lines)
    for name, value in steps:
        if name == "place":
            view.place(*value)
        else:
            getattr(view, name)(value)
        assert 0 <= view.top
        assert view.top == 0 or view.top + view.lines <= view.total
        if view.total:
            assert view.sees(view.cursor)
            assert 0 <= view.cursor < view.total
        else:
            assert (view.cursor, view.top, view.last) == (0, 0, -1)


def view_of(total, lines):
    view = Viewport()
    view.place(0, total)
    view.resize(lines)
    return view


def test_past_the_edge_it_scrolls_by_half_a_page():
    view = view_of(1_000, 20)
    view.step_to(19)
    assert view.top == 0
    view.step_to(20)
    assert view.top == 10
    view.step_to(9)
    assert view.top == 0


def test_a_page_moves_cursor_and_rows_together():
    view = view_of(1_000, 20)
    view.step_to(5)
    view.turn(20)
    assert (view.cursor, view.top) == (25, 20)


def test_other_rows_keep_the_cursor_on_its_line_if_that_can_be():
    view = view_of(1_000, 20)
    view.step_to(7)
    view.place(500, 800)
    assert (view.cursor, view.top) == (500, 493)
