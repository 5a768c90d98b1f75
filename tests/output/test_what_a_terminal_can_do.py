from __future__ import annotations

import pytest

from tui.output.terminal import Terminal, terminal_for


@pytest.mark.parametrize(
    ("name", "can"),
    [
        ("xterm-256color", Terminal(colours_erased=True, erases_characters=True)),
        ("linux", Terminal(colours_erased=True, erases_characters=True)),
        ("screen", Terminal()),
        ("vt100", Terminal()),
        ("dumb", None),
        ("", None),
        ("a-terminal-nobody-knows", None),
        ("xterm-of-tomorrow", Terminal()),
    ],
)
def test_terminfo_says_it_and_else_the_name(name: str, can: Terminal | None) -> None:
    assert terminal_for({"TERM": name}) == can


def test_a_terminal_that_terminfo_lacks_is_taken_by_its_family() -> None:
    assert terminal_for({"TERM": "alacritty-nightly"}) == Terminal()


def test_the_switch_turns_it_off_and_on() -> None:
    assert terminal_for({"TERM": "xterm", "AFTERSEND_DIFF": "0"}) is None
    assert terminal_for({"TERM": "a-terminal-nobody-knows", "AFTERSEND_DIFF": "1"}) == Terminal()
