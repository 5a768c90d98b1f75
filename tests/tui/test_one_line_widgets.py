from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from store.rows import CampaignRow
from tests.present.made import campaign
from tui.widgets.bucket_bar import BucketBar
from tui.widgets.key_bar import KeyBar, fitting
from tui.widgets.status_line import StatusLine
from tui.widgets.text_lines import TextLines

PAIRS = [("?", "Help"), ("/", "Filter"), ("Space", "Mark"), ("b", "Bounced hard")]


class Lines(App[None]):
    def compose(self) -> ComposeResult:
        self.status = StatusLine("left words", "12/90")
        self.buckets = BucketBar()
        self.text = TextLines(lambda cells: [((f"{number} of {cells}", "text"),) for number in range(30)])
        self.keys = KeyBar(PAIRS)
        yield from (self.status, self.buckets, self.text, self.keys)


def words(widget, y=0):
    return widget.render_line(y).text


async def test_the_key_bar_shows_as_many_keys_as_fit_and_cuts_none():
    app = Lines()
    async with app.run_test(size=(34, 10)) as pilot:
        assert words(app.keys).rstrip() == " ? Help  / Filter  Space Mark"
        await pilot.resize_terminal(60, 10)
        assert words(app.keys).rstrip().endswith("b Bounced hard")
        app.keys.show(PAIRS[:1])
        assert words(app.keys).rstrip() == " ? Help"
        assert app.keys.pairs == (("?", "Help"),)


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=12)), max_size=8), st.integers(5, 100))
def test_keys_never_take_more_cells_than_there_are(pairs, cells):
    shown = fitting(pairs, cells)
    assert sum(cell_len(key) + cell_len(label) + 3 for key, label in shown) <= cells


def status_words(app):
    return "".join(words(end) for end in app.status.children)


async def test_a_status_change_repaints_only_the_end_that_differs(monkeypatch):
    app = Lines()
    async with app.run_test(size=(40, 10)):
        assert status_words(app) == "left words                         12/90"
        painted: list[str] = []
        _, left, right = app.status.children
        monkeypatch.setattr(left, "refresh", lambda *_, **__: painted.append("left"))
        monkeypatch.setattr(right, "refresh", lambda *_, **__: painted.append("right"))
        app.status.show(right="13/90")
        app.status.show(right="13/90")
        assert painted == ["right"]
        app.status.show(left="other", style="refused")
        assert painted == ["right", "left", "right"]
        assert app.status.text == ("other", "13/90")


async def test_an_alarm_stands_before_everything_and_leaves_no_gap_when_it_is_over():
    app = Lines()
    async with app.run_test(size=(40, 10)) as pilot:
        app.status.alarm(" ‼ rings ")
        await pilot.pause()
        assert status_words(app) == " ‼ rings left words                12/90"
        app.status.alarm("")
        await pilot.pause()
        assert status_words(app) == "left words                         12/90"


async def test_where_both_ends_do_not_fit_the_left_one_is_cut():
    app = Lines()
    async with app.run_test(size=(24, 10)) as pilot:
        app.status.show("a long sentence about something", "12/90")
        assert status_words(app) == "a long sentence…   12/90"
        app.status.show(right="1,000/1,000")
        await pilot.pause()
        assert status_words(app) == "a long …     1,000/1,000"


async def test_the_bucket_bar_shows_bar_and_numbers():
    app = Lines()
    async with app.run_test(size=(60, 10)):
        assert words(app.buckets).strip() == ""
        row: CampaignRow = campaign(planned=4, delivered=3, bounced=1)
        app.buckets.show(row)
        assert set(words(app.buckets).strip()) == {"━", "✗"}
        assert len(words(app.buckets).strip()) == 58
        assert words(app.buckets, 1).strip() == "━ 3 delivered  ✗ 1 bounced  of 4 planned"
        app.buckets.show(campaign(planned=5, delivered=3, bounced=1))
        assert words(app.buckets, 1).strip().startswith("!! does not add up")


async def test_lines_scroll_and_are_made_anew_for_another_width():
    app = Lines()
    async with app.run_test(size=(40, 14)) as pilot:
        text = app.text
        assert words(text).strip() == "0 of 38"
        told = []
        text.on_scroll = lambda *numbers: told.append(numbers)
        text.action_page_down()
        assert words(text).strip() == "9 of 38"
        assert told == [(9, 10, 30)]
        text.action_last()
        assert words(text, 9).strip() == "29 of 38"
        text.action_line_up()
        assert words(text, 9).strip() == "28 of 38"
        text.action_page_up()
        text.action_first()
        text.action_line_down()
        await pilot.resize_terminal(30, 14)
        assert words(text).strip() == "1 of 28"
        text.show(lambda cells: [(("only line", "strong"),)])
        assert words(text).strip() == "only line"
        assert words(text, 1).strip() == ""
