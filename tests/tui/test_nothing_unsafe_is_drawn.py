from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.content import Content
from textual.filter import Monochrome, NoColor
from textual.widgets import Input, Label, OptionList, Static

from tests.present.test_cells_are_exact import HOSTILE
from tests.tui.tables import Person, TableApp
from tui.widgets.line_filter import Colourless, SafeLines, line_filters, safe_style, safe_text
from tui.widgets.row_window import ListedRows

FORBIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
BLACK = Color(0, 0, 0)


def has_forbidden(text: str) -> bool:
    return any(unicodedata.category(char) in FORBIDDEN for char in text)


@given(st.text() | st.sampled_from(HOSTILE))
def test_text_keeps_its_width_and_loses_what_a_terminal_obeys(text):
    safe = safe_text(text)
    assert cell_len(safe) == cell_len(text)
    assert not has_forbidden(safe)


def test_safe_segments_pass_as_the_same_list():
    segments = [Segment("Anna", Style(bold=True)), Segment(" Berg")]
    assert SafeLines().apply(segments, BLACK) is segments


def test_links_and_actions_are_taken_out_of_styles_and_other_metadata_stays():
    style = Style(bold=True, link="https://evil.example") + Style.from_meta({"@click": "app.pwn", "offset": (1, 2)})
    safe = safe_style(style)
    assert safe.link is None
    assert safe.meta == {"offset": (1, 2)}
    assert safe.bold


def test_control_segments_are_dropped():
    segments = [Segment("\x1b[2J", None, [(1,)]), Segment("a\x1bb")]
    assert "".join(segment.text for segment in SafeLines().apply(segments, BLACK)) == "ab"


def test_without_colours_attributes_stay():
    style = Style(color="red", bgcolor="blue", reverse=True, bold=True)
    [segment] = Colourless().apply([Segment("x", style)], BLACK)
    assert (segment.style.color, segment.style.bgcolor) == (None, None)
    assert segment.style.reverse
    assert segment.style.bold


def test_no_color_replaces_the_filters_that_leave_greys():
    filters = line_filters([Monochrome(), NoColor()], no_color=True)
    assert [type(each) for each in filters] == [Colourless, SafeLines]
    assert [type(each) for each in line_filters([], no_color=False)] == [SafeLines]


class Hostile(App[None]):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.pwned = False

    def get_line_filters(self):
        return line_filters(super().get_line_filters(), self.no_color)

    def compose(self) -> ComposeResult:
        content = Content(self.text)
        yield Static(content)
        yield Label(content)
        yield OptionList(content)
        yield Input(self.text)
        titled = Static(content)
        titled.border_title = content
        titled.styles.border = ("solid", "white")
        yield titled

    def action_pwn(self) -> None:
        self.pwned = True


def drawn(app: App[None]) -> str:
    return "".join(strip.text for strip in app.screen._compositor.render_strips())


@pytest.mark.parametrize("text", [text for text in HOSTILE if has_forbidden(text) and "\ud800" not in text])
async def test_no_widget_draws_hostile_text_raw(text):
    app = Hostile(text)
    async with app.run_test(size=(60, 24)):
        assert not has_forbidden(drawn(app))


async def test_markup_in_a_mail_is_shown_as_typed_and_runs_nothing():
    app = Hostile("[/zz] [@click=app.pwn]x[/] [link='https://evil.example']y[/]")
    async with app.run_test(size=(90, 24)) as pilot:
        assert "[/zz] [@click=app.pwn]x[/]" in drawn(app)
        await pilot.click(Static, offset=(8, 0))
        await pilot.click(Static, offset=(23, 0))
        assert not app.pwned


async def test_an_action_that_came_as_markup_does_not_run_on_a_click():
    app = Hostile("")
    async with app.run_test(size=(60, 24)) as pilot:
        app.query_one(Static).update(Content.from_markup("[@click=app.pwn]press me[/]"))
        await pilot.pause()
        await pilot.click(Static, offset=(2, 0))
        await pilot.pause()
        assert not app.pwned


async def test_the_table_shows_hostile_rows_in_straight_columns():
    app = TableApp(0)
    async with app.run_test(size=(60, 40)):
        app.table.set_source(ListedRows([Person(number, text, "Town") for number, text in enumerate(HOSTILE)]))
        for y in range(1, len(HOSTILE) + 1):
            strip = app.table.render_line(y)
            assert not has_forbidden(strip.text)
            assert strip.cell_length == cell_len(strip.text) == 60
            assert cell_len(strip.text[: strip.text.index("Town")]) == cell_len(
                app.line(0)[: app.line(0).index("Town")]
            )
