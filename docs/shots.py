"""Draw docs/screenshots from the real app on the sample world: ``make shots``."""

from __future__ import annotations

import asyncio
import html
import os
import re
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rich.cells import cell_len
from textual.pilot import Pilot

from sample_data.demo import build, watch
from sample_data.world import FIXED_NOW
from store.database import open_store
from store.journal import Operator
from tui.app import AftersendApp

TARGET = Path(__file__).parent / "screenshots"
WIDE, NARROW = (140, 40), (80, 24)
_CALM_S = 0.4
_AFTER = timedelta(minutes=1)
"""What tripped while the world was made is announced no more."""
_FONTS = "'Fira Code', 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK JP', monospace"
_RUN = re.compile(
    r'<text class="(?P<class>[^"]*)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" textLength="(?P<length>[\d.]+)"'
    r"(?P<rest>[^>]*)>(?P<text>[^<]*)</text>"
)
_WORDS = re.compile("[^\xa0]+(?:\xa0[^\xa0]+)*")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, the size of the terminal, and the keys that lead to it."""

    name: str
    size: tuple[int, int]
    keys: tuple[str, ...]


SHOTS = (
    Shot("desk", WIDE, ("j", "2", "/", *"gmail", "enter")),
    Shot("campaigns-80", NARROW, ()),
    Shot("recipients-80", NARROW, ("j", "enter")),
    Shot("history-80", NARROW, ("j", "enter", "/", *"gamil", "enter", "enter")),
    Shot("inbox", WIDE, ("j", "b")),
    Shot("monitor", NARROW, ("M",)),
    Shot("reminder", WIDE, ("j", "r")),
    Shot("report", WIDE, ("j", "p")),
    Shot("help", WIDE, ("?",)),
)


async def draw(shot: Shot, store_path: Path) -> str:
    """Return the picture as SVG."""
    store = open_store(store_path)
    app = AftersendApp(store, Operator("ines", "desk-4"), clock=lambda: FIXED_NOW + _AFTER)
    try:
        async with app.run_test(size=shot.size) as pilot:
            await settle(pilot)
            for key in shot.keys:
                await pilot.press(key)
                await settle(pilot)
            return app.export_screenshot(title="aftersend")
    finally:
        store.close()


def tidy(picture: str, name: str) -> str:
    """Return the SVG so that every viewer shows it alike, and the same screen gives the same file.

    Rich places a run of text as one piece, numbers its classes by chance, and asks a server for its font.
    """
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    picture = re.sub(r"terminal-\d+", f"terminal-{name}", picture)
    picture = picture.replace("font-family: Fira Code, monospace", f"font-family: {_FONTS}")
    return _RUN.sub(_words, picture)


def _words(run: re.Match[str]) -> str:
    """Give every group of words of a run its own place."""
    text = html.unescape(run["text"])
    left, width = float(run["x"]), float(run["length"])
    cell = width / max(cell_len(text), 1)
    pieces = []
    for words in _WORDS.finditer(text):
        x = left + cell_len(text[: words.start()]) * cell
        length = cell_len(words[0]) * cell
        place = f'x="{x:.1f}" y="{run["y"]}" textLength="{length:.1f}"'
        pieces.append(f'<text class="{run["class"]}" {place}{run["rest"]}>{html.escape(words[0])}</text>')
    return "".join(pieces)


async def settle(pilot: Pilot[int]) -> None:
    """Wait until the panes have read what they show."""
    await pilot.pause(_CALM_S)
    await pilot.pause()


def main() -> None:
    """Write every picture, whatever terminal and time zone this one has."""
    os.environ |= {"TZ": "UTC", "COLORTERM": "truecolor", "TERM": "xterm-256color"}
    os.environ.pop("NO_COLOR", None)
    time.tzset()
    TARGET.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        path = build(Path(folder), FIXED_NOW)
        watch(path, FIXED_NOW)
        for shot in SHOTS:
            picture = asyncio.run(draw(shot, path))
            (TARGET / f"{shot.name}.svg").write_text(tidy(picture, shot.name), encoding="utf-8")
            print(f"docs/screenshots/{shot.name}.svg")


if __name__ == "__main__":
    main()
