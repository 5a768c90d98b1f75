"""Fixtures for the screen: a small world, and somebody who walks through it with the keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.worker import Worker, WorkerCancelled

from store.database import Store
from store.feeds.record import Record
from store.journal import Operator
from store.landing import event_row, insert_events, insert_strangers, link, stranger_row
from store.matching import Match
from store.queries.journal import journal
from store.queries.recipients import RecipientView
from store.rows import RecipientRow
from store.vocabulary import Actor, Attribution, BounceKind, EventType, Source
from tests.store.plan import BASE, happen, plan
from tui.app import AftersendApp
from tui.dialogs.dialog import Dialog
from tui.dialogs.recipient import ChooseRecipient
from tui.panes.inbox import InboxPane
from tui.panes.pane import Acting
from tui.panes.recipients import RecipientsPane
from tui.panes.searched import SearchedPane
from tui.screens.desk import Desk
from tui.screens.main import MainScreen
from tui.widgets.note import Note

LINK = "https://example.org/offer"
PEOPLE = ("anna", "bert", "cora", "dora", "emil", "fred", "gina", "hans")


class Walker:
    """Presses keys and waits until everything they set off has come to rest."""

    def __init__(self, app: AftersendApp, pilot: Pilot[int], ids: dict[str, int]) -> None:
        self.app = app
        self.pilot = pilot
        self.ids = ids

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other, each after the one before is done with."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type text, then wait."""
        await self.pilot.press(*({" ": "space", ".": "full_stop", "@": "at", "/": "slash"}.get(c, c) for c in text))
        await self.settle()

    async def settle(self) -> None:
        """Wait for the gateway, for reading threads, and for the screen."""
        while True:
            await self.app.gateway.finished()
            if waiting := self._reading():
                # A change while a pane reads makes it read anew: the reading before is cancelled.
                with suppress(WorkerCancelled):
                    await self.app.workers.wait_for_complete(waiting)
            await self.pilot.pause()
            kinds: tuple[type[Acting], ...] = (RecipientsPane, SearchedPane)
            panes = [pane for screen in self.app.screen_stack for kind in kinds for pane in screen.query(kind)]
            boxes = [pane for screen in self.app.screen_stack for pane in screen.query(InboxPane)]
            dialogs = [screen for screen in self.app.screen_stack if isinstance(screen, Dialog)]
            searching = any(isinstance(dialog, ChooseRecipient) and dialog.searching for dialog in dialogs)
            busy = any(pane.busy for pane in panes) or any(dialog.reading for dialog in dialogs) or searching
            busy = busy or any(box.busy or box.counting for box in boxes)
            # Without a dialog that waits for an answer, a request under way is one that works.
            asked = any(worker.group == "request" and not worker.is_finished for worker in self.app.workers)
            busy = busy or self.app.typeahead.busy or (asked and isinstance(self.app.screen, Desk))
            # A pane that is told of a change begins to read at its next turn only.
            if not self.app.gateway.pending and not busy and not self._reading():
                await self.pilot.pause()
                return
            await self.pilot.pause(0.01)

    def _reading(self) -> list[Worker[object]]:
        others = {"gateway", "request"}
        return [worker for worker in self.app.workers if worker.group not in others and not worker.is_finished]

    def hush(self) -> None:
        """Take the note away that the last action left."""
        for screen in self.app.screen_stack:
            for note in screen.query(Note):
                note.hush()

    @property
    def text(self) -> str:
        """The screen, line by line."""
        strips = self.app.screen._compositor.render_strips(self.app.screen.size)
        return "\n".join("".join(strip.text for strip in line).rstrip() for line in strips)

    @property
    def pane(self) -> RecipientsPane:
        """The recipients pane."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, MainScreen)).query_one(
            RecipientsPane
        )

    @property
    def shown(self) -> list[str]:
        """The addresses' first parts, as the recipients pane shows them."""
        rows = self.pane.table.source.page(0, 1000)
        return [row.address.partition("@")[0] for row in rows if isinstance(row, RecipientRow)]

    @property
    def at(self) -> str:
        """Whose row the cursor stands on."""
        row = self.pane.table.current
        return row.address.partition("@")[0] if isinstance(row, RecipientRow) else ""

    def row(self, name: str) -> RecipientRow:
        """Return a recipient of the autumn newsletter as the store has it."""
        view = RecipientView(self.app.store)
        try:
            return view.rows_of([self.ids[name]])[self.ids[name]]
        finally:
            view.close()

    def journal(self) -> list[tuple[str, str]]:
        """Return (verb, sentence) of the journal, the newest first."""
        return [(entry.verb, entry.sentence) for entry in journal(self.app.store).rows]


