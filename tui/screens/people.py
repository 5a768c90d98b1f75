"""People over all campaigns as a screen."""

from __future__ import annotations

from tui.inquiries import PeopleByCampaignRequested
from tui.messages import Choice, WordsChanged
from tui.panes.pane import TablePane
from tui.panes.people import PeoplePane
from tui.panes.scope import everybody_scope
from tui.screens.tables import TableScreen
from tui.widgets.status_line import StatusLine


class PeopleScreen(TableScreen):
    """People found by their words; it begins with the line to type them into."""

    heading = "People in all campaigns"
    noun = ("person", "people")

    def pane(self) -> TablePane:
        """Return the people."""
        return PeoplePane()

    def on_mount(self) -> None:
        """Ask for the words."""
        self.soon(self.query_one(PeoplePane).do_filter)

    def decided(self, choice: Choice) -> None:
        """Take the marks off that were decided about."""
        if choice.marked:
            while self.query_one(TablePane).table.clear_marks():
                pass

    def on_people_by_campaign_requested(self, event: PeopleByCampaignRequested) -> None:
        """Show their rows in the recipients pane."""
        event.stop()
        self.desk.show_recipients(everybody_scope(event.text))

    def on_words_changed(self, event: WordsChanged) -> None:
        """Say what is looked for, and whether all of them are found."""
        event.prevent_default()
        super().on_words_changed(event)
        pane = self.query_one(PeoplePane)
        title = self.query_one("#title", StatusLine)
        title.show(f" {self.heading} · “{pane.text}”" if pane.text else f" {self.heading}")
        if pane.looking:
            title.show(right="looking for the others… ")
