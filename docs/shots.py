"""Draw docs/screenshots from the real app on the sample world: ``make shots``."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

os.environ |= {"TZ": "UTC", "COLORTERM": "truecolor", "TERM": "xterm-256color"}
os.environ.pop("NO_COLOR", None)
time.tzset()

from textual.pilot import Pilot

from sample_data.demo import build
from sample_data.world import FIXED_NOW
from store.database import open_store
from store.journal import Operator
from tui.app import AftersendApp

TARGET = Path(__file__).parent / "screenshots"
WIDE, NARROW = (140, 40), (80, 24)
_CALM_S = 0.4


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, the size of the terminal, and the keys that lead to it."""

    name: str
    size: tuple[int, int]
    keys: tuple[str, ...]


SHOTS = (
    Shot("desk", WIDE, ("j", "2")),
    Shot("campaigns-80", NARROW, ()),
    Shot("recipients-80", NARROW, ("j", "enter")),
    Shot("history", WIDE, ("j", "enter", "/", *"gamil", "enter", "enter")),
    Shot("reminder", WIDE, ("j", "r")),
    Shot("help", WIDE, ("?",)),
)


async def draw(shot: Shot, store_path: Path) -> str:
    """Return the picture as SVG."""
    store = open_store(store_path)
    app = AftersendApp(store, Operator("ines", "desk-4"), clock=lambda: FIXED_NOW)
    try:
        async with app.run_test(size=shot.size) as pilot:
            await settle(pilot)
            for key in shot.keys:
                await pilot.press(key)
                await settle(pilot)
            return app.export_screenshot(title="aftersend")
    finally:
        store.close()


async def settle(pilot: Pilot[int]) -> None:
    """Wait until the panes have read what they show."""
    await pilot.pause(_CALM_S)
    await pilot.pause()


def main() -> None:
    """Write every picture."""
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        path = build(Path(folder), FIXED_NOW)
        for shot in SHOTS:
            picture = asyncio.run(draw(shot, path))
            # Rich numbers its classes by chance; the same screen shall give the same file.
            picture = re.sub(r"terminal-\d+", f"terminal-{shot.name}", picture)
            (TARGET / f"{shot.name}.svg").write_text(picture, encoding="utf-8")
            print(f"docs/screenshots/{shot.name}.svg")


if __name__ == "__main__":
    main()
