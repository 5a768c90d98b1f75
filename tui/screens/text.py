"""The screens that are text: history, help, welcome."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.widget import Widget

from store.evidence import RawMailRow
from tui.actions import Pane
from tui.keys import PANE_NAMES, key_bar
from tui.messages import MailsRequested, WordsChanged
from tui.panes.mail import MailPane
from tui.panes.person import PersonPane
from tui.panes.text import HelpPane, HistoryPane, TextPane, WelcomePane
from tui.screens.desk import Desk
from tui.widgets.key_bar import KeyBar
from tui.widgets.note import Note
from tui.widgets.status_line import StatusLine
from tui.widgets.text_lines import TextLines


class TextScreen(Desk):
    """A title, a pane of text, and its keys."""

    AUTO_FOCUS: ClassVar[str] = "TextLines"
    heading = ""

    def pane(self) -> TextPane:
        """Return the pane of this screen."""
        raise NotImplementedError

    def compose(self) -> Iterable[Widget]:
        """Draw title, text and keys."""
        pane = self.pane()
        yield StatusLine(f" {self.heading}", style="title", id="title")
        yield pane
        yield KeyBar(key_bar(pane.kind))
        yield Note()

    def on_mount(self) -> None:
        """Say how far the text is scrolled."""
        self.query_one(TextLines).on_scroll = self._scrolled

    def _scrolled(self, top: int, height: int, lines: int) -> None:
        where = "" if lines <= height else f"lines {top + 1:,}-{min(lines, top + height):,} of {lines:,} "
        self.query_one("#title", StatusLine).show(right=where)


class HelpScreen(TextScreen):
    """All keys."""

    def __init__(self, of: Pane) -> None:
        super().__init__()
        self._of = of
        self.heading = f"Help · {PANE_NAMES[of]}"

    def pane(self) -> TextPane:
        """Return the help."""
        return HelpPane(self._of)


class WelcomeScreen(TextScreen):
    """What to do with an empty store; it gives way as soon as a campaign is there."""

    heading = "aftersend"
    gives_way = True

    def pane(self) -> TextPane:
        """Return the welcome."""
        return WelcomePane()


class HistoryScreen(TextScreen):
    """Everything about one recipient."""

    heading = "History"

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def pane(self) -> TextPane:
        """Return the history."""
        return HistoryPane(self._number)

    def on_words_changed(self, event: WordsChanged) -> None:
        """Name whose it is in the title."""
        event.stop()
        self.query_one("#title", StatusLine).show(f" {self.heading} · {self.query_one(HistoryPane).whose}")

    def on_mails_requested(self, event: MailsRequested) -> None:
        """Show the mails or log lines behind what happened."""
        event.stop()
        self.app.push_screen(MailScreen(event.event_ids, event.whose))


class PersonScreen(HistoryScreen):
    """Everything about one person over all campaigns."""

    heading = "Person"

    def pane(self) -> TextPane:
        """Return the history."""
        return PersonPane(self._number)


class MailScreen(TextScreen):
    """The mails, or lines of logs, that tell of a recipient, one at a time."""

    def __init__(self, event_ids: tuple[int, ...], whose: str) -> None:
        super().__init__()
        self._event_ids = event_ids
        self.heading = f"Mail · {whose}"

    def pane(self) -> TextPane:
        """Return the mails."""
        return MailPane(self._event_ids)

    def on_words_changed(self, event: WordsChanged) -> None:
        """Say in the title which one is shown, and where it lies."""
        event.stop()
        pane = self.query_one(MailPane)
        which = f"{pane.at + 1} of {len(pane.event_ids)}" if len(pane.event_ids) > 1 else ""
        place = f"{pane.raw.where} · {pane.raw.path}" if isinstance(pane.raw, RawMailRow) else ""
        words = " · ".join(part for part in (self.heading, which, place) if part)
        self.query_one("#title", StatusLine).show(f" {words}")
