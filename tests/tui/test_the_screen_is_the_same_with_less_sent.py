"""The app beside itself: each of its frames whole on one terminal, and only its changed cells on another."""

from __future__ import annotations

import inspect
import os
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pyte
import pytest
from rich.color import ColorSystem
from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.screen import Screen

from store.database import Store
from store.journal import Operator
from store.vocabulary import BounceKind, EventType
from tests.output.screens import Erasing, unlike
from tests.store.plan import happen
from tests.tui.conftest import Walker
from tui.actions import ACTIONS
from tui.app import AftersendApp
from tui.output.picture import Picture
from tui.output.terminal import Terminal
from tui.present.colours import THEMES

STEPS = int(os.environ.get("DIFF_STEPS", "40"))
SEEDS = [int(os.environ["DIFF_SEED"])] if "DIFF_SEED" in os.environ else [1]
SIZES = [(80, 24), (140, 40), (60, 12), (121, 30), (79, 25)]
KEYS = sorted({key for action in ACTIONS.values() for key in action.keys if action.id != "quit"})
TYPED = ["enter", "escape", "a", "o", "e", "space", "tab", "1", "2", "3", "j", "k"]
TERMINALS = {"xterm": (Terminal(True, True), pyte.Screen), "without bce": (Terminal(), Erasing)}


class Beside(AftersendApp):
    """Sends every frame to two terminals, and to the second one now and then only the next."""

    CSS_PATH = Path(inspect.getfile(AftersendApp)).with_name("app.tcss")

    def __init__(self, store: Store, clock: datetime, terminal: str, dice: random.Random) -> None:
        super().__init__(store, Operator("ann", "desk-1"), clock=lambda: clock)
        able, screen = TERMINALS[terminal]
        self.whole, self.less = pyte.Screen(*SIZES[0]), screen(*SIZES[0])
        for each in (self.whole, self.less):
            each.reset_mode(pyte.modes.DECAWM)
        self.sent = {"whole": 0, "less": 0}
        self.dice = dice
        self.beside = Picture(able, ColorSystem.TRUECOLOR)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        if isinstance(renderable, CompositorUpdate) and not self._batch_count:
            frame = renderable.render_segments(self.console)
            self.sent["whole"] += len(frame)
            pyte.Stream(self.whole).feed(frame.replace("\n", "\r\n"))
            self.beside.take(renderable)
            if self.dice.random() < 0.8:
                self.send()
        super()._display(screen, renderable)

    def send(self) -> None:
        frame = self.beside.frame()
        self.sent["less"] += len(frame)
        pyte.Stream(self.less).feed(frame)

    def resized(self, size: tuple[int, int]) -> None:
        for each in (self.whole, self.less):
            each.resize(size[1], size[0])


async def step(w: Walker, app: Beside, dice: random.Random) -> str:
    """Do something and return what it was."""
    kind = dice.random()
    if kind < 0.07:
        size = dice.choice(SIZES)
        app.resized(size)
        await w.pilot.resize_terminal(*size)
        await w.settle()
        return f"size {size}"
    if kind < 0.15:
        who = dice.choice(sorted(w.ids))
        happened = dice.choice([(EventType.OPENED, None), (EventType.DELIVERED, None), (EventType.BOUNCED, "HARD")])
        happen(app.store, w.ids[who], happened[0], dice.randrange(9000), happened[1] and BounceKind[happened[1]])
        app.check_changes()
        await w.settle()
        return f"{happened[0].name} {who}"
    if kind < 0.18:
        app.theme = dice.choice(THEMES).name
        await w.settle()
        return f"theme {app.theme}"
    key = dice.choice(TYPED if dice.random() < 0.5 else KEYS)
    await w.press(key)
    return key


@pytest.mark.parametrize("terminal", TERMINALS)
@pytest.mark.parametrize("seed", SEEDS)
async def test_keys_sizes_themes_and_what_others_write_give_the_same_screen(
    store: Store,
    ids: dict[str, int],
    clock: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    terminal: str,
) -> None:
    monkeypatch.chdir(tmp_path)  # an export may be among the keys
    dice = random.Random(f"{seed} {terminal}")
    app = Beside(store, clock, terminal, dice)
    done: list[str] = []
    async with app.run_test(size=SIZES[0]) as pilot:
        w = Walker(app, pilot, ids)
        await w.settle()
        for _ in range(STEPS):
            done.append(await step(w, app, dice))
            app.send()
            assert unlike(app.whole, app.less) == [], f"after {done}"
    assert app.sent["less"] < app.sent["whole"] / 2
