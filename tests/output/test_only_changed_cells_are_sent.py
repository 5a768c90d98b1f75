"""Any picture after any other: what is sent turns the one into the other, whatever the terminal can do."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pyte
import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tests.output.screens import Erasing, unlike
from tui.output.picture import Picture
from tui.output.terminal import Terminal

XTERM = Terminal(colours_erased=True, erases_characters=True)
TERMINALS = {"xterm": (XTERM, pyte.Screen), "without bce": (Terminal(), Erasing)}
COLUMNS, LINES = 60, 8
GLYPHS = ("a", "b", "x", " ", " ", " ", " ", "✓", "·", "漢", "é", "🎉", "e\u0301")
PENS = [
    Style(),
    Style(color="red"),
    Style(bgcolor="#14161a"),
    Style(color="#7fd088", bgcolor="#14161a"),
    Style(color="#7fd088", bgcolor="#2c5282", bold=True),
    Style(color="white", bgcolor="#2c5282", bold=True, dim=True),
    Style(color="color(201)", underline=True, italic=True),
    Style(reverse=True, bgcolor="blue"),
    Style(strike=True, bold=True),
    Style(underline2=True),
    Style(color="default", bgcolor="default"),
]


class Sent:
    """A picture and the terminal that it is sent to, beside one that is sent whole lines."""

    def __init__(self, terminal: Terminal, screen: type[pyte.Screen]) -> None:
        self.picture = Picture(terminal, ColorSystem.TRUECOLOR)
        self.screens = [screen(COLUMNS, LINES), pyte.Screen(COLUMNS, LINES)]
        for each in self.screens:
            each.reset_mode(pyte.modes.DECAWM)
        self.diff, self.plain = (pyte.Stream(each) for each in self.screens)
        self.bytes = 0

    def show(self, lines: Sequence[Strip], *, now: bool = True) -> None:
        update = LayoutUpdate([[line] for line in lines], Region(0, 0, COLUMNS, LINES))
        self.plain.feed("".join(f"\x1b[{y}H{_plain(line)}" for y, line in enumerate(lines, start=1)))
        self.picture.take(update)
        if now:
            self.send()

    def send(self) -> str:
        frame = self.picture.frame()
        self.diff.feed(frame)
        self.bytes += len(frame)
        return frame

    def check(self) -> None:
        assert unlike(*self.screens) == []


def _plain(line: Strip) -> str:
    return "".join(Strip.render_style(style or Style(), text, ColorSystem.TRUECOLOR) for text, style, _ in line)


def strip(dice: random.Random) -> Strip:
    segments: list[Segment] = []
    left = COLUMNS
    while left:
        text = dice.choice(GLYPHS) * dice.choice((1, 1, 2, 3, 5, 14))
        segment = Segment(text, dice.choice(PENS))
        if segment.cell_length > left:
            segment = Segment(" " * left, dice.choice(PENS))
        segments.append(segment)
        left -= segment.cell_length
    return Strip(segments, COLUMNS)


def words(text: str, style: Style | None = None) -> Strip:
    return Strip([Segment(text.ljust(COLUMNS), style or Style())], COLUMNS)


@pytest.mark.parametrize("name", TERMINALS)
@pytest.mark.parametrize("seed", range(4))
def test_any_picture_follows_any_other(name: str, seed: int) -> None:
    dice = random.Random(seed)
    sent = Sent(*TERMINALS[name])
    lines = [strip(dice) for _ in range(LINES)]
    for _ in range(60):
        for y in range(LINES):
            if dice.random() < 0.4:
                lines[y] = strip(dice)
            elif dice.random() < 0.3:
                lines[y] = Strip([*lines[y].crop(0, 20), *strip(dice).crop(20, 40), *lines[y].crop(40)], COLUMNS)
        sent.show(lines, now=dice.random() < 0.8)
        if dice.random() < 0.1:
            sent.picture.forget()
        sent.send()
        sent.check()


def test_what_is_shown_already_costs_nothing() -> None:
    sent = Sent(*TERMINALS["xterm"])
    lines = [words(f"line {y}", PENS[3]) for y in range(LINES)]
    sent.show(lines)
    before = sent.bytes
    sent.show(lines)
    assert sent.bytes == before
    sent.picture.forget()
    sent.send()
    assert sent.bytes == 2 * before


def test_a_word_costs_its_letters_and_the_way_there() -> None:
    sent = Sent(*TERMINALS["xterm"])
    lines = [words("Anna Berg")] * LINES
    sent.show(lines)
    lines = [*lines[:3], words("Anna Burg"), *lines[4:]]
    sent.picture.take(LayoutUpdate([[line] for line in lines], Region(0, 0, COLUMNS, LINES)))
    assert sent.send() == "\x1b[4;7Hu"


def test_an_empty_screen_in_a_colour_is_erased_where_that_keeps_the_colour() -> None:
    ground = Style(bgcolor="#14161a")
    cheap, dear = (Sent(*TERMINALS[name]) for name in ("xterm", "without bce"))
    for each in (cheap, dear):
        each.show([words("", ground)] * LINES)
        each.check()
    assert cheap.bytes < 80
    assert dear.bytes > COLUMNS * LINES


def test_every_frame_leaves_the_plain_pen() -> None:
    sent = Sent(*TERMINALS["xterm"])
    sent.show([words("warning", PENS[4])] * LINES)
    sent.diff.feed("\x1b[8;1Hx")
    assert sent.screens[0].buffer[7][0].bg == "default"
    assert not sent.screens[0].buffer[7][0].bold


def test_a_part_is_put_where_it_belongs_and_cut_at_its_end() -> None:
    sent = Sent(*TERMINALS["xterm"])
    sent.show([words("." * COLUMNS)] * LINES)
    chops = [dict.fromkeys((0, 10, 30)) for _ in range(LINES)]
    chops[2][10] = Strip([Segment("0123456789" * 2)], 20)
    ends = [[10, 30, COLUMNS]] * LINES
    sent.picture.take(ChopsUpdate(chops, [(2, 10, 15)], ends))
    sent.send()
    assert sent.screens[0].display[2].startswith("." * 10 + "01234" + "." * 10)


def test_another_size_begins_a_new_picture() -> None:
    sent = Sent(*TERMINALS["xterm"])
    sent.show([words("Anna")] * LINES)
    sent.screens[0].resize(3, 20)
    sent.picture.take(LayoutUpdate([[Strip([Segment("Bert".ljust(20))], 20)]] * 3, Region(0, 0, 20, 3)))
    sent.send()
    assert [line.rstrip() for line in sent.screens[0].display] == ["Bert"] * 3
