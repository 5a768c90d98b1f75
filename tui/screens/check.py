"""The gate before a send, as a screen; and the mails as people will see them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual import work

from store.cleaning import clean
from store.outbox.content import Message
from store.outbox.gate import Checked
from store.outbox.relay import Relay
from store.outbox.whom import Whom
from tui.inquiries import OverrideRequested, PreviewRequested, TickRequested
from tui.messages import Refused, WordsChanged
from tui.panes.check import CheckPane
from tui.panes.pane import TablePane
from tui.panes.preview import PreviewPane
from tui.panes.text import TextPane
from tui.present.checks import label_of, outcome
from tui.screens.tables import TableScreen
from tui.screens.text import TextScreen
from tui.widgets.status_line import StatusLine


class CheckScreen(TableScreen):
    """What the rules found about a message, and what keeps it from being sent.

    Args:
        read: reads the message; it is read again at every refresh.
        whom: who would get it; None: nobody yet.
        relay: through which it is to go, if that is known.
        campaign_id: the send itself, if it was prepared already; else 0.
    """

    noun = ("finding", "findings")

    def __init__(
        self, read: Callable[[], Message], whom: Whom | None, relay: Relay | None = None, campaign_id: int = 0
    ) -> None:
        super().__init__()
        self._pane = CheckPane(read, whom, relay, campaign_id)
        self.heading = " · ".join(part for part in ("Check", clean(whom.words) if whom is not None else "") if part)

    @property
    def checked(self) -> Checked | None:
        """What came of it last; its ``blocking`` is empty if the message may be sent."""
        return self._pane.checked

    def pane(self) -> TablePane:
        """Return the findings."""
        return self._pane

    def on_words_changed(self, event: WordsChanged) -> None:
        """Say in the title what came of it, or how far it is."""
        event.stop()
        event.prevent_default()
        checked, progress = self._pane.checked, self._pane.progress
        words = outcome(checked) if checked is not None else ""
        if progress is not None:
            words = f"{progress[0]:,} of {progress[1]:,} mails tried"
        title = self.query_one("#title", StatusLine)
        title.show(f" {self.heading}", right=f"{words} ")

    def on_tick_requested(self, event: TickRequested) -> None:
        """Tick it."""
        event.stop()
        from store.actions.vouching import tick

        who, now = self.desk.operator, self.desk.clock()
        self.write(partial(tick, self.desk.store, event.checked.case.message, event.rule, who, now))

    @work(group="request")
    async def on_override_requested(self, event: OverrideRequested) -> None:
        """Ask for the reason, and override it."""
        from store.actions.vouching import override
        from tui.dialogs.naming import AskText

        checked = event.checked
        found = [one.sentence for one in checked.findings if one.rule == event.rule and one.blocks]
        lines = [
            *found[:3],
            f"and {len(found) - 3} more" if len(found) > 3 else "",
            "It is sent in spite of that because:",
        ]
        reason = await self.app.push_screen_wait(
            AskText(
                f"Override: {label_of(event.rule)}",
                lines,
                placeholder="the reason, for the journal",
                needed="An override needs a reason; it stands in the journal.",
            )
        )
        if reason:
            store, who, now = self.desk.store, self.desk.operator, self.desk.clock()
            message = checked.case.message
            self.write(partial(override, store, message, checked.findings, event.rule, reason, who, now))

    def on_preview_requested(self, event: PreviewRequested) -> None:
        """Show the mails."""
        event.stop()
        if event.checked.case.composer is None:
            self.post_message(Refused(f"No mail can be made of it: {event.checked.case.broken}."))
        else:
            self.app.push_screen(PreviewScreen(event.checked, event.whom))


class PreviewScreen(TextScreen):
    """A mail as its recipient will see it."""

    heading = "Mail"

    def __init__(self, checked: Checked, whom: Whom | None) -> None:
        super().__init__()
        composer = checked.case.composer
        assert composer is not None
        self._pane = PreviewPane(checked, composer, whom)

    def pane(self) -> TextPane:
        """Return the mail."""
        return self._pane

    def on_words_changed(self, event: WordsChanged) -> None:
        """Say in the title whose mail it is."""
        event.stop()
        person, many = self._pane.person, len(self._pane.people)
        which = f"{self._pane.at + 1} of {many}" if many > 1 else ""
        whose = clean(person.name or person.address) if person is not None else ""
        words = " · ".join(part for part in (self.heading, which, whose) if part)
        self.query_one("#title", StatusLine).show(f" {words}")