def click(store: Store, recipient_id: int, minutes: int) -> None:
    """Let a recipient click on the one link."""
    found = store.row("SELECT campaign_id, address, address_key FROM recipient WHERE id = ?", (recipient_id,))
    assert found
    campaign, address, key = found
    record = Record(EventType.CLICKED, BASE + minutes * 60_000, address, Source.EVENTS, url=LINK)
    match = Match(recipient_id, campaign, key, Attribution.EXACT)
    store.run(lambda: insert_events(store, [event_row(record, match, link(store, {}, campaign, LINK), None)]))


def stray(address: str, minutes: int = 0, **more: Any) -> Record:
    """Return a bounce that names nobody in a plan."""
    known = {"kind": BounceKind.HARD, "reason": "userunknown", "status": "5.1.1", "diagnostic": "550 No such person"}
    return Record(EventType.BOUNCED, BASE + minutes * 60_000, address, Source.BOUNCE_MAIL, "mail 4", **known | more)


def strange(store: Store, *records: Record) -> None:
    """Put records aside as those of strangers."""
    store.run(lambda: insert_strangers(store, [stranger_row(record, None, None) for record in records]))


@pytest.fixture
def ids(store: Store) -> dict[str, int]:
    """A store with two campaigns; the ids of the recipients of the autumn newsletter, by name."""
    old = plan(store, "Spring letter", ["anna@example.org", "ida@example.org"])
    happen(store, old["ida@example.org"], EventType.DELIVERED)
    found = plan(store, "Autumn newsletter", [f"{name}@example.org" for name in PEOPLE])
    by_name = {address.partition("@")[0]: id_ for address, id_ in found.items()}
    hour = 60 * 24
    failed = {"reason": "userunknown", "status": "5.1.1", "where": "mail 1"}
    happen(store, by_name["anna"], EventType.BOUNCED, hour, BounceKind.HARD, **failed)
    happen(store, by_name["bert"], EventType.BOUNCED, hour, BounceKind.SOFT, reason="mailboxfull", status="5.2.2")
    for name in ("cora", "dora", "emil", "gina"):
        happen(store, by_name[name], EventType.DELIVERED, hour)
    happen(store, by_name["cora"], EventType.OPENED, hour + 5)
    click(store, by_name["cora"], hour + 6)
    click(store, by_name["gina"], hour + 9)
    happen(store, by_name["emil"], EventType.OPENED, hour + 7, actor=Actor.MACHINE)
    happen(store, by_name["fred"], EventType.SENT, hour)
    strange(
        store,
        stray("h.stray@example.org", minutes=hour + 10),
        stray("old@elsewhere.example", kind=BounceKind.SOFT, reason="mailboxfull", status="4.2.2"),
        Record(EventType.DELIVERED, BASE + hour * 60_000, "order@elsewhere.example", Source.POSTFIX, "line 7"),
    )
    return by_name


Walk = Callable[..., AbstractAsyncContextManager[Walker]]


@pytest.fixture
def walk(store: Store, ids: dict[str, int], clock: datetime, monkeypatch: pytest.MonkeyPatch) -> Walk:
    """Open the app on the small world: ``async with walk() as w``; ``at="recipients"`` begins in that pane.

    What others do is looked at only by ``w.app.check_changes()``, not once a second: nothing may depend on how long a
    test takes.
    """
    monkeypatch.setattr("tui.app._TICK_S", 86_400.0)

    @asynccontextmanager
    async def opened(size: tuple[int, int] = (80, 24), at: str = "recipients") -> AsyncIterator[Walker]:
        app = AftersendApp(store, Operator("ann", "desk-1"), clock=lambda: clock)
        async with app.run_test(size=size) as pilot:
            walker = Walker(app, pilot, ids)
            await walker.settle()
            if at == "recipients":
                await walker.press("enter")
            elif at == "links":
                await walker.press("3")
            yield walker

    return opened
