"""What the terminal can do, as far as few bytes depend on it: from terminfo, and from its name where that has no entry.

REP (repeat a character) is not used although terminfo knows it: many terminals call themselves xterm and lack it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from tui.output.terminfo import described

SWITCH = "AFTERSEND_DIFF"
"""Set to 0: lines are sent whole; set to 1: cells are compared also on a terminal that nobody knows."""

_OFF = frozenset({"0", "no", "off", "false"})
_ON = frozenset({"1", "yes", "on", "true"})
_CUP, _CUF, _EL, _ECH = b"\x1b[%i%p1%d;%p2%dH", b"\x1b[%p1%dC", b"\x1b[K", b"\x1b[%p1%dX"
_KIN = (
    "xterm",
    "tmux",
    "screen",
    "alacritty",
    "foot",
    "konsole",
    "vte",
    "gnome",
    "rxvt",
    "wezterm",
    "contour",
    "iterm",
)
"""Beginnings of names of terminals that obey the same sequences, for systems whose terminfo lacks them."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """What a terminal is known to do.

    Attributes:
        colours_erased: erased cells take the present background colour (terminfo ``bce``), not the default one.
        erases_characters: ECH works.
    """

    colours_erased: bool = False
    erases_characters: bool = False


def terminal_for(environ: Mapping[str, str] = os.environ) -> Terminal | None:
    """Return what the terminal can do; None: send lines whole, since nobody knows it or the switch is off."""
    switch = environ.get(SWITCH, "").strip().lower()
    if switch in _OFF:
        return None
    name = environ.get("TERM", "")
    found = _known(name, environ)
    return Terminal() if found is None and switch in _ON else found


def _known(name: str, environ: Mapping[str, str]) -> Terminal | None:
    entry = described(name, environ)
    if entry is None:
        return Terminal() if name.startswith(_KIN) else None
    if (entry.cup, entry.cuf, entry.el) != (_CUP, _CUF, _EL):
        return None
    return Terminal(entry.bce, entry.ech == _ECH)
