"""The screens that are one table: lists, clickers of a link."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from store.queries.campaigns import list_campaigns
from store.rows import LinkRow, ListRow
from tui.keys import key_bar
from tui.messages import Choice, ListOpened, Refused, WordsChanged
from tui.panes.clickers import ClickersPane
from tui.panes.lists import ListsPane
from tui.panes.pane import TablePane
from tui.panes.scope import list_scope, segment_scope
from tui.screens.desk import Desk
from tui.widgets.key_bar import KeyBar
from tui.widgets.note import Note
from tui.widgets.status_line import StatusLine


class TableScreen(Desk):
    """A title, a table, and its keys."""

    heading = ""
    noun = ("row", "rows")

    def pane(self) -> TablePane:
        """Return the pane of this screen."""
        raise NotImplementedError

    def compose(self) -> Iterable[Widget]:
        """Draw title, table and keys."""
        pane = self.pane()
        yield StatusLine(f" {self.heading}", style="title", id="title")
        yield pane
        yield KeyBar(key_bar(pane.kind))
        yield Note()

    def on_words_changed(self, event: WordsChanged) -> None:
        """Count rows and marks in the title."""
        event.stop()
        table = self.query_one(TablePane).table
        words = f"{table.total:,} {self.noun[table.total != 1]}"
        if table.marked:
            words += f" · {table.marked:,} marked"
        self.query_one("#title", StatusLine).show(right=f"{words} ")


class ListsScreen(TableScreen):
    """Selections, projects, reminders, segments; Enter shows the people in the recipients pane."""

    heading = "Lists and segments"
    noun = ("list", "lists")

    def pane(self) -> TablePane:
        """Return the lists."""
        return ListsPane()

    def shelved(self) -> None:
        """Take the marks off."""
        while self.query_one(TablePane).table.clear_marks():
            pass

    def on_list_opened(self, event: ListOpened) -> None:
        """Show the members, or who fits the segment."""
        event.stop()
        row = event.row
        if isinstance(row, ListRow):
            self.desk.show_recipients(list_scope(row))
        elif row.filter is None:
            self.post_message(Refused(f"The segment “{row.name}” cannot be opened: {row.words}"))
        else:
            campaigns = {found.id: found for found in list_campaigns(self.desk.store)}
            campaign = campaigns.get(row.filter.campaign_id or 0)
            self.desk.show_recipients(segment_scope(row, row.filter, campaign))


class ClickersScreen(TableScreen):
    """Who clicked a link."""

    noun = ("clicker", "clickers")

    def __init__(self, link: LinkRow) -> None:
        super().__init__()
        self._link = link
        self.heading = f"Clickers · {link.url}"

    def pane(self) -> TablePane:
        """Return the clickers."""
        return ClickersPane(self._link)

    def decided(self, choice: Choice) -> None:
        """Take the marks off that were decided about."""
        if choice.marked:
            while self.query_one(TablePane).table.clear_marks():
                pass
