from __future__ import annotations

import random
from typing import Any

import pytest
from rich.color import ColorSystem
from textual._compositor import CompositorUpdate

from tests.tui.conftest import Walk
from tui.output.drawn import DrawnApp
from tui.output.grid import Grid
from tui.output.pens import Pens
from tui.output.picture import Picture
from tui.output.terminal import terminal_for

KEYS = "j k g G v space escape tab 1 2 3 slash a n enter question_mark ctrl+p t L A J i S b u o O ctrl+f".split()


@pytest.mark.parametrize("seed", range(3))
async def test_random_keys(walk: Walk, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = terminal_for()
    assert terminal is not None
    picture = Picture(terminal, ColorSystem.TRUECOLOR)
    before = DrawnApp._display

    def shown(app: DrawnApp, screen: Any, renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate):
            picture.take(renderable)
        before(app, screen, renderable)

    monkeypatch.setattr(DrawnApp, "_display", shown)
    dice = random.Random(seed)
    async with walk(at="recipients") as w:
        for key in dice.choices(KEYS, k=40):
            await w.press(key)
            await w.pilot.pause()
            screen = w.app.screen
            whole = Grid(screen.size.width, screen.size.height)
            pens = picture._pens
            assert isinstance(pens, Pens)
            for y, strip in enumerate(screen._compositor.render_strips(screen.size)):
                whole.draw(0, y, strip, pens)
            if screen.is_modal:
                continue  # the dimmed screen below is drawn by it, too
            assert picture._wanted.glyphs == whole.glyphs, key
            assert picture._wanted.pens == whole.pens, key
