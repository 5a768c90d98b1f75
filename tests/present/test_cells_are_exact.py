from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.present.cells import cut, fit, safe, squeeze, width, wrap

HOSTILE = [
    "\x1b]0;pwn\x07",
    "\x1b[2J",
    "\x9b31m",
    "a\u202egnp.exe",
    "\u200b\u200d\u2066\u061c",
    "na\u0308\u0308\u0308\u0308\u0308\u0308me",
    "\u0301starts with an accent",
    "👨‍👩‍👧 family",
    "👍🏽 skin",
    "🇩🇪 flag",
    "❤️ selector",
    "李波 wide",
    "a\u3000b\u00a0c",
    "\ud800 lone",
    "\U000e0041 tag",
    "\ue000 private",
    "tab\there\nthere\r",
    "[/zz] [@click=app.pwn]x[/]",
    "",
]
any_text = (
    st.text() | st.sampled_from(HOSTILE) | st.text(st.sampled_from("a李\u0301\u202e\x1b🇩👍🏽\u200d\ufe0f ")).map(str)
)


def is_harmless(text: str) -> bool:
    forbidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return not any(unicodedata.category(char) in forbidden for char in text)


@given(any_text, st.integers(0, 60), st.sampled_from(["left", "right", "center"]))
def test_any_text_gives_exactly_the_cells_asked_for_and_nothing_that_a_terminal_obeys(text, cells, align):
    fitted = fit(text, cells, align)
    assert cell_len(fitted) == cells
    assert is_harmless(fitted)


@given(any_text, st.integers(0, 60))
def test_cut_text_is_never_wider_and_ends_in_an_ellipsis_exactly_when_something_is_missing(text, cells):
    shortened = cut(text, cells)
    assert cell_len(shortened) <= cells
    whole = safe(text)
    assert shortened == whole or cells == 0 or shortened.endswith("…")


@given(any_text)
def test_making_safe_twice_changes_nothing_more(text):
    assert safe(safe(text)) == safe(text)


@given(any_text, st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_no_word(text, cells):
    lines = wrap(text, cells)
    assert lines
    assert all(width(line) <= cells and is_harmless(line) for line in lines)
    letters = [char for char in safe(text.replace("\n", " ").replace("\t", " ").replace("\r", " ")) if char.isalpha()]
    assert [char for line in lines for char in line if char.isalpha()] == letters


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_becomes_one_line_without_controls(text):
    assert is_harmless(safe(text))
    assert "\n" not in safe(text)


def test_plain_text_comes_back_as_the_same_object():
    text = "Anna Berg"
    assert safe(text) is text
    assert cut(text, 9) is text


def test_a_wide_character_is_never_cut_in_half():
    assert fit("李波", 3) == "李…"
    assert fit("a李波", 3) == "a… "


@given(any_text, st.integers(0, 60))
def test_text_squeezed_in_its_middle_fits_too(text, cells):
    assert cell_len(fit(text, cells, middle=True)) == cells
    assert is_harmless(squeeze(text, cells))


def test_an_address_that_is_too_long_keeps_both_ends():
    assert squeeze("noelly.francois@gmial.example", 21) == "noelly.fra…al.example"
    assert squeeze("a@b.example", 21) == "a@b.example"


def test_text_stands_where_the_column_wants_it():
    assert fit("7", 3, "right") == "  7"
    assert fit("ab", 5, "center") == " ab  "


def test_a_flag_becomes_its_letters_and_a_skin_tone_goes():
    assert safe("🇩🇪") == "DE"
    assert safe("👍🏽") == "👍"


def test_line_breaks_in_the_servers_words_are_kept_when_wrapping():
    assert wrap("550 5.1.1\nno such user\u240d\u240abye", 40) == ["550 5.1.1", "no such user", "bye"]
