"""The bounce inbox as a screen."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from store.rows import CampaignRow
from tui.keys import key_bar
from tui.messages import Choice, WordsChanged
from tui.panes.inbox import InboxPane
from tui.present.bounces import grouping_words, left_words
from tui.screens.desk import Desk
from tui.widgets.key_bar import KeyBar
from tui.widgets.note import Note
from tui.widgets.status_line import StatusLine

_WIDE = 100


class InboxScreen(Desk):
    """What failed and waits for a decision, of a campaign or of all; the count left stands in the corner."""

    def __init__(self, campaign: CampaignRow | None) -> None:
        super().__init__()
        self._campaign = campaign

    def compose(self) -> Iterable[Widget]:
        """Draw title, table, words and keys."""
        yield StatusLine(" Bounces", style="title", id="title")
        yield InboxPane(self._campaign)
        yield KeyBar(key_bar("inbox"))
        yield Note()

    def decided(self, choice: Choice) -> None:
        """Step on to the next undecided row."""
        self.query_one(InboxPane).step_on(choice)

    def on_words_changed(self, event: WordsChanged) -> None:
        """Say what is shown, and how much is left."""
        event.stop()
        pane = self.query_one(InboxPane)
        parts = [pane.words()] if pane.within else ["Bounces", pane.words(), grouping_words(pane.by)]
        words = left_words(pane.left, narrow=self.size.width < _WIDE)
        if pane.table.marked:
            words += f" · {pane.table.marked:,} marked"
        self.query_one("#title", StatusLine).show(f" {' · '.join(parts)}", f"{words} ")
