from __future__ import annotations

from rich.color import Color, ColorSystem

from store.rows import ClickerRow, JournalRow, LinkRow, ListRow
from store.vocabulary import Delivery, Engagement, ListKind, Triage
from tests.present.made import NOON, later, recipient
from tui.present.colours import ANSI, DARK, LIGHT, STYLE_NAMES, THEMES, palette_of, theme_for
from tui.present.journal import JOURNAL_COLUMNS, sentence_cell
from tui.present.links import CLICKER_COLUMNS, LINK_COLUMNS, url_cell
from tui.present.lists import LIST_COLUMNS, list_line
from tui.present.recipients import address_cell, name_cell, reason_cell, recipient_columns
from tui.present.times import moment


def cells(columns, row):
    return {column.key: column.cell(row) for column in columns}


def test_every_cell_has_text_and_a_known_style():
    link = LinkRow(1, 1, "https://example.org/a", 5, 3, 0, NOON, None)
    clicker = ClickerRow(1, "a@example.org", "", "", 2, 1, NOON, NOON)
    made = ListRow(1, ListKind.REMINDER, "Second try", None, None, 1200, NOON, "ute", "")
    entry = JournalRow(1, NOON, "ute", "desk", "block", "Blocked 3", 3, None, True)
    tables = [(LINK_COLUMNS, link), (CLICKER_COLUMNS, clicker), (LIST_COLUMNS, list_line(made))]
    tables += [(JOURNAL_COLUMNS, entry)]
    tables += [(recipient_columns(several), recipient(sent_at=NOON, clicks=2)) for several in (False, True)]
    for columns, row in tables:
        for text, style in cells(columns, row).values():
            assert isinstance(text, str)
            assert style in STYLE_NAMES


def test_a_link_is_shown_without_its_scheme_unless_it_is_an_unusual_one():
    assert url_cell(LinkRow(1, 1, "https://example.org/a", 0, 0, 0, None, None))[0] == "example.org/a"
    assert url_cell(LinkRow(1, 1, "http://example.org/a", 0, 0, 0, None, None))[0] == "http://example.org/a"


def test_a_fixed_address_shows_both():
    assert address_cell(recipient(contact_address="anna@example.com"))[0] == "anna@example.org → anna@example.com"
    assert address_cell(recipient())[0] == "anna@example.org"


def test_a_recipient_without_a_name_is_no_empty_cell():
    assert name_cell(recipient(name="")) == ("-", "muted")


def test_a_cause_nobody_decided_about_is_not_quiet():
    assert reason_cell(recipient(reason="userunknown", triage=Triage.OPEN)) == ("unknown user", "text")
    assert reason_cell(recipient(reason="userunknown", triage=Triage.DONE)) == ("unknown user", "muted")


def test_who_did_not_fail_shows_since_when_the_state_holds():
    row = recipient(sent_at=NOON, delivered_at=later(days=1), opened_at=later(days=2), engagement=Engagement.OPENED)
    assert reason_cell(row) == (moment(later(days=2)), "muted")
    assert reason_cell(recipient(sent_at=NOON, delivered_at=later(days=1))) == (moment(later(days=1)), "muted")
    assert reason_cell(recipient(delivery=Delivery.READY)) == ("", "muted")


def test_what_was_undone_says_so():
    assert sentence_cell(JournalRow(1, NOON, "u", "", "block", "Blocked 3", 3, NOON, True))[0] == "(undone) Blocked 3"


def test_recipients_of_several_campaigns_name_theirs():
    assert "Campaign" in [column.title for column in recipient_columns(several=True)]
    assert "Campaign" not in [column.title for column in recipient_columns()]


def test_every_palette_knows_every_style():
    for palette in (DARK, LIGHT, ANSI):
        assert set(palette.styles) == set(STYLE_NAMES)
        assert palette.style("no such style") == palette.style("text")


def test_the_ansi_palette_uses_no_colour_beyond_the_sixteen_and_reverses_the_cursor_row():
    for style in ANSI.styles.values():
        for colour in (style.color, style.bgcolor):
            assert colour is None or colour.is_default or (colour.number is not None and colour.number < 16)
    assert ANSI.style("cursor").reverse


def test_in_every_palette_a_focused_cursor_row_differs_from_an_unfocused_one_and_from_plain_text():
    for palette in (DARK, LIGHT, ANSI):
        assert len({palette.style(name) for name in ("cursor", "cursor-blurred", "text")}) == 3


def test_in_256_colours_the_grounds_of_the_dark_palette_stay_apart():
    grounds = [DARK.style(name).bgcolor for name in ("header", "cursor", "cursor-blurred", "refused")]
    grounds.append(Color.parse(next(theme.background for theme in THEMES if theme.name == DARK.name)))
    assert len({ground.downgrade(ColorSystem.EIGHT_BIT).number for ground in grounds}) == len(grounds)


def test_the_theme_follows_what_the_terminal_can_show():
    assert theme_for("truecolor", no_color=False) == DARK.name
    assert theme_for("256", no_color=False, light=True) == LIGHT.name
    assert theme_for("standard", no_color=False) == ANSI.name
    assert theme_for("truecolor", no_color=True) == ANSI.name


def test_a_foreign_theme_gets_the_nearest_palette():
    assert palette_of("nord") is DARK
    assert palette_of("textual-light", dark=False) is LIGHT
    assert palette_of("ansi-dark", ansi=True) is ANSI
    assert [palette_of(theme.name).name for theme in THEMES] == [theme.name for theme in THEMES]
