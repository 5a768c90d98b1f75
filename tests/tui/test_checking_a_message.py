"""The gate before a send, walked by keys: findings, ticks, overrides, the mails of one person after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.database import Store
from store.queries.journal import journal
from tests.outbox.writing import FRONT, HTML, TEXT, folder
from tests.tui.conftest import Walk, Walker
from tui.panes.check import CheckPane

WRONG = TEXT.replace("Tuesday", "Wednesday")


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A message of somebody else's that needs no company, with a weekday that is wrong."""
    front = f'author = "zoe"\n{FRONT.replace("Spring at {{ company }}", "Spring")}'
    return folder(tmp_path / "letter", front, WRONG, HTML)


async def opened(w: Walker, letter: Path) -> None:
    """Check the letter for the campaign under the cursor."""
    await w.press("1", "K")
    assert "For Autumn newsletter." in w.text
    await w.type(str(letter))
    await w.press("enter")


def table(w: Walker) -> list[str]:
    """Return level and rule of the findings, as the table shows them."""
    rows = w.app.screen.query_one(CheckPane).table.source.page(0, 100)
    return [f"{row.finding.level.value} {row.finding.rule}" for row in rows]  # type: ignore[attr-defined]


async def test_the_gravest_stand_first_and_the_one_under_the_cursor_is_told_whole(walk: Walk, letter: Path) -> None:
    async with walk() as w:
        await opened(w, letter)
        assert table(w)[:3] == ["red dates", "asked proof-read", "asked test-mail"]
        assert "1 red · 2 asked · not to be sent" in w.text
        assert "“Wednesday, 2 March 2027” is a Tuesday · text.txt, line 3" in w.text
        await w.press("j")
        assert "Has somebody else than zoe, who wrote it, read it? Then they tick it" in w.text


async def test_ticks_and_an_override_let_it_pass_and_are_undone(walk: Walk, letter: Path, store: Store) -> None:
    async with walk() as w:
        await opened(w, letter)
        await w.press("o", "enter")
        assert "An override needs a reason; it stands in the journal." in w.text
        await w.type("a quotation")
        await w.press("enter")
        assert "2 asked · not to be sent" in w.text
        assert "~ overridden" in w.text
        await w.press("g", "t", "g", "t")
        assert "may be sent" in w.text
        assert [row.verb for row in journal(store, limit=3).rows] == ["tick", "tick", "override"]
        await w.press("u", "u", "u")
        assert "1 red · 2 asked · not to be sent" in w.text


async def test_what_keeps_nothing_from_being_sent_is_neither_ticked_nor_overridden(walk: Walk, letter: Path) -> None:
    async with walk() as w:
        await opened(w, letter)
        await w.press("t")
        assert "Weekdays is checked by the program" in w.text
        await w.press("G", "o")
        assert "This keeps nothing from being sent" in w.text


async def test_a_changed_message_loses_its_ticks(walk: Walk, letter: Path) -> None:
    async with walk() as w:
        await opened(w, letter)
        await w.press("j", "t", "g")
        assert "1 red · 1 asked" in w.text
        (letter / "text.txt").write_text(TEXT)
        await w.press("full_stop")
        assert "2 asked · not to be sent" in w.text


async def test_the_mails_are_shown_one_recipient_after_the_other(walk: Walk, letter: Path) -> None:
    async with walk() as w:
        await opened(w, letter)
        await w.press("m")
        assert "Mail · 1 of 7 · Bert" in w.text
        assert "Subject          Spring" in w.text
        assert "Dear Bert," in w.text
        await w.press("n")
        assert "Mail · 2 of 7 · Cora" in w.text
        await w.press("N", "N")
        assert "Mail · 7 of 7 · Hans" in w.text
        await w.press("escape")
        assert "not to be sent" in w.text


async def test_a_message_that_is_none_is_one_sentence(walk: Walk, tmp_path: Path) -> None:
    async with walk() as w:
        await w.press("1", "K", "enter")
        assert "Give the path of a file or a folder." in w.text
        await w.type(str(tmp_path / "none"))
        await w.press("enter")
        assert "There is no" in w.text
        assert not w.app.screen.query(CheckPane)


async def test_a_message_that_goes_away_while_it_is_looked_at_leaves_what_was_found(walk: Walk, letter: Path) -> None:
    async with walk() as w:
        await opened(w, letter)
        (letter / "message.toml").unlink()
        await w.press("full_stop")
        assert "holds no message.toml" in w.text
        await w.press("escape")
        assert table(w)[0] == "red dates"


async def test_a_list_is_checked_too(walk: Walk, letter: Path) -> None:
    async with walk() as w:
        await w.press("space", "space", "l")
        await w.type("calls")
        await w.press("enter", "L", "K")
        assert "For selection calls." in w.text
        await w.type(str(letter))
        await w.press("enter")
        assert "Check · selection calls" in w.text
