import csv
from pathlib import Path

import pytest

from tests.tui.conftest import Walk


def addresses(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [row["Address"].partition("@")[0] for row in csv.DictReader(stream)]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def test_without_marks_all_rows_shown_are_written_in_their_order(walk: Walk, tmp_path: Path) -> None:
    async with walk() as w:
        await w.press("O", "x")
        assert "8 rows · Autumn newsletter" in w.text
        await w.press("enter")
        assert "8 recipients (Autumn newsletter) exported to autumn-newsletter.csv" in w.text
        assert addresses(tmp_path / "autumn-newsletter.csv") == w.shown


async def test_marked_rows_alone_are_written(walk: Walk, tmp_path: Path) -> None:
    async with walk() as w:
        await w.press("j", "space", "x", "enter")
        assert addresses(tmp_path / "autumn-newsletter.csv") == ["bert"]


async def test_an_existing_file_is_only_overwritten_after_a_second_question(walk: Walk, tmp_path: Path) -> None:
    there = tmp_path / "autumn-newsletter.csv"
    there.write_text("mine")
    async with walk() as w:
        await w.press("x", "enter")
        assert "Overwrite the file?" in w.text
        await w.press("n")
        assert there.read_text() == "mine"
        await w.press("enter", "y")
        assert len(addresses(there)) == 8


async def test_a_folder_that_is_not_there_is_said_before_anything_is_written(walk: Walk) -> None:
    async with walk() as w:
        await w.press("x")
        await w.press("home")
        await w.type("no/")
        await w.press("enter")
        assert "There is no folder" in w.text


async def test_the_arrows_choose_the_format_and_a_file_beside_tells_what_it_is(walk: Walk, tmp_path: Path) -> None:
    async with walk() as w:
        await w.press("x")
        assert "[CSV]" in w.text
        assert "and autumn-newsletter.csv.meta.json" in w.text
        await w.press("up")
        assert "autumn-newsletter.txt" in w.text
        assert "[TEXT]" in w.text
        await w.press("down", "enter")
        assert (tmp_path / "autumn-newsletter.csv.meta.json").exists()
        (tmp_path / "autumn-newsletter.csv").unlink()
        await w.press("x", "enter")
        assert "Overwrite the file?" in w.text
        await w.press("n", "escape")


async def test_a_suffix_of_no_format_is_said_while_it_is_typed(walk: Walk, tmp_path: Path) -> None:
    async with walk() as w:
        await w.press("x")
        await w.type("x")
        assert ".csvx is no format to export to" in w.text
        await w.press("enter", "escape")
        assert not list(tmp_path.glob("*.csvx"))


async def test_clickers_and_bounces_are_written_too(walk: Walk, tmp_path: Path) -> None:
    async with walk(at="links") as w:
        await w.press("enter", "x", "enter")
        (written,) = tmp_path.glob("clicked*.csv")
        assert "Clicks by machines" in written.read_text()
        await w.press("escape", "I", "x", "enter")
        assert addresses(tmp_path / "bounces-all-campaigns.csv") == ["anna", "bert"]
