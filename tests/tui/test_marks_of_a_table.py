from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from store.asking import Selection
from tui.widgets.marks import IN_RANGE, MARKED, Marks

steps = st.lists(
    st.tuples(st.just("set"), st.frozensets(st.integers(1, 20)), st.booleans())
    | st.tuples(st.sampled_from(["all", "clear"]), st.just(frozenset()), st.just(True)),
    max_size=20,
)


@given(steps)
def test_marks_are_the_same_set_whether_kept_inside_out_or_not(made):
    marks, plain, every = Marks(), set(), set(range(1, 21))
    for name, ids, on in made:
        if name == "set":
            marks.set(ids, on)
            plain = plain | ids if on else plain - ids
        else:
            getattr(marks, name)()
            plain = set(every) if name == "all" else set()
        assert {number for number in every if number in marks} == plain
        assert marks.count(20) == len(plain)
        chosen = marks.selection()
        assert (every - chosen.ids if chosen.inverted else chosen.ids) == plain


def test_a_million_marked_rows_hold_no_id():
    marks = Marks()
    marks.all()
    marks.set([5], False)
    assert marks.selection() == Selection(frozenset({5}), inverted=True)
    assert marks.count(1_000_000) == 999_999


def test_a_range_is_shown_before_it_is_marked():
    marks = Marks()
    marks.begin_range(4)
    assert [marks.sign(number, number, 6) for number in (3, 4, 5, 6, 7)] == ["", IN_RANGE, IN_RANGE, IN_RANGE, ""]
    marks.leave_range()
    marks.set([4, 5, 6], True)
    assert [marks.sign(number, number, 6) for number in (3, 4)] == ["", MARKED]
