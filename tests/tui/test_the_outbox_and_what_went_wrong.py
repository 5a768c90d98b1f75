"""Sends on the screen: how far they are, unsure mails, and what is done when one went out wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from store.actions.vouching import tick
from store.database import Store
from store.journal import Operator
from store.outbox.reading import read_message
from store.queries.campaigns import find_campaign
from store.queries.lists import list_lists
from store.queries.outbox import list_sends
from store.vocabulary import OutboxState, SendState
from tests.store.test_it_went_out_wrong import ANN, NOW, World
from tests.tui.conftest import Walker
from tui.app import AftersendApp

Started = list[tuple[str, int]]
Opened = Callable[[], AbstractAsyncContextManager[Walker]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The sends that a process was started for."""
    found: Started = []
    monkeypatch.setattr("tui.launching.start", lambda store, key, start_in_s: found.append((key, start_in_s)))
    return found


@pytest.fixture
def message(store: Store, tmp_path: Path) -> str:
    """A message that passes the gate."""
    path = tmp_path / "message"
    path.mkdir()
    front = 'subject = "We were wrong"\nfrom = "Ann <ann@news.example>"\n'
    (path / "message.toml").write_text(f'{front}unsubscribe = "https://news.example/off/{{token}}"\n')
    (path / "text.txt").write_text("Dear reader, nothing is free.\n\nNo more mail: {{ unsubscribe }}\n")
    for rule in ("proof-read", "test-mail"):
        tick(store, read_message(path), rule, Operator("bo", "desk"), NOW)
    return str(path)


@pytest.fixture
def opened(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Opened:
    """Open the screen on a send that was interrupted half-way."""
    monkeypatch.setenv("AFTERSEND_POSTFIX", str(tmp_path))
    World(store)

    @asynccontextmanager
    async def walk() -> AsyncIterator[Walker]:
        app = AftersendApp(store, ANN, clock=lambda: NOW)
        async with app.run_test(size=(80, 24)) as pilot:
            walker = Walker(app, pilot, {})
            await walker.settle()
            yield walker

    return walk


async def test_the_outbox_shows_how_far_a_send_is_and_stops_it(opened: Opened, store: Store) -> None:
    async with opened() as w:
        await w.press("X")
        assert "Interrupted: no process sends it." in w.text
        assert "Enter shows the mails of which nobody can tell whether they left." in " ".join(w.text.split())
        await w.press("S")
        assert list_sends(store, NOW)[0].state is SendState.STOPPED
        assert "stopped with 2 not sent" in w.text
        assert "u takes it back" not in w.text


async def test_unsure_mails_are_decided_about_one_by_one(opened: Opened, store: Store) -> None:
    async with opened() as w:
        await w.press("X", "enter")
        assert "Outbox · Prices · unsure" in w.text
        assert "? unsure" in w.text
        await w.press("y")
        (send,) = list_sends(store, NOW)
        assert (send.counts[OutboxState.UNSURE], send.counts[OutboxState.ACCEPTED]) == (0, 8)
        await w.press("t")
        assert "Outbox · Prices · waiting" in w.text


async def test_it_went_out_wrong_says_what_cannot_be_undone_and_who_gets_what(opened: Opened) -> None:
    async with opened() as w:
        await w.press("exclamation_mark")
        assert "What was delivered stays delivered: no mail can be called back, by nobody." in w.text
        assert "2 mails wait in our outbox" in w.text
        assert "there is no main.cf in it" in " ".join(w.text.split())
        assert "5  get the erratum: everybody who got it" in w.text
        assert "First stop it" in w.text
        await w.press("h")
        assert "the page says why" in w.text
        await w.press("t", "j", "enter")
        assert "2  get the erratum: who read it" in w.text


async def test_two_messages_are_checked_and_started_after_one_question(
    opened: Opened, store: Store, message: str, started: Started
) -> None:
    async with opened() as w:
        await w.press("exclamation_mark", "s", "e")
        await w.type(message)
        await w.press("tab")
        await w.type(message)
        await w.press("enter")
        assert "Send it now?" in w.text
        assert "5 get the erratum: “Prices · erratum”" in w.text
        assert "What has left cannot be called back." in w.text
        assert started == []
        await w.press("y")
        assert started == [("prices-erratum", 30), ("prices-right-mail", 30)]
    assert find_campaign(store, "prices-erratum").parent == "Prices"


async def test_a_shut_gate_keeps_both_in_the_outbox(
    opened: Opened, store: Store, tmp_path: Path, started: Started
) -> None:
    path = tmp_path / "unread.eml"
    path.write_text("From: Ann <ann@news.example>\nSubject: Nobody has read this\n\nText.\n")
    async with opened() as w:
        await w.press("exclamation_mark", "s", "e")
        await w.type(str(path))
        await w.press("enter")
        assert "for the gate is shut" in " ".join(w.text.split())
        assert " Check" in w.text
        assert started == []
    assert {row.state for row in list_sends(store, NOW)} == {SendState.STOPPED, SendState.READY}


async def test_two_lists_are_made_where_there_is_no_message_yet(opened: Opened, store: Store) -> None:
    async with opened() as w:
        await w.press("exclamation_mark", "l")
        assert {row.name for row in list_lists(store)} == {"Prices · erratum", "Prices · right mail"}


async def test_marked_rows_are_sent_to_again_as_a_child(
    opened: Opened, store: Store, message: str, started: Started
) -> None:
    async with opened() as w:
        await w.press("2", "asterisk", "R")
        assert "1  get it" in w.text
        assert "waits in the outbox" in w.text
        await w.type(message)
        await w.press("enter", "y")
        assert started == [("prices-again", 30)]
    again = find_campaign(store, "Prices · again")
    assert (again.parent, again.planned) == ("Prices", 1)
