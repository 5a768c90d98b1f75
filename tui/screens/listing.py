"""The answers to requests that make or fill lists and files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual import work

from store.errors import StoreError
from store.figures import several
from tui.messages import AddRequested, ExportRequested, Failed, Refused, RemindRequested, ResendRequested, Told
from tui.screens.answering import HIDDEN, Answering

if TYPE_CHECKING:
    from store.exports.about import About
    from store.rows import CampaignRow, ReminderCounts
    from tui.dialogs.export import ExportFile
    from tui.inquiries import CheckRequested, TableExportRequested

_MANY = 5000
"""Writing more rows than this takes long enough to be told."""


class Listing(Answering):
    """Answers what makes or fills lists and files."""

    @work(group="request")
    async def on_add_requested(self, event: AddRequested) -> None:
        """Ask for the list."""
        from store.actions import lists
        from store.asking import Source
        from store.queries.lists import list_lists
        from tui.dialogs.lists import ChooseList

        choice = event.choice
        if not choice.ids:
            self.post_message(Refused(HIDDEN))
            return
        first = f"{len(choice.ids):,} of {choice.shown:,} shown · {choice.scope}"
        there = list_lists(self.desk.store)
        picked = await self.app.push_screen_wait(ChooseList(first, there))
        if picked is not None:
            who, now = self.desk.operator, self.desk.clock()
            add = partial(lists.add, self.desk.store, who=who, now=now, campaign_id=choice.campaign_id)
            to = next((Source(row.id) for row in there if (row.kind, row.name) == (picked.kind, picked.name)), None)
            self.write_about(choice.ids, choice.seen, lambda ids: add(ids=ids, kind=picked.kind, name=picked.name), to)

    @work(group="request")
    async def on_check_requested(self, event: CheckRequested) -> None:
        """Ask for the message, and open the page of the check."""
        from pathlib import Path

        from store.outbox.reading import read_message
        from store.queries.relays import list_relays
        from tui.dialogs.naming import AskText
        from tui.screens.check import CheckScreen

        asked = AskText(
            "Check a message",
            (f"For {event.whom.words}.", "Its .eml file, or the folder with message.toml:"),
            needed="Give the path of a file or a folder.",
        )
        path = await self.app.push_screen_wait(asked)
        if not path:
            return
        read = partial(read_message, Path(path).expanduser())
        try:
            await asyncio.to_thread(read)
        except StoreError as error:
            self.post_message(Refused(str(error)))
            return
        relays = list_relays(self.desk.store)
        self.app.push_screen(CheckScreen(read, event.whom, relays[0] if len(relays) == 1 else None))

    @work(group="request")
    async def on_remind_requested(self, event: RemindRequested) -> None:
        """Ask for the days, the name and the groups."""
        from store.actions import lists
        from store.queries.reminders import ReminderView, reminder_counts
        from tui.dialogs.remind import MakeReminder

        campaign: CampaignRow = event.campaign
        store, now = self.desk.store, self.desk.clock()

        def count(days: int) -> ReminderCounts:
            return reminder_counts(store, campaign.id, days, now)

        def look(days: int, reason: str) -> ReminderView:
            view = ReminderView(store)
            view.build(campaign.id, days, now, reason=reason)
            return view

        wanted = await self.app.push_screen_wait(MakeReminder(campaign, count, look))
        if wanted is not None:
            name, days, who = wanted.name, wanted.days, self.desk.operator
            self.write(partial(lists.remind, store, campaign.id, name, days, who, now, wanted.groups))

    @work(group="request")
    async def on_resend_requested(self, event: ResendRequested) -> None:
        """Show who will be on the list, and who is left out."""
        from store.actions import resends
        from store.queries.resends import resend_counts
        from store.queries.unreached import Sought, Wanted
        from tui.dialogs.resend import MakeResend
        from tui.outgoing import SendAgainRequested

        campaign: CampaignRow = event.campaign
        store = self.desk.store
        asked = await self.app.push_screen_wait(MakeResend(campaign, partial(resend_counts, store, campaign.id)))
        if isinstance(asked, Sought):
            self.post_message(SendAgainRequested(Wanted(campaign.id, asked), campaign.name))
        elif asked:
            self.write(partial(resends.resend, store, campaign.id, self.desk.operator, self.desk.clock()))

    @work(group="request")
    async def on_export_requested(self, event: ExportRequested) -> None:
        """Ask for the file and write it."""
        from store.exports.about import About
        from tui.dialogs.export import ChooseFile, proposed_path
        from tui.exporting import write_rows

        choice = event.choice
        if not choice.ids:
            self.post_message(Refused("There is no row here to export."))
            return
        rows = "row" if len(choice.ids) == 1 else "rows"
        first = f"{len(choice.ids):,} {rows} · {choice.scope}"
        file = await self.app.push_screen_wait(ChooseFile(first, proposed_path(choice.scope)))
        if file is None:
            return
        who, now = self.desk.operator, self.desk.clock()
        names = (event.campaign, event.members_of)
        about = About(
            "recipients", choice.scope, len(choice.ids), now, who, *names, event.filter, event.sort, choice.marked
        )
        if len(choice.ids) > _MANY:
            self.post_message(Told(f"Writing {first}…"))
        await self._write_file(partial(write_rows, self.desk.store, choice.ids, file, about), file, about)

    @work(group="request")
    async def on_table_export_requested(self, event: TableExportRequested) -> None:
        """Ask for the file and write the whole table."""
        from store.exports.about import About
        from tui.dialogs.export import ChooseFile, proposed_path
        from tui.exporting import write_table

        if not event.count:
            self.post_message(Refused("There is no row here to export."))
            return
        first = f"{several(event.count, event.noun)} · {event.scope}"
        file = await self.app.push_screen_wait(ChooseFile(first, proposed_path(event.scope)))
        if file is None:
            return
        who, now = self.desk.operator, self.desk.clock()
        about = About(event.noun, event.scope, event.count, now, who, sort=event.sort, chosen=event.chosen)
        if event.count > _MANY:
            self.post_message(Told(f"Writing {first}…"))
        write = partial(write_table, self.desk.store, event.read, file, about, event.fields)
        await self._write_file(write, file, about)

    async def _write_file(self, write: Callable[[], int], file: ExportFile, about: About) -> None:
        from store.actions import exports

        try:
            written = await asyncio.to_thread(write)
        except StoreError as error:
            self.post_message(Failed(str(error)))
            return
        note = partial(exports.note_export, self.desk.store, written, str(file.path), about.scope)
        self.write(partial(note, about.who, about.written_at, noun=about.noun))
