from __future__ import annotations

from pathlib import Path

from tui.cli import SECTIONS
from tui.cli.page import commands_page

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == commands_page(), "run `make docs`"


def test_every_command_has_its_place_on_the_page() -> None:
    page = commands_page()
    for section in SECTIONS:
        for entry in section.entries:
            assert f"### aftersend {entry.name}" in page
