"""The recipients pane: a snapshot of the order, with rows that show the newest state."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from textual.widget import Widget

from store.asking import RecipientFilter, Selection, Sort
from store.queries.recipients import RecipientView
from store.rows import CampaignRow, RecipientRow
from store.seen import seen_now
from tui.actions import Context, Pane
from tui.keys import bindings
from tui.messages import Choice, ExportRequested, HistoryRequested, Told, WordsChanged
from tui.panes.holding import hold_marks
from tui.panes.narrowing import NarrowedPane
from tui.panes.scope import Scope
from tui.panes.search_line import SearchLine
from tui.panes.snapshot import Built, FirstRows, ViewBuilder, Wish
from tui.present.recipients import recipient_columns
from tui.widgets.big_table import BigTable
from tui.widgets.row_window import ListedRows
from tui.widgets.table_message import LikeRequested, MarksChanged, Opened, RangeRequested

_FIRST_ROWS = 128
_ALL = Selection(inverted=True)


class RecipientsPane(NarrowedPane):
    """Recipients of a campaign, of a list, or of all campaigns.

    The order is a snapshot taken when the filter or the sort was chosen: rows change their words in place and never
    jump; ``.`` takes a new snapshot. Marks stay while filters change, but only marked rows that are shown are acted on.

    Attributes:
        changed: rows seen changing since the snapshot.
        hidden: marked rows that the filter hides.
    """

    kind: ClassVar[Pane] = "recipients"
    BINDINGS = bindings("recipients")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  (Textual's name)
        super().__init__(id=id)
        self.changed = 0
        self.hidden = 0
        self._view: RecipientView | None = None
        self._builder = ViewBuilder(self)

    def compose(self) -> Iterable[Widget]:
        """Draw the table and, when it is asked for, the line to type a filter in."""
        yield self.heading("2")
        yield BigTable(recipient_columns(several=False), empty="Choose a campaign in pane 1.")
        yield SearchLine(id="search")

    def on_mount(self) -> None:
        """Listen to changes."""
        self.desk.stirred.subscribe(self, self._stirred)

    def on_unmount(self) -> None:
        """Let go of the view."""
        self._builder.stop()
        self._drop_view()

    @property
    def busy(self) -> bool:
        """Whether rows are still on their way."""
        return self._typing is not None or self._builder.busy

    @property
    def stale(self) -> bool:
        """Whether rows changed in a way that a new snapshot may leave out or place elsewhere."""
        return bool(self.changed) and (bool(self.scope.beyond(self.shown)) or self.sort.column != "plan")

    def marked(self) -> int:
        """Return how many of the rows shown are marked."""
        return max(0, self.table.marked - self.hidden)

    def context(self) -> Context:
        """Return what an action would act on now."""
        context = super().context()
        count = self.marked() if self.table.marked else context.count
        of = self.scope.members_of
        return replace(context, count=count, marked=bool(self.marked()), searched=self.searched, members_of=of)

    def subject(self) -> RecipientRow | None:
        """Return the recipient: the marked one if it is one, else the one under the cursor."""
        marks = self.table.selection
        if self._view is not None and not marks.inverted and len(marks.ids) == 1:
            return next(iter(self._view.rows_of(marks.ids).values()), None)
        row = self.table.current
        return row if isinstance(row, RecipientRow) else None

    def campaign_shown(self) -> CampaignRow | None:
        """Return the campaign shown; None for a list or all campaigns."""
        return self.scope.campaign

    async def chosen(self) -> Choice:
        """Return the marked rows that are shown, else the row under the cursor."""
        table = self.table
        if table.marked:
            return await self._choice(table.selection, marked=True)
        ids = () if table.cursor_id is None else (table.cursor_id,)
        return Choice(ids, table.total, self.words(), self.shown.campaign_id, seen=self.seen)

    async def do_export(self) -> None:
        """Ask for the marked rows, or all rows shown, to be written to a file."""
        marked = bool(self.table.marked)
        choice = await self._choice(self.table.selection if marked else _ALL, marked)
        campaign = self.scope.campaign.name if self.scope.campaign else ""
        of = self.scope.words if self.shown.list_id is not None else ""
        self.post_message(ExportRequested(choice, asked=self.shown, sort=self.sort, campaign=campaign, members_of=of))

    def show(self, scope: Scope) -> None:
        """Show other recipients; marks go, the filter stays from one campaign to the next."""
        if scope.fits(self.scope):
            self.scope = scope
            return
        if scope.campaign is None or self.scope.campaign is None or scope.at_first is not None:
            self.filter = scope.at_first or RecipientFilter()
        elif self.scope.filter.domain is not None:
            self.filter = replace(self.filter, domain=None)
        if (scope.campaign is None) != (self.scope.campaign is None):
            self.table.set_columns(recipient_columns(several=scope.campaign is None))
        self.scope, self.sort = scope, Sort()
        self.filter = self.shown = scope.narrowed(self.filter)
        self.release_marks()
        self._paint_first()
        self._builder.build(self.desk.store, Wish(self.filter, self.sort), drawn=True)

    def release_marks(self) -> None:
        """Take all marks off."""
        super().release_marks()
        self.hidden = 0

    def step_on(self) -> None:
        """Go on to the next row (this one was decided about)."""
        self.table.action_cursor_down()

    def do_refresh(self) -> None:
        """Take a new snapshot of the order; cursor and marks stay on their rows."""
        table = self.table
        self._builder.build(self.desk.store, Wish(self.filter, self.sort, table.cursor_id, table.selection))

    def on_big_table_opened(self, event: Opened) -> None:
        """Show the recipient's history."""
        event.stop()
        self.post_message(HistoryRequested(event.row_id))

    def on_big_table_marks_changed(self, event: MarksChanged) -> None:
        """Count the marks anew."""
        event.stop()
        if not event.count:
            self.hidden = 0
        self.post_message(WordsChanged())

    async def on_big_table_range_requested(self, event: RangeRequested) -> None:
        """Mark a long range."""
        event.stop()
        if self._view is not None:
            self.table.mark_ids(await asyncio.to_thread(self._view.ids_between, event.first, event.last))

    async def on_big_table_like_requested(self, event: LikeRequested) -> None:
        """Mark all rows shown whose cell is like this one."""
        event.stop()
        if self._view is not None:
            self.table.mark_ids(await asyncio.to_thread(self._view.like, event.row_id, event.column))

    def on_built(self, event: Built) -> None:
        """Show the new snapshot in place of the old one."""
        event.stop()
        if not self._builder.accept(event):
            return
        old, self._view = self._view, event.view
        hidden = event.hidden if old is None else self._hold_marks(old, event)
        position = event.position
        if position is None:
            position = self.table.cursor_row if event.wish.filter == self.shown else 0
        self.shown, self.hidden, self.changed = event.wish.filter, hidden, 0
        self.table.set_source(event.view, position=position, keep_marks=True)
        self.saw(self._builder.seen)
        self.table.show_sort(event.wish.sort.column, event.wish.sort.reverse)
        narrowed = self.scope.beyond(self.filter)
        self.table.set_empty("Nobody fits the filter; Esc takes it off." if narrowed else "Nobody here.")
        if old is not None:
            old.close()
        self.post_message(WordsChanged())

    async def _choice(self, selection: Selection, marked: bool) -> Choice:
        seen = self.seen
        ids = () if self._view is None else tuple(await asyncio.to_thread(self._view.resolve, selection))
        return Choice(ids, self.table.total, self.words(), self.shown.campaign_id, marked, seen)

    def _hold_marks(self, old: RecipientView, event: Built) -> int:
        """Hold marks on all rows to those of the old snapshot; return how many marked rows the new one hides."""
        if not self.table.selection.inverted:
            return event.hidden
        told = hold_marks(self.table, old)
        if told:
            self.post_message(Told(told))
        marks = self.table.selection
        return len(marks.ids) - len(event.view.resolve(marks))

    def _paint_first(self) -> None:
        """Show the first rows at once if an index has them; nothing of what was shown before may stay."""
        self.table.set_empty("Reading…")
        self.saw(seen_now(self.desk.store))
        if self.scope.beyond(self.filter):
            self.table.set_source(ListedRows())
        else:
            view = RecipientView(self.desk.store)
            self.table.set_source(FirstRows(view.first(self.filter, self.sort, _FIRST_ROWS)))
            view.close()
        self._drop_view()
        self.post_message(WordsChanged())

    def _drop_view(self) -> None:
        old, self._view = self._view, None
        if old is not None:
            old.close()

    async def find(self, *, forward: bool) -> None:
        """Go to the next row that contains the words last searched for, or to the previous one."""
        if self._view is None:
            return
        start = self.table.cursor_row + (1 if forward else -1)
        found = await asyncio.to_thread(self._view.find, self.searched, start, forward)
        if found is None:
            self.post_message(Told(f"No {'further' if forward else 'earlier'} row with “{self.searched}”."))
        else:
            self.table.move_cursor(found)

    def _stirred(self, scopes: frozenset[str]) -> None:
        if self.members_move and "lists" in scopes:
            self.members_move = False
            self.do_refresh()
        if self._view is None or not scopes & {"recipients", "addresses"}:
            return
        seen = seen_now(self.desk.store)
        self.changed += self.table.replace_rows(self._view.rows_of(self.table.held_ids()))
        self.saw(seen, anew=False)
        self.post_message(WordsChanged())
