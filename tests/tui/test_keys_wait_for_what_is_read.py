"""Keys typed before rows are there do what they do once the rows are there, or say that they did nothing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.dom import DOMNode

from store.actions import lists
from store.database import Store, open_store
from store.errors import StoreUnavailable
from store.journal import Operator
from store.queries import links
from store.vocabulary import ListKind
from tests.tui.conftest import Walk, Walker
from tui import typeahead
from tui.actions import ACTIONS
from tui.app import AftersendApp
from tui.dialogs.notice import Notice
from tui.widgets.note import Note

WHO = Operator("ann", "desk-1")


class Gate:
    """Holds threads that read until it is opened."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()

    def close(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    def held(self, work: Callable[[], object]) -> object:
        self._open.wait()
        return work()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """A gate before everything that is read in a thread."""
    gate = Gate()
    run_worker = DOMNode.run_worker

    def run(node: DOMNode, work: Any, *, thread: bool = False, **more: Any) -> Any:
        return run_worker(node, (lambda: gate.held(work)) if thread else work, thread=thread, **more)

    monkeypatch.setattr(DOMNode, "run_worker", run)
    yield gate
    gate.open()


async def at_once(w: Walker, *keys: str) -> None:
    """Type keys in one go, and let the screen do what it can."""
    for key in keys:
        w.app.post_message(events.Key(key, key if len(key) == 1 else None))
    for _ in range(12):
        await w.pilot.pause()


async def typed_ahead(w: Walker, gate: Gate, *keys: str) -> None:
    """Type keys in one go while nothing can be read, then let everything be read."""
    gate.close()
    await at_once(w, *keys)
    gate.open()
    await w.settle()


def said(w: Walker) -> str:
    """What stands in the notes."""
    notes = (note.text for screen in w.app.screen_stack for note in screen.query(Note))
    return " ".join(text for text in notes if text)


@asynccontextmanager
async def opened(store: Store, now: datetime) -> AsyncIterator[Walker]:
    app = AftersendApp(store, WHO, clock=lambda: now)
    async with app.run_test(size=(80, 24)) as pilot:
        walker = Walker(app, pilot, {})
        await walker.settle()
        yield walker


@pytest.fixture
def twin(store: Store, ids: dict[str, int], clock: datetime, tmp_path: Path) -> Iterator[Store]:
    """The small world a second time, with two lists in each of them."""
    for name in ("warm", "cold"):
        lists.add(store, [ids["cora"], ids["dora"]], ListKind.PROJECT, name, WHO, clock)
    path = tmp_path / "twin.db"
    with sqlite3.connect(store.path) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))
    connection.close()
    twin = open_store(path)
    yield twin
    twin.close()


WALKS = {
    "a link": ("3", "enter"),
    "a list": ("L", "enter"),
    "the second list": ("L", "j", "enter"),
    "the last list": ("L", "G", "enter"),
    "a list that is split": ("L", "s", "enter"),
    "lists that are joined": ("L", "space", "space", "plus", "n", "e", "w", "enter"),
    "a failure": ("I", "enter"),
    "the next failure": ("i", "t", "t", "t", "j", "enter"),
    "a person": ("slash", "enter"),
    "what was done": ("J", "enter"),
    "a stranger": ("S", "enter"),
    "the other stranger": ("S", "t", "j", "enter"),
    "a campaign that adds up": ("T", "j", "enter"),
    "a recipient's person": ("enter", "enter", "p"),
    "a clicker": ("3", "enter", "j", "enter"),
    "a decision in the history": ("enter", "j", "j", "enter", "b"),
    "a setting": ("P", "j", "enter"),
    "the suggestions for several": ("enter", "asterisk", "F", "enter"),
    "a number that is no part of an address": ("enter", "f", "1", "enter"),
    "a resend list": ("R", "enter"),
    "the report's domains": ("p", "D", "enter"),
    "the mails of a send": ("X", "enter"),
    "a complaint": ("C", "enter"),
    "a blocked address": ("enter", "B", "escape", "A", "enter"),
    "the monitor": ("M", "a", "enter"),
}


@pytest.mark.parametrize("keys", WALKS.values(), ids=WALKS.keys())
async def test_keys_typed_in_one_go_do_what_they_do_one_by_one(
    keys: tuple[str, ...],
    store: Store,
    twin: Store,
    gate: Gate,
    clock: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(typeahead, "_TOLD_S", 3600.0)
    async with opened(store, clock) as w:
        await typed_ahead(w, gate, *keys)
        told = said(w)
        w.hush()
        await w.settle()
        text, screen, done = w.text, type(w.app.screen), w.journal()
    async with opened(twin, clock) as w:
        await w.press(*keys)
        assert said(w) == told
        w.hush()
        await w.settle()
        assert type(w.app.screen) is screen
        assert w.text == text
        assert w.journal() == done


async def test_a_key_whose_rows_do_not_come_says_so_and_takes_the_keys_after_it_along(
    walk: Walk, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typeahead, "_ROWS_S", 0.0)
    async with walk(at="campaigns") as w:
        gate.close()
        await at_once(w, "L", "enter", "d")
        assert "Enter was not taken" in said(w)
        assert "The keys after it" in said(w)
        gate.open()
        await w.settle()
        assert "Lists" in w.text


async def test_esc_gives_up_waiting_once_it_was_told(walk: Walk, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typeahead, "_TOLD_S", 0.0)
    async with walk(at="campaigns") as w:
        gate.close()
        await at_once(w, "L", "enter")
        assert "Esc gives it up" in said(w)
        await at_once(w, "escape")
        assert "Enter was not taken" in said(w)
        await at_once(w, "escape")
        gate.open()
        await w.settle()
        assert "Autumn newsletter" in w.text
        assert "Lists" not in w.text.splitlines()[0]


async def test_no_key_closes_unseen_what_tells_why_the_rows_do_not_come(
    walk: Walk, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> object:
        raise StoreUnavailable("The disk went away.")

    async with walk(at="campaigns") as w:
        monkeypatch.setattr(links, "list_links", fail)
        gate.close()
        await at_once(w, "3", "full_stop", "enter")
        gate.open()
        await w.settle()
        assert isinstance(w.app.screen, Notice)
        assert "The disk went away." in w.text


def test_what_waits_for_rows_is_in_the_registry() -> None:
    assert typeahead._ABOUT_ROWS <= ACTIONS.keys()
